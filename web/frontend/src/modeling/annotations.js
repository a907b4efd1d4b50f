// The article of a row stands in an annotation (DMN 1.2 and later); the editor knows it as the row's description.

const rules = (document) => [...document.getElementsByTagNameNS("*", "rule")];
const own = (rule, name) => [...rule.children].filter((one) => one.localName === name);
const written = (document) => `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(document).replace(/^<\?xml[^>]*\?>\s*/, "")}`;

function parsed(xml) {
  const document = new DOMParser().parseFromString(xml, "application/xml");
  return document.querySelector("parsererror") ? null : document;
}

function element(rule, name, text) {
  const prefix = rule.prefix ? `${rule.prefix}:` : "";
  const made = rule.ownerDocument.createElementNS(rule.namespaceURI, `${prefix}${name}`);
  made.textContent = text;
  return made;
}

// Only rows with one annotation and no description of their own change places: nothing else can be lost.
export function articlesIn(xml) {
  const document = parsed(xml);
  if (!document) return xml;
  for (const rule of rules(document)) {
    const [entry, ...more] = own(rule, "annotationEntry");
    if (!entry || more.length || own(rule, "description").length) continue;
    rule.prepend(element(rule, "description", entry.textContent.trim()));
    entry.remove();
  }
  return written(document);
}

export function articlesOut(xml) {
  const document = parsed(xml);
  if (!document) return xml;
  for (const rule of rules(document)) {
    const table = rule.parentElement;
    const [held] = own(rule, "description");
    if (own(table, "annotation").length !== 1 || own(rule, "annotationEntry").length) continue;
    const entry = element(rule, "annotationEntry", "");
    entry.append(element(rule, "text", held?.textContent ?? ""));
    held?.remove();
    rule.append(entry);
  }
  return written(document);
}
