// What is asked of a drawn element: its name, and the extension properties of workflows/README.md.

import { eventQuestions } from "./events.js";
import { extensions } from "./extension.js";

const WAITS = ["UserTask", "ReceiveTask", "EventBasedGateway", "IntermediateCatchEvent"];
const ID = /^[A-Za-z_][\w-]*$/;

export const isA = (object, ...types) => types.some((type) => object?.$instanceOf?.(`bpmn:${type}`));
const quoted = (key) => `'${key}'`;

export function questions(modeler, element, { choices, labels, language }) {
  const object = element.businessObject;
  const holder = isA(object, "Participant") ? object.processRef ?? object
    : isA(object, "Collaboration") ? object.participants?.find((one) => one.processRef)?.processRef ?? object : object;
  const tools = {
    modeler, element, object: holder, choices, labels,
    held: extensions(modeler, element, holder),
    update: (values, of = holder) =>
      of === object ? modeler.get("modeling").updateProperties(element, values)
        : modeler.get("modeling").updateModdleProperties(element, of, values),
  };
  const kind = labels.kinds[holder.$type.replace("bpmn:", "")] ?? holder.$type.replace("bpmn:", "");
  return {
    title: (language === "en" && tools.held.property("name_en")) || holder.name || holder.id,
    kind,
    sections: [
      { title: labels.general, asked: general(tools) },
      { title: labels.lane, asked: isA(holder, "Lane") ? [choose(tools, "group", choices.groups)] : [] },
      { title: labels.work, asked: work(tools) },
      { title: labels.event, asked: eventQuestions(tools) },
      { title: labels.flow, asked: flow(tools) },
      { title: labels.wait, asked: isA(holder, ...WAITS) ? wait(tools) : [] },
    ],
  };
}

function general(tools) {
  const { object, labels, held, update, modeler } = tools;
  if (isA(object, "TextAnnotation")) {
    return [{ name: "text", label: labels.text, value: object.text ?? "", isLong: true, set: (text) => update({ text }) }];
  }
  const setId = (id) => {
    if (!ID.test(id)) return labels.idWrong;
    if (id !== object.id && modeler.get("moddle").ids.assigned(id)) return labels.idTaken;
    update({ id });
    return "";
  };
  return [
    { name: "name", label: labels.name, value: object.name ?? "", isLong: true, set: (name) => void update({ name: name || undefined }) },
    property(tools, "name_en", { isLong: true }),
    { name: "id", label: labels.id, value: object.id, isCode: true, hint: labels.idHint, set: setId },
    {
      name: "documentation", label: labels.documentation, value: object.documentation?.[0]?.text ?? "", isLong: true,
      set(text) {
        const made = text ? [modeler.get("bpmnFactory").create("bpmn:Documentation", { text })] : undefined;
        update({ documentation: made });
      },
    },
  ].filter((one) => one.name !== "name_en" || !isA(object, "SequenceFlow") || object.name || held.property("name_en"));
}

function property({ held, labels }, name, more = {}) {
  return {
    name, label: labels.properties[name], hint: labels.hints[name], value: held.property(name),
    set: (value) => void held.setProperty(name, value), ...more,
  };
}

function choose(tools, name, options) {
  return property(tools, name, { kind: "choice", options });
}

function wait(tools) {
  const { choices, labels } = tools;
  const whose = choices.whose.map((key) => ({ key, title: labels.whoseWords[key] ?? key }));
  return [
    choose(tools, "due", choices.limits),
    choose(tools, "clock", choices.clocks),
    choose(tools, "whose", whose),
    choose(tools, "stage", choices.stages),
    property(tools, "waiting", { isLong: true }),
    property(tools, "waiting_en", { isLong: true }),
  ];
}

