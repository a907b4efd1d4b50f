// The panel beside a diagram: questions about what is selected, asked in the version's own vocabulary.

import { questions } from "./questions.js";

const make = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};

function option({ key, title }, value) {
  const text = title && title !== key ? `${title} · ${key}` : key;
  return make("option", { value: key, textContent: text, selected: key === value });
}

function choice(question, id, labels) {
  const groups = question.groups ?? [{ options: question.options }];
  const known = groups.some(({ options }) => options.some(({ key }) => key === question.value));
  const select = make("select", { id, className: "select" });
  if (!question.isRequired || !question.value) {
    select.append(make("option", { value: "", textContent: labels.none, selected: !question.value }));
  }
  // what the vocabulary does not know stays as it is drawn: the gate says what is wrong with it
  if (question.value && !known) select.append(option({ key: question.value }, question.value));
  for (const { label, options } of groups) {
    const entries = options.map((one) => option(one, question.value));
    select.append(...(label ? [make("optgroup", { label }, ...entries)] : entries));
  }
  return [select, null];
}

function text(question, id) {
  const list = question.suggestions?.length ? `${id}-list` : undefined;
  const field = question.isLong
    ? make("textarea", { id, className: "textarea", rows: 2, value: question.value })
    : make("input", { id, className: `input${question.isCode ? " input--mono" : ""}`, value: question.value, autocomplete: "off", spellcheck: false, list });
  const offered = list && make("datalist", { id: list }, ...question.suggestions.map((value) => make("option", { value })));
  return [field, offered];
}

function several(question, id) {
  const boxes = question.options.map((one, place) =>
    make("label", { className: "choice" },
      make("input", { type: "checkbox", value: one.key, checked: question.value.includes(one.key), id: `${id}-${place}` }),
      make("span", { textContent: one.title || one.key })));
  const set = make("fieldset", { id }, make("legend", { className: "label", textContent: question.label }), ...boxes);
  set.addEventListener("change", () => question.set([...set.querySelectorAll(":checked")].map((box) => box.value)));
  return make("div", { className: "field" }, set, question.hint ? make("p", { className: "hint", textContent: question.hint }) : null);
}

function yes(question, id) {
  const box = make("input", { type: "checkbox", id, checked: question.value });
  box.addEventListener("change", () => question.set(box.checked));
  return make("div", { className: "field" }, make("label", { className: "choice" }, box, make("span", { textContent: question.label })));
}

function field(question, labels) {
  const id = `q-${question.name}`;
  if (question.kind === "yes") return yes(question, id);
  if (question.kind === "several") return several(question, id);
  const [control, besides] = question.kind === "choice" ? choice(question, id, labels) : text(question, id);
  const about = question.options?.find((one) => one.key === question.value)?.about;
  const hint = [question.hint, about].filter(Boolean).join(" ");
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  const error = make("p", { className: "err", role: "alert", hidden: true });
  control.addEventListener("change", () => {
    const wrong = question.set(control.value.trim());
    error.hidden = !wrong;
    error.textContent = wrong || "";
    control.toggleAttribute("aria-invalid", Boolean(wrong));
  });
  return make("div", { className: "field" },
    make("label", { className: "label", htmlFor: id, textContent: question.label }),
    control, besides, error, hint ? make("p", { className: "hint", id: `${id}-hint`, textContent: hint }) : null);
}

function section({ title, asked }, labels) {
  return make("section", { className: "ask" }, make("h3", { textContent: title }), ...asked.map((one) => field(one, labels)));
}

export function panel(root, modeler, config) {
  const selected = () => {
    const [first, ...more] = modeler.get("selection").get();
    if (more.length) return null;
    return first?.labelTarget ?? first ?? modeler.get("canvas").getRootElement();
  };
  let drawn = null;
  function draw() {
    const element = selected();
    const held = root.contains(document.activeElement) ? document.activeElement.id : "";
    const isSame = element === drawn;
    drawn = element;
    if (!element) {
      root.replaceChildren(make("p", { className: "small muted", textContent: config.labels.several }));
      return;
    }
    const { title, kind, sections } = questions(modeler, element, config);
    root.replaceChildren(
      make("header", { className: "ask__head" }, make("b", { textContent: title, lang: /[\u3400-\u9fff]/.test(title) ? "zh-CN" : undefined }), make("span", { className: "micro faint", textContent: kind })),
      ...sections.filter(({ asked }) => asked.length).map((one) => section(one, config.labels)),
    );
    if (held && isSame) document.getElementById(held)?.focus();
    root.dataset.element = element.id;
  }
  modeler.on("selection.changed", draw);
  modeler.on("commandStack.changed", draw);
  draw();
  return { draw };
}
