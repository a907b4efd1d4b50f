// One-key shortcuts: "j", or two one after the other ("g m"). They rest while somebody types, in a
// dialog, and for whoever turned them off in the sheet that "?" opens.

const KEPT = "kunxin-keys-off";
const PAUSE = 3000; // ms between the two keys of a pair, as they were struck: slow hands have time too
const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable], dialog, svg";

const acts = new Map();
let begun = null;

export function onKeys(given) {
  for (const [keys, act] of Object.entries(given)) acts.set(keys, act);
}

const areOff = () => localStorage.getItem(KEPT) === "1";

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.(TYPING)) return;
  // on a link or a button Enter already has its meaning
  if (event.key === "Enter" && event.target.closest?.("a, button, summary")) return;
  if (event.key !== "?" && areOff()) return;
  const pair = begun && event.timeStamp - begun.at < PAUSE ? `${begun.key} ${event.key}` : null;
  begun = null;
  const act = acts.get(pair) ?? acts.get(event.key);
  if (act) {
    event.preventDefault();
    act();
  } else if ([...acts.keys()].some((keys) => keys.startsWith(`${event.key} `))) {
    begun = { key: event.key, at: event.timeStamp };
  }
}

export function watchKeys() {
  const sheet = document.getElementById("keys");
  for (const line of document.querySelectorAll("[data-keys-line]")) line.hidden = false;
  if (sheet) acts.set("?", () => sheet.showModal());
  document.addEventListener("keydown", pressed);
  for (const box of document.querySelectorAll("[data-keys-off]")) {
    box.checked = areOff();
    box.addEventListener("change", () => localStorage.setItem(KEPT, box.checked ? "1" : ""));
  }
}
