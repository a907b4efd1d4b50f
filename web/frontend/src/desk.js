// What the pages of the office do beyond what their HTML does alone. Every page works without it.

import { keepCompany } from "./desk/company.js";
import { watchDialogs } from "./desk/dialog.js";
import { drawDiagrams } from "./desk/diagrams.js";
import { watchInbox } from "./desk/inbox.js";
import { watchKeys } from "./desk/keys.js";
import { keepLive } from "./desk/live.js";
import { offerMentions } from "./desk/mention.js";
import { offerPalette } from "./desk/palette.js";
import { offerPrinting } from "./desk/print.js";
import { watchSearch } from "./desk/search.js";
import { watchTasks } from "./desk/task.js";
import { offerWholeScreen } from "./desk/whole_screen.js";

watchDialogs();
watchTasks();
watchInbox();
watchKeys();
drawDiagrams();
watchSearch();
offerPalette();
offerMentions();
keepCompany();
keepLive();
offerPrinting();
offerWholeScreen();
