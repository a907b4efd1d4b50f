// Forms that work without this and are calmer with it: questions that are not asked hide,
// texts show how much room is left, a button is pressed once, the summary of errors is read first.

import { isHalfWritten } from "./page/half_written.js";

function answersOf(form, name) {
  const controls = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  const [only] = controls;
  if (controls.length === 1 && only.type === "checkbox" && only.value === "true") {
    return only.disabled ? [] : [String(only.checked)];
  }
  return controls
    .filter((control) => !control.disabled)
    .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
    .map((control) => control.value);
}

function ask(form) {
  for (const field of form.querySelectorAll("[data-asked-if]")) {
    const accepted = field.dataset.askedIn.split("|");
    const asked = answersOf(form, field.dataset.askedIf).some((value) => accepted.includes(value));
    field.hidden = !asked;
    for (const control of field.querySelectorAll("input, select, textarea")) control.disabled = !asked;
  }
  for (const box of form.querySelectorAll("[data-opens]")) {
    const blanks = document.getElementById(box.dataset.opens);
    if (blanks) blanks.hidden = !box.checked;
  }
}

function countLength(text) {
  const most = Number(text.dataset.most);
  const note = document.createElement("span");
  note.className = "hint right";
  note.setAttribute("aria-live", "polite");
  text.after(note);
  const show = () => {
    note.textContent = text.value.length > most * 0.7 ? `${text.value.length} / ${most}` : "";
  };
  text.addEventListener("input", show);
  show();
}

// Without a network, or while the office does not answer, nothing is sent: the browser's own page of errors
// would take the answers with it. Who fills in a form has the office asked at each pause whether it is there.

const PAUSE = 800; // after the last key
const FRESH = 2_000; // what was heard so lately is still true
const AGAIN_AFTER = 2_000;
const LONGEST = 8_000;
const GATEWAY = [502, 504]; // a proxy that reaches nobody behind it
let isAway = false;
let askedAt = 0;
let again = null;
let pausing = null;
let isLeaving = false;

const isCutOff = () => isAway || !navigator.onLine;

function tellOffline(isAsked) {
  const told = document.querySelector("[data-offline]");
  if (!told) return;
  const words = told.querySelector("b");
  words.dataset.network ??= words.textContent;
  words.textContent = navigator.onLine ? words.dataset.away : words.dataset.network;
  told.hidden = !isCutOff();
  if (isAsked && !told.hidden) told.focus();
}

async function askOffice() {
  const told = document.querySelector("[data-offline]");
  if (!told) return;
  askedAt = Date.now();
  clearTimeout(again);
  const patience = new AbortController();
  const waiting = setTimeout(() => patience.abort(), LONGEST);
  const was = isAway;
  try {
    const answer = await fetch(told.dataset.offline, { method: "HEAD", cache: "no-store", signal: patience.signal });
    isAway = GATEWAY.includes(answer.status);
  } catch {
    isAway = !isLeaving; // what is cut off by going to another page says nothing
  } finally {
    clearTimeout(waiting);
  }
  tellOffline(false);
  if (isAway) again = setTimeout(askOffice, AGAIN_AFTER);
  else if (was) document.dispatchEvent(new CustomEvent("office:back"));
}

function prepare(root) {
  for (const form of root.querySelectorAll("form")) {
    if (form.dataset.ready) continue;
    form.dataset.ready = "1";
    for (const note of form.querySelectorAll("[data-condition]")) note.hidden = true;
    for (const text of form.querySelectorAll("[data-most]")) countLength(text);
    ask(form);
    form.addEventListener("change", () => ask(form));
    form.addEventListener("submit", (event) => {
      if (isCutOff()) {
        event.preventDefault();
        if (isAway) askOffice();
        return tellOffline(true);
      }
      if (form.dataset.sent) return event.preventDefault();
      if (form.method === "post" && !form.target) form.dataset.sent = "1"; // one that opens elsewhere may be sent again
    });
  }
}

prepare(document);
tellOffline(false);
for (const change of ["online", "offline"]) window.addEventListener(change, () => tellOffline(false));
const askAnew = () => Date.now() - askedAt > FRESH && askOffice();
document.addEventListener("input", (event) => {
  if (event.target.form?.method !== "post") return;
  clearTimeout(pausing);
  pausing = setTimeout(askAnew, PAUSE);
});
// who comes to the button is about to press it
document.addEventListener("focusin", (event) => {
  if (event.target.matches("form[method=post] button") && isHalfWritten()) askAnew();
});
document.addEventListener("office:away", () => isAway || askOffice());
window.addEventListener("beforeunload", (event) => {
  if (isCutOff() && isHalfWritten()) event.preventDefault();
});
document.addEventListener("desk:arrived", (event) => prepare(event.detail.elt.parentElement ?? document));
window.addEventListener("pagehide", () => { isLeaving = true; });
window.addEventListener("pageshow", () => {
  isLeaving = false;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
const problems = document.getElementById("problems");
if (problems) {
  document.title = `${problems.dataset.title} · ${document.title}`;
  problems.focus();
}
// where a row of links is wider than a phone, the one that is open is in sight
for (const here of document.querySelectorAll(":is(.nav, .subnav, .tabs, .rail) [aria-current]")) {
  const row = here.closest("nav > div, nav, .tabs");
  if (row && row.scrollWidth > row.clientWidth) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}
