// The inbox: walking through the rows by keyboard, opening a task beside them, acting on several at once.

import { openDialog } from "./dialog.js";
import { arrived, fragment, instead, post, tellAway } from "./http.js";
import { onKeys } from "./keys.js";
import { refreshNow, say } from "./live.js";
import { flush } from "./task.js";

const beside = matchMedia("(min-width: 1200px)");

const rows = () => [...document.querySelectorAll("[data-row][data-task]")];
const marked = () => rows().find((row) => row.hasAttribute("data-at"));

// ---- where the keyboard is; it survives the renewal of the list

let at = null;
let place = 0;

function stand(row, { focus = true } = {}) {
  for (const other of rows()) other.toggleAttribute("data-at", other === row);
  at = row?.dataset.task ?? null;
  place = Math.max(0, rows().indexOf(row));
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

let shown = location.search;

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
    shown = url.search;
  } catch (error) {
    instead(error, row.querySelector("a").href);
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
  // back to another task; a jump within the page (the skip link) is told by the same event
  addEventListener("popstate", () => location.search !== shown && location.reload());
}

// ---- what a key does here: to the marked row, or to what is selected

function toggle(row) {
  const box = row?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

const boxes = () => [...document.querySelectorAll('[data-row] input[type="checkbox"]')];
const selected = () => boxes().filter((box) => box.checked);

function toggleAll() {
  const all = boxes();
  const checked = selected().length < all.length;
  for (const box of all) box.checked = checked;
  count();
}

function together(action) {
  const form = document.querySelector("[data-bulk]");
  form?.requestSubmit(form.querySelector(`button[value="${action}"]`));
}

async function send(url, row) {
  if (!url) return say(row?.dataset.reason ?? "");
  const answer = await post(url).catch(tellAway);
  if (!answer) return;
  const body = await answer.json().catch(() => ({}));
  say(body.say ?? body.detail ?? "");
  await refreshNow();
}

const claim = () => (selected().length ? together("claim") : send(marked()?.dataset.claim, marked()));
const release = () => (selected().length ? together("unclaim") : send(marked()?.dataset.unclaim, marked()));

function assign() {
  if (selected().length) return together("reassign");
  const row = marked();
  if (!row?.dataset.assign) return say(row?.dataset.reason ?? "");
  openDialog(`${row.dataset.assign}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

function backToList() {
  const row = rows().find((one) => one.hasAttribute("aria-current")) ?? marked() ?? rows()[0];
  if (row) stand(row);
}

const go = (scope) => document.querySelector(`[data-scope="${scope}"]`)?.click();

onKeys({
  j: () => move(1),
  k: () => move(-1),
  Enter: () => marked()?.querySelector("a").click(),
  o: () => marked() && location.assign(marked().querySelector("a").href),
  x: () => toggle(marked()),
  X: toggleAll,
  c: claim,
  u: release,
  a: assign,
  i: () => document.querySelector("#pane form[data-complete] :is(input:not([type=hidden]), select, textarea):not(:disabled)")?.focus(),
  t: () => document.querySelector("#pane [role=tab][aria-selected=true]")?.focus(),
  f: () => document.querySelector("[data-find]")?.focus(),
  "g m": () => go("mine"),
  "g g": () => go("group"),
  "g u": () => go("upcoming"),
  "g d": () => go("done"),
});

// ---- several at once

function count() {
  const number = document.querySelector("[data-bulk] [data-bulk-count]");
  if (number) number.textContent = String(selected().length);
}

function watchBulk() {
  document.addEventListener("change", (event) => {
    if (event.target.matches('[data-row] input[type="checkbox"]')) count();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-bulk-none]")) return;
    for (const box of boxes()) box.checked = false;
    count();
  });
}

export function watchInbox() {
  if (!document.querySelector("[data-inbox]")) return;
  watchRows();
  watchBulk();
  count();
  // out of the form or the file beside the list, back to the row
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest("#pane, .list__find")) backToList();
  });
  document.addEventListener("desk:changed", () => {
    const all = rows();
    const row = all.find((one) => one.dataset.task === at);
    if (row) row.setAttribute("data-at", "");
    // what stood here is gone: its place is what follows
    else if (at && all.length) stand(all[Math.min(place, all.length - 1)]);
    current(new URL(location.href).searchParams.get("task"));
    count();
  });
}
