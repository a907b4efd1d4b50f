// Keeps a page true: asks one address now and then and changes only what the server says has changed.
//
//   <main data-live="/desk/rows?scope=mine" data-live-every="15" data-live-lost="连不上…">
//     <div data-slot="rows">…</div>
//
// The answer holds elements with the same `data-slot`; their content replaces what stands here.

import { arrived, fragment } from "./http.js";

let renew = async () => {};
let running = null;
let asked = false;

const refresh = () => (running ??= renew().finally(() => (running = null)));

// One line for who does not see what changed.
export function say(text) {
  const note = document.querySelector("[data-say]");
  if (note) note.textContent = text;
}

// After an act of the reader's own, which has said what it did.
export async function refreshNow() {
  asked = true;
  await running; // begun before the act, it may not know of it
  await refresh();
  asked = false;
}

// Somebody who is typing or choosing here must not have it pulled away.
function isBusy(slot) {
  if (document.querySelector("dialog[open]")) return true;
  const focused = document.activeElement;
  return slot.contains(focused) && focused.matches("input:not([type=checkbox]), select, textarea");
}

function change(slot, fresh) {
  const checked = new Set([...slot.querySelectorAll("input:checked")].map((box) => box.value));
  const focused = slot.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.getAttribute("href") ?? focused?.value;
  const opened = new Set([...slot.querySelectorAll("details[open][id]")].map((details) => details.id));
  slot.replaceChildren(...fresh.childNodes);
  for (const box of slot.querySelectorAll("input[type=checkbox]")) box.checked = checked.has(box.value);
  for (const id of opened) slot.querySelector(`details[id="${CSS.escape(id)}"]`)?.setAttribute("open", "");
  if (key) {
    const again = [...slot.querySelectorAll("a[href], input")].find(
      (element) => (element.getAttribute("href") ?? element.value) === key && element.tagName === focused.tagName,
    );
    again?.focus({ preventScroll: true });
  }
  arrived(slot);
}

function take(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const number = () => document.querySelector('[data-slot="count"]')?.textContent.trim();
  const before = number();
  for (const part of fresh.querySelectorAll("[data-slot]")) {
    const slot = document.querySelector(`[data-slot="${part.dataset.slot}"]`);
    if (slot) change(slot, part);
  }
  const said = document.querySelector("[data-live-said]")?.dataset.liveSaid;
  if (said && number() !== before && !asked) say(said.replace("{n}", number()));
  document.dispatchEvent(new CustomEvent("desk:changed"));
}

export function keepLive() {
  const host = document.querySelector("[data-live]");
  if (!host) return;
  const note = document.querySelector("[data-live-note]");
  let etag = host.dataset.liveEtag || null;

  renew = async () => {
    try {
      const answer = await fragment(host.dataset.live, { etag });
      if (note) note.hidden = true;
      if (answer && [...document.querySelectorAll("[data-slot]")].some(isBusy)) return;
      if (answer) {
        etag = answer.etag;
        take(answer.html);
      }
    } catch {
      if (note) note.hidden = false;
    }
  };

  const every = Number(host.dataset.liveEvery || 15) * 1000;
  setInterval(() => document.hidden || refresh(), every);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
}
