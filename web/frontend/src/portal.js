// Uploads with progress, and the fingerprint of a file computed here: without this both still work.

const MOST = 20 * 1024 * 1024;

document.documentElement.classList.add("has-script");

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function send(form, file, told) {
  return new Promise((resolve) => {
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = Math.round((100 * loaded) / total);
      told.textContent = fill(told.dataset.told, { name: file.name, percent });
    });
    const failed = () => resolve(told.dataset.failed);
    request.addEventListener("load", () => {
      if (request.status === 201) resolve("");
      else resolve(request.response?.problem || told.dataset.failed);
    });
    request.addEventListener("error", failed);
    request.send(body);
  });
}

async function upload(form, files) {
  const told = form.querySelector("[data-progress]");
  const fail = (sentence) => {
    told.textContent = sentence;
    told.classList.add("w-over");
  };
  told.classList.remove("w-over");
  const large = files.find((file) => file.size > MOST);
  if (large) return fail(told.dataset.large + large.name);
  for (const file of files) {
    const problem = await send(form, file, told);
    if (problem) return fail(`${file.name}: ${problem}`);
  }
  if (!files.length) return;
  const section = form.closest("[id]");
  if (section) history.replaceState(null, "", `#${section.id}`);
  location.reload();
}

for (const form of document.querySelectorAll("[data-upload]")) {
  const input = form.querySelector('input[type="file"]');
  const taken = () => {
    const files = [...input.files];
    input.value = ""; // the same file may be chosen again after a refusal
    return upload(form, files);
  };
  input.addEventListener("change", taken);
  if (input.files.length) taken(); // chosen while this script was still on its way
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    upload(form, [...event.dataTransfer.files]);
  });
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

for (const box of document.querySelectorAll("[data-fingerprint]")) {
  if (!globalThis.crypto?.subtle) continue;
  box.hidden = false;
  const expected = document.getElementById(box.dataset.fingerprint).textContent.trim();
  const told = box.querySelector("[role=status]");
  box.querySelector("input").addEventListener("change", async ({ target }) => {
    const found = hex(await crypto.subtle.digest("SHA-256", await target.files[0].arrayBuffer()));
    const same = found === expected;
    told.textContent = same ? told.dataset.same : told.dataset.other;
    told.className = `state-word ${same ? "w-ok" : "w-over"}`;
  });
}