function work(tools) {
  const { object, labels, choices, held, update, modeler, element } = tools;
  if (isA(object, "UserTask")) {
    const others = modeler.get("elementRegistry")
      .filter((one) => isA(one.businessObject, "UserTask") && !one.labelTarget && one !== element)
      .map(({ businessObject }) => ({ key: businessObject.id, title: businessObject.name }));
    const named = held.property("other_than").split(",").map((part) => part.trim()).filter(Boolean);
    const elsewhere = named.filter((id) => !others.some(({ key }) => key === id)).map((key) => ({ key, title: key }));
    return [
      choose(tools, "form", choices.forms),
      property(tools, "other_than", {
        kind: "several", options: [...others, ...elsewhere], value: named,
        set: (ids) => void held.setProperty("other_than", ids.join(", ")),
      }),
    ];
  }
  if (isA(object, "ServiceTask")) return service(tools);
  if (isA(object, "BusinessRuleTask")) {
    return [
      { name: "decision", label: labels.decision, kind: "choice", options: choices.decisions, value: held.text("CalledDecisionId"), set: (key) => void held.setText("CalledDecisionId", key) },
      property(tools, "result", { isCode: true }),
    ];
  }
  if (isA(object, "CallActivity")) {
    return [{ name: "calls", label: labels.calls, kind: "choice", options: choices.processes, value: object.calledElement ?? "", set: (calledElement) => void update({ calledElement: calledElement || undefined }) }];
  }
  return [];
}

function service(tools) {
  const { choices, labels, held } = tools;
  const asked = held.operator();
  const known = choices.operations.find(({ key }) => key === asked.id);
  const set = (more) => void held.setOperator({ ...asked, ...more });
  const parameters = known?.parameters ?? Object.keys(asked.parameters).map((key) => ({ key, values: [], is_required: false }));
  const questioned = parameters.map(({ key, values, is_required: isRequired }) => {
    const value = asked.parameters[key] ?? "";
    const change = (text) => set({ parameters: { ...asked.parameters, [key]: text } });
    const label = `${labels.parameters[key] ?? key}（${key}）${isRequired ? "" : labels.optional}`;
    const offered = values.length ? values.map((one) => ({ key: one, title: one })) : vocabularyOf(choices, key);
    const isConstant = !value || /^'[^']*'$/.test(value);
    if (offered.length && isConstant) {
      const options = offered.map((one) => ({ ...one, key: quoted(one.key) }));
      return { name: `p-${key}`, label, kind: "choice", options, isRequired, value, set: change };
    }
    return { name: `p-${key}`, label, value, isCode: true, hint: labels.expressionHint, set: change };
  });
  const answer = { name: "resultVariable", label: labels.result, value: asked.resultVariable, isCode: true, set: (resultVariable) => set({ resultVariable }) };
  return [
    { name: "operation", label: labels.operation, kind: "choice", options: choices.operations.map(({ key }) => ({ key, title: "" })), value: asked.id, set: (id) => void held.setOperator({ id, resultVariable: "", parameters: {} }) },
    ...questioned,
    ...(known?.answers || asked.resultVariable ? [answer] : []),
  ];
}

function vocabularyOf(choices, parameter) {
  const letters = choices.letters.map((key) => ({ key, title: "" }));
  return {
    letter: letters, clock: choices.clocks, limit: choices.limits, outcome: choices.outcomes, unit: choices.groups,
  }[parameter] ?? [];
}

function flow(tools) {
  const { object, labels, update, modeler } = tools;
  if (isA(object, "ExclusiveGateway", "InclusiveGateway") && object.outgoing?.length) {
    const options = object.outgoing.map((one) => ({ key: one.id, title: one.name || one.targetRef?.name || "" }));
    const set = (id) => void update({ default: object.outgoing.find((one) => one.id === id) });
    return [{ name: "default", label: labels.defaultFlow, kind: "choice", options, value: object.default?.id ?? "", set }];
  }
  if (!isA(object, "SequenceFlow")) return [];
  const set = (body) => {
    const conditionExpression = body ? modeler.get("bpmnFactory").create("bpmn:FormalExpression", { body }) : undefined;
    update({ conditionExpression });
  };
  return [{ name: "condition", label: labels.condition, value: object.conditionExpression?.body ?? "", isLong: true, hint: labels.conditionHint, set }];
}
