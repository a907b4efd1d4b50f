// Edits a form, a letter or a table of settings as text; loaded on that page alone (templates/admin/model.html).

import { arrived, post } from "./desk/http.js";
import { opened, read, workbench } from "./modeling/workbench.js";

const INDENT = "  ";

function numbered(area, gutter) {
  const lines = area.value.split("\n").length;
  if (gutter.childElementCount !== lines) {
    gutter.replaceChildren(...Array.from({ length: lines }, (_, place) => Object.assign(document.createElement("span"), { textContent: place + 1 })));
  }
  gutter.scrollTop = area.scrollTop;
}

// By the browser's own command, so that undo knows of it; a browser without one gets the text all the same.
function type(area, text) {
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function edit(root) {
  const config = read(root);
  const area = root.querySelector("[data-text]");
  const gutter = root.querySelector("[data-lines]");
  const { xml, isDraft, isUnsent } = opened(config);
  area.value = xml;
  let found = [];

  const select = (from, to) => {
    area.focus();
    area.setSelectionRange(from, to);
    const line = area.value.slice(0, from).split("\n").length;
    area.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight));
  };
  const lineOf = (finding) => {
    const told = finding.en.match(/\bline (\d+)/); // what does not even parse is told by its line
    if (told) return Number(told[1]);
    const place = finding.element_id ? area.value.indexOf(finding.element_id) : -1;
    return place < 0 ? 1 : area.value.slice(0, place).split("\n").length;
  };
  const draw = () => {
    numbered(area, gutter);
    const lines = new Set(found.map(lineOf));
    [...gutter.children].forEach((one, place) => one.classList.toggle("is-found", lines.has(place + 1)));
  };
  const bench = workbench(root, config, {
    serialize: async () => ({ xml: area.value }),
    mark(findings) {
      found = findings;
      draw();
    },
    go(id) {
      const place = id ? area.value.indexOf(id) : -1;
      if (place >= 0) select(place, place + id.length);
      else select(0, 0);
    },
  });

  area.addEventListener("input", () => {
    draw();
    bench.touched();
  });
  area.addEventListener("scroll", () => (gutter.scrollTop = area.scrollTop));
  let leaves = false; // Esc, then Tab: out of the field by keyboard
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaves = true;
    else if (event.key === "Tab" && !event.shiftKey && !leaves) {
      event.preventDefault();
      type(area, INDENT);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const before = area.value.slice(0, area.selectionStart);
      type(area, `\n${before.slice(before.lastIndexOf("\n") + 1).match(/^[ \t]*/)[0]}`);
    } else if (event.key !== "Shift") leaves = false;
  });
  area.addEventListener("blur", () => (leaves = false));

  // A form is shown as its page would; where it is no form, what is wrong and where.
  const shown = root.querySelector("[data-preview-form]");
  root.querySelector("[data-preview-now]")?.addEventListener("click", async (event) => {
    if (!shown) return; // a letter goes into its frame by the form itself
    event.preventDefault();
    const sent = new FormData();
    sent.set("file", config.file);
    sent.set("text", area.value);
    try {
      const answer = await post(config.urls.preview, sent);
      if (answer.redirected) return location.assign(answer.url);
      shown.innerHTML = await answer.text(); // made by the house's own templates, which escape
      arrived(shown);
      const at = shown.querySelector("[data-at]")?.dataset.at;
      if (at) {
        const [line, column] = at.split(":").map(Number);
        const from = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + column - 1;
        select(from, from + 1);
      }
    } catch {
      bench.say(config.labels.offline, true);
    }
  });
  bench.stand();
  draw();
  if (isDraft) bench.say(config.labels.continued);
  if (isUnsent) bench.touched();
  root.dataset.ready = "true";
}

for (const root of document.querySelectorAll("[data-text-editor]")) edit(root);
