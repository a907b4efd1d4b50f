// Opens in a dialog what would otherwise be a page of its own.
//
//   <a data-dialog href="/desk/tasks/1/reassign">         its page without its frame
//   <form method="get" data-dialog action="/desk/bulk">   the same, with what was chosen
//   <button data-open="keys">                             a <dialog id="keys"> that is already here

import { Away, arrived, fragment, instead, tellAway } from "./http.js";

function frame() {
  let dialog = document.getElementById("desk-dialog");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.id = "desk-dialog";
    dialog.className = "dialog";
    document.body.append(dialog);
    closesOnBackdrop(dialog);
  }
  return dialog;
}

function closesOnBackdrop(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

export async function openDialog(url, sent) {
  const answer = await fragment(url, { sent });
  if (!answer) return;
  const dialog = frame();
  dialog.innerHTML = answer.html;
  const heading = dialog.querySelector("h2[id]");
  if (heading) dialog.setAttribute("aria-labelledby", heading.id);
  if (!dialog.open) dialog.showModal();
  arrived(dialog);
}

function address(form, submitter) {
  // the attributes, not the properties: a field named "action" hides form.action
  const named = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const url = new URL(named, location.href);
  url.search = new URLSearchParams(new FormData(form, submitter)).toString();
  return url.href;
}

export function watchDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) closesOnBackdrop(dialog);

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[data-dialog]");
    if (link) {
      event.preventDefault();
      openDialog(link.href).catch((error) => instead(error, link.href));
      return;
    }
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    const closer = event.target.closest("[data-close]");
    if (closer?.closest("dialog")) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // a form that is only looked at: what it would do, with what stands in it now
    if (event.submitter?.matches("[data-preview]")) {
      event.preventDefault();
      event.stopPropagation();
      const url = event.submitter.formAction;
      const held = event.submitter;
      held.disabled = true;
      openDialog(url, new FormData(form))
        .catch((error) => error instanceof Away && tellAway())
        .finally(() => { held.disabled = false; });
      return;
    }
    if (!form.matches('form[data-dialog][method="get"]')) return;
    event.preventDefault();
    const url = address(form, event.submitter);
    openDialog(url).catch((error) => instead(error, url));
  }, true);

  document.addEventListener("click", (event) => {
    const shown = event.target.closest("[data-shows]")?.dataset.shows;
    if (shown) document.querySelector(`iframe[name="${shown}"]`)?.classList.add("is-shown");
  });

  // a choice that changes what the preview says shows its new result at once
  document.addEventListener("change", (event) => {
    const field = event.target.closest("[data-refresh]");
    if (!field) return;
    const url = address(field.form, null);
    if (field.closest("dialog")) openDialog(url).catch((error) => instead(error, url));
    else location.assign(url);
  });
}
