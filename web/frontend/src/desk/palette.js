// Ctrl-K: one search over everything, from any page of the office. The arrows walk through what was
// found, Enter follows, typing goes on in the field. Without it the page /search does the same.

import { fragment } from "./http.js";

const PAUSE = 150; // ms without a keystroke after which it is asked

export function offerPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("input[type=search]");
  const found = dialog.querySelector("[data-found]");
  let waiting = null;
  let asked = 0;

  async function ask() {
    const mine = ++asked;
    const url = `${field.form.action}?q=${encodeURIComponent(field.value)}`;
    try {
      const answer = await fragment(url);
      if (answer && mine === asked) found.innerHTML = answer.html; // a later question has overtaken it
    } catch {
      if (mine === asked) found.textContent = dialog.dataset.lost;
    }
  }

  function walk(step) {
    const links = [...found.querySelectorAll("a")];
    const here = links.indexOf(document.activeElement);
    const next = here + step;
    if (next < 0) field.focus();
    else links[Math.min(next, links.length - 1)]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (dialog.open) return dialog.close();
    if (document.querySelector("dialog[open]")) return;
    dialog.showModal();
    field.select();
  });
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      walk(step);
    } else if (event.key === "Escape") {
      event.preventDefault(); // a search field would only empty itself
      dialog.close();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.target !== field) {
      field.focus();
    }
  });
}
