// Speaks to the house's own pages: fragments in, small posts out.

import { isHalfWritten } from "../page/half_written.js";

export function token() {
  return (
    document.querySelector('meta[name="csrf-token"]')?.content ??
    document.querySelector('input[name="csrf_token"]')?.value ??
    ""
  );
}

// Nobody answered: no network, or no office.
export class Away extends Error {}

async function ask(url, given) {
  try {
    return await fetch(url, { credentials: "same-origin", ...given });
  } catch (error) {
    throw new Away(String(error));
  }
}

// A fragment of a page as text, or null when the server has nothing new (304).
export async function fragment(url, { etag, sent } = {}) {
  const headers = { "X-Fragment": "1" };
  if (etag) headers["If-None-Match"] = etag;
  const asked = sent ? { method: "POST", body: sent } : {};
  const answer = await ask(url, { ...asked, headers, cache: "no-store" });
  if (answer.status === 304) return null;
  // a session that has ended answers with the sign-in page: the reader is sent there, not shown it in a corner
  // – unless something is half written: what is sent then is handed back to be sent once more
  if (answer.redirected) {
    if (!isHalfWritten()) location.assign(answer.url);
    return null;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return { html: await answer.text(), etag: answer.headers.get("ETag") };
}

export async function post(url, body) {
  return ask(url, { method: "POST", body, headers: { "X-CSRFToken": token(), Accept: "application/json" } });
}

export const tellAway = () => document.dispatchEvent(new CustomEvent("office:away"));

// A page of its own instead of what could not be brought here. Where nobody answered it could not be brought
// either, and what is half written would go with this page: the reader is told, and stays.
export function instead(error, href) {
  if (error instanceof Away) tellAway();
  else location.assign(href);
}

// What is new on the page is told to those who dress it: form widgets, diagrams.
export function arrived(element) {
  element.dispatchEvent(new CustomEvent("desk:arrived", { bubbles: true, detail: { elt: element } }));
}
