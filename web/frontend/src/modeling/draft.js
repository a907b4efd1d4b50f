// The work on a version, kept at the office until it is handed in or thrown away: a reload, another window or
// another computer goes on where it was. What could not be sent yet lies in this browser meanwhile.

import { token } from "../desk/http.js";

const PUT_BY = "kunxin.model.";

// `config`: {definition, file, revision, changed: names, report, isStale, urls}
export function draftOf(config) {
  const held = { revision: config.revision, names: new Set(config.changed), report: config.report, isStale: config.isStale };
  const key = `${PUT_BY}${config.definition}.${config.file}`;
  const put = () => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };
  const putBy = (text) => {
    try {
      localStorage.setItem(key, JSON.stringify({ seen: held.revision, text }));
    } catch {
      // no room left: it is then only on the page, and the page says that it is not kept
    }
  };
  const taken = () => localStorage.removeItem(key);

  // "kept", "conflict", "lost" (no connection, signed out), or what the office says of it
  async function keep(text, seen = held.revision) {
    putBy(text);
    let answer;
    try {
      answer = await fetch(config.urls.draft, {
        method: "POST",
        body: JSON.stringify({ file: config.file, text, seen }),
        headers: { "X-CSRFToken": token(), "Content-Type": "application/json", Accept: "application/json" },
        credentials: "same-origin",
      });
    } catch {
      return { state: "lost" };
    }
    if (answer.status === 409) return { state: "conflict" };
    if (answer.status === 422) return { state: "refused", told: (await answer.json()).detail };
    if (!answer.ok || answer.redirected) return { state: "lost" };
    held.revision = (await answer.json()).revision;
    held.isStale = held.report !== null;
    if (held.revision) held.names.add(config.file);
    else held.names.delete(config.file);
    taken();
    return { state: "kept" };
  }

  return {
    keep,
    taken,
    read: () => held,
    // what this browser could not send the last time
    left() {
      const found = put();
      return found && typeof found.text === "string" ? found : null;
    },
    judged(report) {
      held.report = report;
      held.isStale = false;
    },
  };
}
