// What the editor offers: what the gate carries (workflows/BPMN.md), and no more.

const REFUSED_REPLACEMENTS = new Set(
  [
    "task", "send-task", "manual-task", "script-task", "transaction", "complex-gateway", "ad-hoc-subprocess",
    "collapsed-ad-hoc-subprocess", "expanded-ad-hoc-subprocess", "data-store-reference", "data-object-reference",
    "none-intermediate-throwing", "none-intermediate-throw", "none-boundary-event", "message-intermediate-throw",
    "signal-intermediate-throw", "link-intermediate-catch", "link-intermediate-throw", "compensation-intermediate-throw",
    "compensation-boundary", "cancel-boundary", "message-end", "signal-end", "cancel-end", "compensation-end",
    "compensation-start",
  ].map((name) => `replace-with-${name}`),
);
//: A process starts by being begun; only an event sub-process has starts with a trigger.
const TRIGGERED_STARTS = ["message-start", "timer-start", "conditional-start", "signal-start"].map((name) => `replace-with-${name}`);
const KEPT_TOOLS = ["hand-tool", "lasso-tool", "space-tool", "global-connect-tool", "tool-separator"];
const KEPT_SHAPES = ["create.start-event", "create.end-event", "create.exclusive-gateway"];
const KEPT_FRAMES = ["create.subprocess-expanded", "create.participant-expanded"];
const REFUSED_APPENDS = ["append.append-task", "append.intermediate-event", "append.compensation-activity"];

const timer = { eventDefinitionType: "bpmn:TimerEventDefinition" };
const NEW = [
  ["user-task", "bpmn:UserTask", "bpmn-icon-user-task", "Create user task", {}],
  ["service-task", "bpmn:ServiceTask", "bpmn-icon-service-task", "Create service task", {}],
  ["decision-task", "bpmn:BusinessRuleTask", "bpmn-icon-business-rule-task", "Create decision task", {}],
  ["call-activity", "bpmn:CallActivity", "bpmn-icon-call-activity", "Create call activity", {}],
  ["timer-event", "bpmn:IntermediateCatchEvent", "bpmn-icon-intermediate-event-catch-timer", "Create timer event", timer],
];
const APPENDED = [
  ["user-task", "bpmn:UserTask", "bpmn-icon-user-task", "Append user task", {}],
  ["service-task", "bpmn:ServiceTask", "bpmn-icon-service-task", "Append service task", {}],
  ["timer-event", "bpmn:IntermediateCatchEvent", "bpmn-icon-intermediate-event-catch-timer", "Append timer event", timer],
];
const LATE = 500; // a lower priority than the library's own providers, so that theirs are seen first

const picked = (entries, names) => Object.fromEntries(names.filter((name) => name in entries).map((name) => [name, entries[name]]));

function without(entries, refuses) {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => !refuses(name)));
}

class Allowed {
  constructor(palette, contextPad, popupMenu, create, elementFactory, autoPlace, translate) {
    Object.assign(this, { create, elementFactory, autoPlace, translate });
    palette.registerProvider(LATE, { getPaletteEntries: () => (entries) => this.palette(entries) });
    contextPad.registerProvider(LATE, { getContextPadEntries: (element) => (entries) => this.pad(element, entries) });
    popupMenu.registerProvider("bpmn-replace", LATE, {
      getPopupMenuEntries: (element) => (entries) => without(entries, (name) => this.refuses(element, name)),
      getPopupMenuHeaderEntries: () => (entries) => without(entries, (name) => name !== "toggle-non-interrupting"),
    });
  }

  refuses(element, name) {
    if (REFUSED_REPLACEMENTS.has(name)) return true;
    const around = element.businessObject.$parent;
    return TRIGGERED_STARTS.includes(name) && !around?.triggeredByEvent;
  }

  palette(entries) {
    const made = NEW.map(([name, type, className, title, more]) => {
      const begin = (event) => this.create.start(event, this.elementFactory.createShape({ type, ...more }));
      const entry = { group: "activity", className, title: this.translate(title), action: { dragstart: begin, click: begin } };
      return [`create.${name}`, entry];
    });
    return {
      ...picked(entries, KEPT_TOOLS),
      ...picked(entries, KEPT_SHAPES),
      ...Object.fromEntries(made),
      ...picked(entries, KEPT_FRAMES),
    };
  }

  pad(element, entries) {
    const rest = without(entries, (name) => REFUSED_APPENDS.includes(name));
    if (!("append.append-task" in entries)) return rest;
    const made = APPENDED.map(([name, type, className, title, more]) => {
      const shape = () => this.elementFactory.createShape({ type, ...more });
      const dragstart = (event) => this.create.start(event, shape(), { source: element });
      const click = () => this.autoPlace.append(element, shape());
      return [`append.${name}`, { group: "model", className, title: this.translate(title), action: { dragstart, click } }];
    });
    return { ...rest, ...Object.fromEntries(made) };
  }
}
Allowed.$inject = ["palette", "contextPad", "popupMenu", "create", "elementFactory", "autoPlace", "translate"];

export const ALLOWED = { __init__: ["allowed"], allowed: ["type", Allowed] };
