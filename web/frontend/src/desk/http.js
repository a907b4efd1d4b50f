// Speaks to the house's own pages: fragments in, small posts out.

export function token() {
  return (
    document.querySelector('meta[name="csrf-token"]')?.content ??
    document.querySelector('input[name="csrf_token"]')?.value ??
    ""
  );
}

const isHalfWritten = () =>
  [...document.querySelectorAll("form[method=post] :is(textarea, input:not([type=hidden]))")].some(
    (one) => one.value !== one.defaultValue || one.checked !== one.defaultChecked,
  );

// A fragment of a page as text, or null when the server has nothing new (304).
export async function fragment(url, { etag, sent } = {}) {
  const headers = { "X-Fragment": "1" };
  if (etag) headers["If-None-Match"] = etag;
  const asked = sent ? { method: "POST", body: sent } : {};
  const answer = await fetch(url, { ...asked, headers, cache: "no-store", credentials: "same-origin" });
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
  return fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token(), Accept: "application/json" },
    credentials: "same-origin",
  });
}

// What is new on the page is told to those who dress it: form widgets, diagrams.
export function arrived(element) {
  element.dispatchEvent(new CustomEvent("desk:arrived", { bubbles: true, detail: { elt: element } }));
}
