// A task that is open here tells so now and then, and says what it hears: who else is at it, whether
// somebody has changed it since. Nobody fills in a form that another has just completed.

import { post } from "./http.js";
import { say } from "./live.js";

const EVERY = 15_000;
let typed = false;

const form = () => document.querySelector("form[data-presence]");

function body(given) {
  const data = new FormData();
  for (const [name, value] of Object.entries(given)) data.set(name, value);
  return data;
}

function tell(box, { says, version, changed, draft }) {
  const here = form();
  const mine = Number(here.elements.version?.value);
  const known = here.elements.draft_seen?.value ?? "";
  const lines = [...says];
  const isOld = version !== mine;
  const isOther = draft && draft.at !== known;
  if (isOld) lines.push(changed);
  if (isOther) lines.push(draft.says);
  const text = lines.join(" · ");
  const words = box.querySelector("[data-company-says]");
  if (words.textContent !== text) {
    words.textContent = text;
    if (text) say(text);
  }
  box.hidden = !text;
  box.querySelector("[data-company-load]").hidden = !(isOld || isOther);
}

async function attend() {
  const here = form();
  if (!here || document.hidden) return;
  const writes = typed;
  typed = false;
  try {
    const answer = await post(here.dataset.presence, body(writes ? { writes: "1" } : {}));
    const box = document.querySelector("[data-company]");
    if (answer.ok && box && here === form()) tell(box, await answer.json());
  } catch {
    // the list says when the server is away
  }
}

function leave(here) {
  if (!here) return;
  const data = body({ leaves: "1" });
  data.set("csrf_token", here.elements.csrf_token?.value ?? "");
  navigator.sendBeacon(here.dataset.presence, data);
}

export function keepCompany() {
  let last = form();
  attend();
  setInterval(attend, EVERY);
  document.addEventListener("input", (event) => {
    if (!event.target.form?.dataset?.presence || typed) return;
    typed = true;
    attend(); // the first key is told at once
    typed = true;
  });
  document.addEventListener("desk:arrived", () => {
    if (form() === last) return;
    leave(last);
    last = form();
    attend();
  });
  document.addEventListener("visibilitychange", () => document.hidden || attend());
  addEventListener("pagehide", () => leave(form()));
}
