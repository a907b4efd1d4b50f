// Forms that work without this and are calmer with it: questions that are not asked hide,
// texts show how much room is left, a button is pressed once, the summary of errors is read first.

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

// Without a network nothing is sent: the browser's own page of errors would take the answers with it.
function tellOffline(isAsked) {
  const told = document.querySelector("[data-offline]");
  if (!told) return;
  told.hidden = navigator.onLine;
  if (isAsked && !told.hidden) told.focus();
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
      if (!navigator.onLine) {
        event.preventDefault();
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
document.addEventListener("desk:arrived", (event) => prepare(event.detail.elt.parentElement ?? document));
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
document.getElementById("problems")?.focus();
// where a row of links is wider than a phone, the one that is open is in sight
for (const here of document.querySelectorAll(":is(.nav, .subnav, .tabs, .rail) [aria-current]")) {
  const row = here.closest("nav > div, nav, .tabs");
  if (row && row.scrollWidth > row.clientWidth) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}
