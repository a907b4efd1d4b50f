// What is asked of events: the message, the timer and what it watches, the condition, the code.

import { extensions } from "./extension.js";

const KINDS = { timeDate: "date", timeDuration: "duration", timeCycle: "cycle" };
const of = (object, type) => object?.$instanceOf?.(`bpmn:${type}`);

export function eventQuestions(tools) {
  const { object } = tools;
  if (of(object, "ReceiveTask")) return message(tools, object);
  if (!of(object, "Event")) return [];
  const definition = object.eventDefinitions?.[0];
  const asked = definition ? byDefinition(tools, definition) : [];
  return of(object, "BoundaryEvent") ? [...asked, interrupting(tools)] : asked;
}

function byDefinition(tools, definition) {
  if (of(definition, "MessageEventDefinition")) return message(tools, definition);
  if (of(definition, "SignalEventDefinition")) return [named(tools, definition, "signal", "Signal", "name")];
  if (of(definition, "ErrorEventDefinition")) return [named(tools, definition, "error", "Error", "errorCode")];
  if (of(definition, "EscalationEventDefinition")) return [named(tools, definition, "escalation", "Escalation", "escalationCode")];
  if (of(definition, "TimerEventDefinition")) return timer(tools, definition);
  if (of(definition, "ConditionalEventDefinition")) return [condition(tools, definition)];
  return [];
}

function interrupting({ object, labels, update }) {
  return {
    name: "interrupting", label: labels.interrupting, kind: "yes", value: object.cancelActivity !== false,
    set: (cancelActivity) => update({ cancelActivity }),
  };
}

function roots(modeler) {
  const definitions = modeler.getDefinitions();
  return { all: definitions.get("rootElements"), definitions };
}

// A message, signal, error or escalation of that name; made where the file has none yet.
function rootOf(modeler, type, attribute, value) {
  const { all, definitions } = roots(modeler);
  const found = all.find((one) => of(one, type) && one.get(attribute) === value);
  if (found) return found;
  const id = `${type.toLowerCase()}_${value.replace(/\W+/g, "_")}`;
  const made = modeler.get("bpmnFactory").create(`bpmn:${type}`, { id, name: value, [attribute]: value });
  made.$parent = definitions;
  all.push(made);
  return made;
}

function named({ modeler, labels, update }, holder, reference, type, attribute) {
  const held = holder[`${reference}Ref`];
  const known = roots(modeler).all.filter((one) => of(one, type)).map((one) => one.get(attribute)).filter(Boolean);
  const set = (value) => update({ [`${reference}Ref`]: value ? rootOf(modeler, type, attribute, value) : undefined }, holder);
  return {
    name: reference, label: labels.triggers[reference], isCode: true, suggestions: [...new Set(known)],
    value: held?.get(attribute) ?? "", set: (value) => void set(value),
  };
}

function message(tools, holder) {
  const { modeler, element, labels } = tools;
  const held = extensions(modeler, element, holder);
  return [
    named(tools, holder, "message", "Message", "name"),
    {
      name: "messageVariable", label: labels.messageVariable, isCode: true, value: held.text("MessageVariable"),
      set: (name) => void held.setText("MessageVariable", name),
    },
  ];
}

function condition({ modeler, labels, update }, definition) {
  const set = (body) => update({ condition: body ? modeler.get("bpmnFactory").create("bpmn:FormalExpression", { body }) : undefined }, definition);
  return {
    name: "event-condition", label: labels.condition, isLong: true, hint: labels.conditionHint,
    value: definition.condition?.body ?? "", set: (body) => void set(body),
  };
}

function timer({ modeler, labels, update, choices }, definition) {
  const kind = Object.keys(KINDS).find((name) => definition[name]) ?? "timeDate";
  const body = definition[kind]?.body ?? "";
  const set = (name, text) => {
    const rest = Object.fromEntries(Object.keys(KINDS).map((each) => [each, undefined]));
    const made = text ? modeler.get("bpmnFactory").create("bpmn:FormalExpression", { body: text }) : undefined;
    update({ ...rest, [name]: made }, definition);
  };
  const asks = (call, held) => held.map(({ key, title }) => ({ key: `${call}("${key}")`, title }));
  const groups = [
    { label: labels.watches.due, options: asks("due", choices.limits) },
    { label: labels.watches.warning, options: asks("clock_warning", choices.clocks) },
    { label: labels.watches.breach, options: asks("clock_due", choices.clocks) },
    { label: labels.watches.statutory, options: asks("clock_statutory", choices.clocks) },
  ];
  const kinds = Object.entries(KINDS).map(([key, word]) => ({ key, title: labels.timerKinds[word] }));
  const watched = { name: "watches", label: labels.watchesLabel, kind: "choice", groups, value: body, set: (text) => void set("timeDate", text) };
  return [
    ...(kind === "timeDate" ? [watched] : []),
    { name: "timer-kind", label: labels.timerKind, kind: "choice", options: kinds, isRequired: true, value: kind, set: (name) => void set(name, body || '""') },
    { name: "timer", label: labels.timer, value: body, isCode: true, hint: labels.timerHint, set: (text) => void set(kind, text) },
  ];
}
