// Edits the decision tables of a version; loaded on that page alone (templates/admin/model.html).

import Modeler from "dmn-js/lib/Modeler";
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-drd.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-font/css/dmn-embedded.css";
import "./modeling/colours.css";
import "./modeling/table_editor.css";
import { articlesIn, articlesOut } from "./modeling/annotations.js";
import { DESCRIPTOR } from "./modeling/extension.js";
import { translation } from "./modeling/translate.js";
import { TABLES } from "./modeling/translate_tables.js";
import { findingsOn } from "./modeling/cells.js";
import { opened, read, workbench } from "./modeling/workbench.js";

async function edit(root) {
  const config = read(root);
  const container = root.querySelector("[data-canvas]");
  container.classList.add("kx-tables");
  const said = { additionalModules: [translation(config.language, TABLES)] };
  const modeler = new Modeler({
    container,
    moddleExtensions: { spiffworkflow: DESCRIPTOR },
    drd: said,
    decisionTable: said,
    literalExpression: said,
  });
  const { xml, isDraft, isUnsent } = opened(config);
  await modeler.importXML(articlesIn(xml));
  const tables = modeler.getViews().filter((view) => view.type === "decisionTable");
  const asked = tables.find((view) => location.hash === `#${view.id}`);
  if (tables.length) await modeler.open(asked ?? tables[0]);

  const cells = findingsOn(modeler, container);
  const bench = workbench(root, config, {
    async serialize() {
      const saved = await modeler.saveXML({ format: true });
      return { xml: articlesOut(saved.xml) };
    },
    mark: cells.mark,
    async go(id, finding) {
      const view = modeler.getViews().find((one) => one.id === id);
      if (view) await modeler.open(view);
      cells.show(finding);
    },
  });
  let stack = null;
  const undo = root.querySelector("[data-undo]");
  const redo = root.querySelector("[data-redo]");
  const steps = () => {
    undo.disabled = !stack?.canUndo();
    redo.disabled = !stack?.canRedo();
  };
  const follow = () => {
    const viewer = modeler.getActiveViewer();
    stack = viewer?.get("commandStack", false) ?? null;
    viewer?.on("commandStack.changed", () => {
      steps();
      bench.touched();
    });
    steps();
  };
  undo.addEventListener("click", () => stack?.undo());
  redo.addEventListener("click", () => stack?.redo());
  modeler.on("views.changed", follow);
  follow();
  bench.stand();
  if (isDraft) bench.say(config.labels.continued);
  if (isUnsent) bench.touched();
  root.dataset.ready = "true";
}

for (const root of document.querySelectorAll("[data-table-editor]")) edit(root);
