// The engine's extensions as the model of a diagram has them; read and written by name.

export const DESCRIPTOR = {
  name: "SpiffWorkflow",
  uri: "http://spiffworkflow.org/bpmn/schema/1.0/core",
  prefix: "spiffworkflow",
  xml: { tagAlias: "lowerCase" },
  types: [
    {
      name: "Properties",
      superClass: ["Element"],
      properties: [{ name: "properties", type: "Property", isMany: true }],
    },
    {
      name: "Property",
      properties: [
        { name: "name", isAttr: true, type: "String" },
        { name: "value", isAttr: true, type: "String" },
      ],
    },
    {
      name: "ServiceTaskOperator",
      superClass: ["Element"],
      properties: [
        { name: "id", isAttr: true, type: "String" },
        { name: "resultVariable", isAttr: true, type: "String" },
        { name: "parameterList", type: "Parameters" },
      ],
    },
    {
      name: "Parameters",
      superClass: ["Element"],
      properties: [{ name: "parameters", type: "Parameter", isMany: true }],
    },
    {
      name: "Parameter",
      properties: [
        { name: "id", isAttr: true, type: "String" },
        { name: "type", isAttr: true, type: "String" },
        { name: "value", isAttr: true, type: "String" },
      ],
    },
    ...["MessageVariable", "CalledDecisionId"].map((name) => ({
      name,
      superClass: ["Element"],
      properties: [{ name: "text", isBody: true, type: "String" }],
    })),
  ],
};

const PROPERTIES = "spiffworkflow:Properties";
const OPERATOR = "spiffworkflow:ServiceTaskOperator";

// An element's extensions may hang on its event definition (messageVariable), so the holder is told apart.
export function extensions(modeler, element, holder = element.businessObject) {
  const factory = modeler.get("bpmnFactory");
  const values = () => holder.extensionElements?.get("values") ?? [];
  const found = (type) => values().find((one) => one.$type === type);

  function replace(type, made) {
    const rest = values().filter((one) => one.$type !== type);
    const kept = made ? [...rest, made] : rest;
    const extensionElements = kept.length ? factory.create("bpmn:ExtensionElements", { values: kept }) : undefined;
    for (const one of kept) one.$parent = extensionElements;
    if (extensionElements) extensionElements.$parent = holder;
    modeler.get("modeling").updateModdleProperties(element, holder, { extensionElements });
  }

  const pairs = () => (found(PROPERTIES)?.get("properties") ?? []).map(({ name, value }) => [name, value]);

  return {
    property: (name) => pairs().find(([key]) => key === name)?.[1] ?? "",
    setProperty(name, value) {
      const old = pairs();
      const isKnown = old.some(([key]) => key === name);
      const next = (isKnown ? old.map((pair) => (pair[0] === name ? [name, value] : pair)) : [...old, [name, value]])
        .filter(([, text]) => text !== "");
      const properties = next.map(([key, text]) => factory.create("spiffworkflow:Property", { name: key, value: text }));
      replace(PROPERTIES, next.length ? factory.create(PROPERTIES, { properties }) : null);
    },
    text: (type) => found(`spiffworkflow:${type}`)?.get("text") ?? "",
    setText(type, text) {
      const full = `spiffworkflow:${type}`;
      replace(full, text ? factory.create(full, { text }) : null);
    },
    operator() {
      const held = found(OPERATOR);
      if (!held) return { id: "", resultVariable: "", parameters: {} };
      const parameters = held.get("parameterList")?.get("parameters") ?? [];
      return {
        id: held.get("id") ?? "",
        resultVariable: held.get("resultVariable") ?? "",
        parameters: Object.fromEntries(parameters.map((one) => [one.id, one.value])),
      };
    },
    setOperator({ id, resultVariable, parameters }) {
      if (!id) return replace(OPERATOR, null);
      const given = Object.entries(parameters).filter(([, value]) => value !== "");
      const list = given.map(([key, value]) => factory.create("spiffworkflow:Parameter", { id: key, type: "str", value }));
      const parameterList = given.length ? factory.create("spiffworkflow:Parameters", { parameters: list }) : undefined;
      replace(OPERATOR, factory.create(OPERATOR, { id, resultVariable: resultVariable || undefined, parameterList }));
    },
  };
}
