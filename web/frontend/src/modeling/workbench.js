// The bar above an editor and the list below it: draft, check by the gate, download, hand in.

import { post } from "../desk/http.js";
import { draftOf } from "./draft.js";

const PAUSE = 900; // ms without a change until the draft is sent

export function read(root) {
  const [config, labels] = [...root.querySelectorAll('script[type="application/json"]')].map((one) => JSON.parse(one.textContent));
  return { ...config, labels };
}

// What to open: what this browser could not send where nobody kept the file since, else the office's.
export function opened(config) {
  const left = draftOf(config).left();
  const goesOn = left !== null && left.seen === config.revision && left.text !== config.xml;
  return { xml: goesOn ? left.text : config.xml, isDraft: goesOn || config.revision > 0, isUnsent: goesOn };
}

// `serialize`: the file as text. `mark`: show the findings of this file on it. `go`: select what one is about.
export function workbench(root, config, { serialize, mark, go }) {
  const { labels, file, urls } = config;
  const draft = draftOf(config);
  const say = (text, isWrong = false) => {
    const told = root.querySelector("[data-told]");
    told.textContent = text;
    told.classList.toggle("w-over", isWrong);
  };
  let waiting = null;
  let changed = false;
  let sending = null;

  async function keep() {
    clearTimeout(waiting);
    waiting = null;
    await sending;
    if (!changed) return true;
    changed = false;
    const { xml } = await serialize();
    sending = draft.keep(xml);
    const outcome = await sending;
    sending = null;
    if (outcome.state !== "kept") changed = true;
    const told = { kept: labels.kept, lost: labels.notKept, conflict: labels.conflict, refused: outcome.told };
    say(told[outcome.state], outcome.state !== "kept");
    root.querySelector("[data-conflict]").hidden = outcome.state !== "conflict";
    stand();
    return outcome.state === "kept";
  }

  function touched() {
    changed = true;
    clearTimeout(waiting);
    waiting = setTimeout(keep, PAUSE);
    say(labels.changing);
  }

  function stand() {
    const { names, report, isStale } = draft.read();
    for (const button of root.querySelectorAll("[data-needs-draft]")) button.disabled = names.size === 0;
    for (const tag of root.querySelectorAll("[data-changed]")) tag.hidden = !names.has(tag.dataset.changed);
    root.querySelector("[data-stale]").hidden = !(report && isStale);
    list(report);
    mark((report?.findings ?? []).map((one, place) => ({ ...one, number: place + 1 })).filter((one) => one.file === file));
  }

  function list(report) {
    const box = root.querySelector("[data-findings]");
    const verdict = root.querySelector("[data-verdict]");
    if (!report) {
      verdict.textContent = labels.notChecked;
      box.replaceChildren();
      return;
    }
    const { refusals, warnings, repairs } = report;
    verdict.textContent = labels.verdict.replace("{a}", refusals).replace("{b}", warnings).replace("{c}", repairs);
    verdict.classList.toggle("w-over", refusals > 0);
    verdict.classList.toggle("w-ok", refusals === 0);
    box.replaceChildren(...report.findings.map((one, place) => finding(one, place + 1)));
  }

  // Names and sentences hold what the diagram holds: text, never markup.
  function finding(one, number) {
    const state = { refusal: "bad", warning: "warn", repaired: "mended" }[one.severity];
    const item = document.createElement("li");
    item.className = `finding finding--${state}`;
    item.id = `f${number}`;
    const badge = document.createElement("span");
    badge.className = "finding__n";
    badge.textContent = number;
    const body = document.createElement("div");
    const head = document.createElement("h3");
    const link = document.createElement("a");
    link.textContent = one.name || one.file;
    link.href = one.file === file ? `#${one.element_id}` : `?file=${encodeURIComponent(one.file)}#${one.element_id}`;
    if (one.file === file) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        go(one.element_id, one);
      });
    }
    const canOpen = config.files.includes(one.file);
    head.append(canOpen ? link : one.name || one.file, " ", Object.assign(document.createElement("span"), { className: "tag", textContent: labels.severities[one.severity] }));
    const place = document.createElement("p");
    place.className = "micro faint";
    place.append(Object.assign(document.createElement("code"), { textContent: `${one.file}${one.element_id ? `#${one.element_id}` : ""}` }));
    const sentence = document.createElement("p");
    sentence.className = "finding__say";
    sentence.textContent = config.language === "en" ? one.en.charAt(0).toUpperCase() + one.en.slice(1) : one.zh;
    body.append(head, place, sentence);
    item.append(badge, body);
    return item;
  }

  async function sent(url) {
    if (!(await keep())) return null;
    try {
      const answer = await post(url);
      if (answer.ok && !answer.redirected) return answer;
      say(labels.refused, true);
    } catch {
      say(labels.offline, true);
    }
    return null;
  }

  const acts = {
    async check() {
      say(labels.checking);
      const answer = await sent(urls.check);
      if (!answer) return;
      draft.judged(await answer.json());
      say(labels.checked);
      stand();
    },
    async "hand-in"() {
      say(labels.handingIn);
      const answer = await sent(urls.handIn);
      if (!answer) return;
      const { href } = await answer.json();
      location.assign(href);
    },
    async archive() {
      const answer = await sent(urls.archive);
      if (!answer) return;
      save(await answer.blob(), config.archive);
      say("");
    },
    async download() {
      const { xml } = await serialize();
      save(new Blob([xml], { type: "application/octet-stream" }), file.split("/").pop());
    },
    discard: () => root.querySelector("[data-discard]").showModal(),
    "keep-on": () => root.querySelector("[data-discard]").close(),
    "load-theirs"() {
      changed = false;
      draft.taken();
      location.reload();
    },
  };
  root.addEventListener("click", (event) => {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (!(name in acts)) return;
    const button = event.target.closest("button");
    button.setAttribute("aria-busy", "true");
    Promise.resolve(acts[name]()).finally(() => button.removeAttribute("aria-busy"));
  });
  root.querySelector("[data-discard] form").addEventListener("submit", () => {
    changed = false;
    clearTimeout(waiting);
    draft.taken();
  });
  addEventListener("pagehide", keep);
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  return { touched, stand, keep, say };
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
