// Edits a BPMN diagram of a version; loaded on that page alone (templates/admin/model.html).

import Modeler from "bpmn-js/lib/Modeler";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css";
import "./diagram.css";
import "./modeling/colours.css";
import "./modeling/modeler.css";
import { pinAll } from "./diagram/pins.js";
import { ALLOWED } from "./modeling/allowed.js";
import { DESCRIPTOR } from "./modeling/extension.js";
import { panel } from "./modeling/panel.js";
import { translation } from "./modeling/translate.js";
import { opened, read, workbench } from "./modeling/workbench.js";

const LEGIBLE = 0.7; // at a smaller scale names cannot be read
const MARGIN = 24;
const PALETTE = 124; // px on the left that the palette covers

// All of the drawing beside the palette; not smaller than `least`, then from its beginning.
const view = (canvas, container) => (least) => {
  const { inner } = canvas.viewbox();
  const width = container.clientWidth - PALETTE - MARGIN;
  const height = container.clientHeight - 2 * MARGIN;
  const scale = Math.max(Math.min(width / inner.width, height / inner.height, 1), least);
  canvas.viewbox({
    x: inner.x - PALETTE / scale,
    y: inner.y - MARGIN / scale,
    width: container.clientWidth / scale,
    height: container.clientHeight / scale,
  });
};

async function edit(root) {
  const config = read(root);
  const container = root.querySelector("[data-canvas]");
  container.classList.add("kx-diagram", "kx-modeler");
  const modeler = new Modeler({
    container,
    moddleExtensions: { spiffworkflow: DESCRIPTOR },
    additionalModules: [ALLOWED, translation(config.language)],
    bpmnRenderer: {
      defaultFillColor: "var(--kx-paper)",
      defaultStrokeColor: "var(--kx-line)",
      defaultLabelColor: "var(--kx-ink)",
    },
    textRenderer: { defaultStyle: { fontFamily: getComputedStyle(container).fontFamily } },
  });
  const { xml, isDraft, isUnsent } = opened(config);
  await modeler.importXML(xml);
  const canvas = modeler.get("canvas");
  const registry = modeler.get("elementRegistry");
  const seen = view(canvas, container);
  seen(LEGIBLE);
  panel(root.querySelector("[data-panel]"), modeler, config);

  const clear = () => {
    modeler.get("overlays").remove({ type: "kx-pin" });
    for (const state of ["kx-refused", "kx-warned", "kx-mended"]) {
      registry.forEach((element) => canvas.removeMarker(element, state));
    }
  };
  const go = (id) => {
    const element = registry.get(id);
    if (!element) return;
    modeler.get("selection").select(element);
    canvas.scrollToElement(element);
    container.scrollIntoView({ block: "nearest" });
  };
  const bench = workbench(root, config, {
    serialize: () => modeler.saveXML({ format: true }),
    mark(findings) {
      clear();
      pinAll(modeler, findings.map((one) => ({ id: one.element_id, number: one.number, severity: one.severity, href: `#f${one.number}` })));
    },
    go,
  });
  const stack = modeler.get("commandStack");
  const undo = root.querySelector("[data-undo]");
  const redo = root.querySelector("[data-redo]");
  undo.addEventListener("click", () => stack.undo());
  redo.addEventListener("click", () => stack.redo());
  const steps = () => {
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
  };
  modeler.on("commandStack.changed", () => {
    steps();
    if (stack.canUndo() || isDraft) bench.touched();
  });
  root.querySelector("[data-fit]").addEventListener("click", () => seen(0));
  steps();
  bench.stand();
  if (isDraft) bench.say(config.labels.continued);
  if (isUnsent) bench.touched();
  if (location.hash) go(decodeURIComponent(location.hash.slice(1)));
  root.dataset.ready = "true";
}

for (const root of document.querySelectorAll("[data-modeler]")) edit(root);
