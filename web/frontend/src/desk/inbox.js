// The inbox: walking through the rows by keyboard, opening a task beside them, acting on several at once.

import { arrived, fragment, post } from "./http.js";
import { refreshNow } from "./live.js";
import { flush } from "./task.js";

const beside = matchMedia("(min-width: 1200px)");

const rows = () => [...document.querySelectorAll(".trow[data-task]")];
const marked = () => rows().find((row) => row.hasAttribute("data-at"));

function say(text) {
  const note = document.querySelector("[data-say]");
  if (note) note.textContent = text;
}

// ---- where the keyboard is; it survives the renewal of the list

let at = null;

function stand(row, { focus = true } = {}) {
  for (const other of rows()) other.toggleAttribute("data-at", other === row);
  at = row?.dataset.task ?? null;
  if (!row) return;
  row.scrollIntoView({ block: "nearest" });
  if (focus) row.querySelector("a").focus({ preventScroll: true });
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(marked());
  const current = here < 0 ? all.findIndex((row) => row.hasAttribute("aria-current")) : here;
  const next = current < 0 ? (step > 0 ? 0 : all.length - 1) : current + step;
  stand(all[Math.min(all.length - 1, Math.max(0, next))]);
}

// ---- the task beside the list

function current(id) {
  for (const row of rows()) {
    if (row.dataset.task === id) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

async function openBeside(row, { push = true } = {}) {
  const pane = document.getElementById("pane");
  flush();
  pane.setAttribute("aria-busy", "true");
  try {
    const answer = await fragment(row.dataset.pane);
    if (!answer) return;
    pane.innerHTML = answer.html;
    pane.scrollTop = 0;
    arrived(pane);
    current(row.dataset.task);
    stand(row, { focus: false });
    const url = new URL(location.href);
    url.searchParams.set("task", row.dataset.task);
    if (push) history.pushState({ task: row.dataset.task }, "", url);
  } catch {
    location.assign(row.querySelector("a").href);
  } finally {
    pane.removeAttribute("aria-busy");
  }
}

function watchRows() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".trow[data-pane] a");
    if (!link || !beside.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openBeside(link.closest(".trow"));
  });
  addEventListener("popstate", () => location.reload());
}

// ---- keys

function toggle(row) {
  const box = row?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

async function claim(row) {
  if (!row?.dataset.claim) return say(row?.dataset.reason ?? "");
  const answer = await post(row.dataset.claim);
  const body = await answer.json().catch(() => ({}));
  say(body.say ?? body.detail ?? "");
  await refreshNow();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  Enter: () => marked()?.querySelector("a").click(),
  c: () => claim(marked()),
  x: () => toggle(marked()),
  "?": () => document.getElementById("keys")?.showModal(),
};

function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable], dialog, svg")) return;
    // on a link or a button Enter already has its meaning
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

// ---- several at once

function count() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll('.trow input[type="checkbox"]')];
  const chosen = boxes.filter((box) => box.checked).length;
  const number = bar.querySelector("[data-bulk-count]");
  if (number) number.textContent = String(chosen);
}

function watchBulk() {
  document.addEventListener("change", (event) => {
    if (event.target.matches('.trow input[type="checkbox"]')) count();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-bulk-none]")) return;
    for (const box of document.querySelectorAll('.trow input[type="checkbox"]')) box.checked = false;
    count();
  });
}

export function watchInbox() {
  if (!document.querySelector("[data-inbox]")) return;
  watchRows();
  watchKeys();
  watchBulk();
  count();
  document.addEventListener("desk:changed", () => {
    const row = rows().find((one) => one.dataset.task === at);
    if (row) row.setAttribute("data-at", "");
    current(new URL(location.href).searchParams.get("task"));
    count();
  });
}
