// One task: tabs, the draft that saves itself, and the keys that complete it.

import { arrived, fragment, instead, post, tellAway } from "./http.js";

const PAUSE = 1200; // ms without a keystroke after which a draft is saved

// ---- tabs: links that work alone; here they open in place

async function openTab(link) {
  const list = link.closest("[role=tablist]");
  const panel = document.getElementById(link.getAttribute("aria-controls"));
  if (!panel) return location.assign(link.href);
  for (const other of list.querySelectorAll("[role=tab]")) {
    const isThis = other === link;
    other.setAttribute("aria-selected", String(isThis));
    other.tabIndex = isThis ? 0 : -1;
    const its = document.getElementById(other.getAttribute("aria-controls"));
    if (its) its.hidden = !isThis;
  }
  if (list.dataset.remember) history.replaceState(history.state, "", link.href);
  if (panel.dataset.source && !panel.dataset.loaded) {
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fragment(panel.dataset.source);
      if (!answer) return;
      panel.innerHTML = answer.html;
      panel.dataset.loaded = "true";
      arrived(panel);
    } catch (error) {
      instead(error, link.href);
    } finally {
      panel.removeAttribute("aria-busy");
    }
  }
}

function watchTabs() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[role=tablist] [role=tab]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openTab(link);
  });
  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.("[role=tablist] [role=tab]");
    if (!link) return;
    const all = [...link.closest("[role=tablist]").querySelectorAll("[role=tab]")];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step
      ? all[(all.indexOf(link) + step + all.length) % all.length]
      : { Home: all[0], End: all.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
    openTab(next);
  });
}

// ---- the draft

const waiting = new Map();
const unsaved = new Set(); // forms whose draft found nobody; they are saved when the office is back

async function save(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  unsaved.delete(form);
  const state = form.querySelector("[data-draft-state]");
  try {
    const answer = await post(form.dataset.draft, new FormData(form));
    const { at, seen, detail } = await answer.json().catch(() => ({}));
    if (answer.ok && form.elements.draft_seen) form.elements.draft_seen.value = seen;
    if (state) {
      state.hidden = false;
      state.textContent = answer.ok ? state.dataset.saved.replace("{at}", at) : detail ?? state.dataset.lost;
    }
  } catch {
    unsaved.add(form);
    tellAway();
    if (state) {
      state.hidden = false;
      state.textContent = state.dataset.lost;
    }
  }
}

function watchDrafts() {
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form?.dataset.draft) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => save(form), PAUSE));
  });
  document.addEventListener("submit", (event) => {
    clearTimeout(waiting.get(event.target));
    waiting.delete(event.target);
  });
  document.addEventListener("office:back", () => {
    for (const form of [...unsaved]) form.isConnected ? save(form) : unsaved.delete(form);
  });
  // what is still unsaved when the reader leaves goes along: a beacon outlives the page
  addEventListener("pagehide", flush);
}

export function flush() {
  for (const form of [...waiting.keys()]) {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    if (form.isConnected) navigator.sendBeacon(form.dataset.draft, new FormData(form));
  }
}

// ---- completing

function watchCompletion() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest?.("form[data-complete]") ?? document.querySelector("form[data-complete]");
    if (!form || document.querySelector("dialog[open]")) return;
    const button = form.querySelector("button[data-primary]:not([disabled])");
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
}

export function watchTasks() {
  watchTabs();
  watchDrafts();
  watchCompletion();
}
