// A note that names a colleague: after "@" the names that begin so are offered; arrows and Enter choose.

const PAUSE = 120;
const BEGUN = /@([\p{L}\p{N}·]{0,20})$/u;

function offer(text) {
  const list = document.createElement("ul");
  list.className = "mention";
  list.id = "mention-list";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  text.after(list);
  text.dataset.offered = "1";
  text.setAttribute("aria-haspopup", "listbox");
  text.setAttribute("aria-controls", list.id);
  text.setAttribute("aria-autocomplete", "list");
  let at = -1;
  let waiting = null;

  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    at = -1;
    text.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    at = (place + options().length) % options().length;
    for (const [number, option] of options().entries()) option.setAttribute("aria-selected", String(number === at));
    text.setAttribute("aria-activedescendant", options()[at].id);
  };
  const take = (name) => {
    const before = text.value.slice(0, text.selectionStart).replace(BEGUN, `@${name} `);
    const after = text.value.slice(text.selectionStart);
    text.value = before + after;
    text.setSelectionRange(before.length, before.length);
    close();
    text.focus();
  };
  async function ask() {
    const begun = BEGUN.exec(text.value.slice(0, text.selectionStart));
    if (!begun) return close();
    const answer = await fetch(`${text.dataset.mention}?q=${encodeURIComponent(begun[1])}`, { credentials: "same-origin" });
    if (!answer.ok) return close();
    const people = await answer.json();
    if (!people.length) return close();
    list.replaceChildren(
      ...people.map(([name, unit], number) => {
        const option = document.createElement("li");
        option.id = `mention-${number}`;
        option.setAttribute("role", "option");
        option.textContent = unit ? `${name} · ${unit}` : name;
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(name);
        });
        option.dataset.name = name;
        return option;
      }),
    );
    list.hidden = false;
    mark(0);
  }

  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  text.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(at + step);
    else if (event.key === "Enter" || event.key === "Tab") take(options()[at].dataset.name);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  text.addEventListener("blur", () => setTimeout(close, PAUSE));
}

const ready = (root) => {
  for (const text of root.querySelectorAll("[data-mention]:not([data-offered])")) offer(text);
};

// a note written beside the list leads back to the list
function rememberPlace(event) {
  const here = event.target.querySelector?.("[data-here]");
  if (here && !here.value) here.value = location.pathname + location.search;
}

export function offerMentions() {
  document.addEventListener("submit", rememberPlace, true);
  ready(document);
  document.addEventListener("desk:arrived", (event) => ready(event.target));
}
