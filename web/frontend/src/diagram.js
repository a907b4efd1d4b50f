// Shows a BPMN diagram, read-only, with what has happened drawn into it.
//
//   await KunxinDiagram.show(container, {
//     xml,                                  // the BPMN 2.0 file
//     elements: { take_in: "done", review: "active", opinion: "due" },
//     counts: { review: 12 },               // optional: a number on an element
//     heat: { review: "red" },              // optional: how long it takes: green, yellow, red
//     pins: [{ id: "review", number: 1, severity: "refusal", href: "#f1" }],  // optional: findings
//     notes: { review: "6 件 3.4/3" },      // optional: a line under an element
//     label: "信用修复流程图",                // optional: its name for a screen reader
//   });
//
// `elements` may name tasks, events, gateways and sequence flows. If it names no flow, a flow counts
// as walked when its source is done and its target was reached. "late" says the same as "due".
// A page that may run no inline script puts the same object into the container instead:
//   <div data-diagram><script type="application/json">{"xml": …}</script></div>

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./diagram.css";
import { pinAll } from "./diagram/pins.js";

const STATES = { done: "done", active: "active", due: "due", late: "due" };
const HEATS = { green: "ok", yellow: "near", red: "over" };
const CHANGES = ["added", "removed", "changed"];
const PADDING = 24; // px kept free around the drawing, so that nothing lies over the bpmn.io mark
const STEP = 60; // px an arrow key moves

const WORDS = {
  zh: { in: "放大", out: "缩小", fit: "适合窗口", due: "逾期", active: "当前环节", diagram: "流程图" },
  en: { in: "Zoom in", out: "Zoom out", fit: "Fit", due: "Overdue", active: "Current step", diagram: "Process diagram" },
};

const shown = new WeakMap();

async function show(
  target,
  { xml, elements = {}, counts = {}, heat = {}, notes = {}, pins = [], marks = {}, label } = {},
) {
  const container = typeof target === "string" ? document.querySelector(target) : target;
  shown.get(container)?.destroy();
  container.replaceChildren();
  container.classList.add("kx-diagram");
  const words = document.documentElement.lang.startsWith("en") ? WORDS.en : WORDS.zh;
  const viewer = new NavigatedViewer({
    container,
    // CSS values, so that the drawing follows light, dark and print without being drawn again
    bpmnRenderer: {
      defaultFillColor: "var(--kx-paper)",
      defaultStrokeColor: "var(--kx-line)",
      defaultLabelColor: "var(--kx-ink)",
    },
    textRenderer: { defaultStyle: { fontFamily: getComputedStyle(container).fontFamily } },
    zoomScroll: { enabled: false },
  });
  const { warnings } = await viewer.importXML(xml);
  markAll(viewer, elements, words);
  heatAll(viewer, heat);
  countAll(viewer, counts);
  pinAll(viewer, pins);
  noteAll(viewer, notes, heat);
  changeAll(viewer, marks);
  const view = stage(viewer, container, label || words.diagram, words);
  const handle = {
    warnings: warnings.map(String),
    viewer,
    fit: view.fit,
    destroy() {
      view.stop();
      viewer.destroy();
      container.replaceChildren();
      shown.delete(container);
    },
  };
  shown.set(container, handle);
  container.dataset.diagramReady = "true";
  return handle;
}

function markAll(viewer, elements, words) {
  const registry = viewer.get("elementRegistry");
  for (const [id, given] of Object.entries(withWalkedFlows(registry, elements))) {
    const element = registry.get(id);
    const state = STATES[given];
    if (!element || !state) continue;
    viewer.get("canvas").addMarker(element, `kx-${state}`);
    if (state !== "done" && !element.waypoints) putToken(viewer, element, state, words);
  }
}

function withWalkedFlows(registry, elements) {
  const flows = registry.filter((element) => element.type === "bpmn:SequenceFlow");
  if (flows.some((flow) => flow.id in elements)) return elements;
  const walked = flows.filter(
    (flow) => elements[flow.source?.id] === "done" && elements[flow.target?.id] in STATES,
  );
  return { ...Object.fromEntries(walked.map((flow) => [flow.id, "done"])), ...elements };
}

function putToken(viewer, element, state, words) {
  const token = document.createElement("span");
  token.className = `kx-token kx-token--${state}`;
  token.title = words[state];
  token.setAttribute("role", "img");
  token.setAttribute("aria-label", `${element.businessObject.name || element.id}: ${words[state]}`);
  viewer.get("overlays").add(element, "kx-token", { position: { top: -10, left: -10 }, html: token });
}

function heatAll(viewer, heat) {
  for (const [id, light] of Object.entries(heat)) {
    const element = viewer.get("elementRegistry").get(id);
    if (element && light in HEATS) viewer.get("canvas").addMarker(element, `kx-heat-${HEATS[light]}`);
  }
}

// What differs from another version: the words stand in the table below.
function changeAll(viewer, marks) {
  const registry = viewer.get("elementRegistry");
  for (const [id, kind] of Object.entries(marks)) {
    const element = registry.get(id);
    if (element && CHANGES.includes(kind)) viewer.get("canvas").addMarker(element, `kx-${kind}`);
  }
}

function countAll(viewer, counts) {
  const registry = viewer.get("elementRegistry");
  for (const [id, count] of Object.entries(counts)) {
    if (!registry.get(id)) continue;
    const badge = document.createElement("span");
    badge.className = "kx-count";
    badge.textContent = String(count);
    viewer.get("overlays").add(id, "kx-count", { position: { top: -11, right: 13 }, html: badge });
  }
}

function noteAll(viewer, notes, heat) {
  for (const [id, text] of Object.entries(notes)) {
    if (!viewer.get("elementRegistry").get(id)) continue;
    const note = document.createElement("span");
    note.className = `kx-note kx-note--${HEATS[heat[id]] || "ok"}`;
    note.textContent = text;
    viewer.get("overlays").add(id, "kx-note", { position: { top: 3, left: 2 }, html: note });
  }
}

// How the drawing sits in its box: fitted until the reader moves it, then left alone.
function stage(viewer, container, label, words) {
  const canvas = viewer.get("canvas");
  const svg = container.querySelector("svg[data-element-id], .djs-container > svg");
  let fitted = true;
  const fit = () => {
    const { clientWidth: width, clientHeight: height } = container;
    if (!width || !height) return; // in a closed tab; the observer calls again when it opens
    canvas.resized();
    const { inner } = canvas.viewbox();
    const scale = Math.min((width - 2 * PADDING) / inner.width, (height - 2 * PADDING) / inner.height, 1);
    const viewed = { width: width / scale, height: height / scale };
    canvas.viewbox({
      x: inner.x - (viewed.width - inner.width) / 2,
      y: inner.y - (viewed.height - inner.height) / 2,
      ...viewed,
    });
    fitted = true;
  };
  const zoom = (factor) => canvas.zoom(Math.min(4, Math.max(0.2, canvas.zoom() * factor)), "auto");
  const move = (dx, dy) => canvas.scroll({ dx, dy });
  const keys = {
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit,
    ArrowLeft: () => move(STEP, 0), ArrowRight: () => move(-STEP, 0),
    ArrowUp: () => move(0, STEP), ArrowDown: () => move(0, -STEP),
  };
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("aria-keyshortcuts", "+ - 0 ArrowLeft ArrowRight ArrowUp ArrowDown");
  svg.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  // the wheel scrolls the page; it zooms only a drawing that somebody is working with
  svg.addEventListener("focus", () => viewer.get("zoomScroll").toggle(true));
  svg.addEventListener("blur", () => viewer.get("zoomScroll").toggle(false));
  svg.addEventListener("mousedown", () => svg.focus({ preventScroll: true }));
  container.append(controls(words, { in: () => zoom(1.25), out: () => zoom(0.8), fit }));
  viewer.on("canvas.viewbox.changed", () => { fitted = false; });
  // paper is narrower: what is seen is made smaller as a whole (diagram.css), with all that lies on it
  const remember = () => {
    if (matchMedia("print").matches || !container.clientWidth) return;
    container.style.setProperty("--seen", container.clientWidth);
    container.style.setProperty("--tall", container.clientHeight);
  };
  const observer = new ResizeObserver(() => {
    remember();
    if (fitted) fit();
    else canvas.resized();
  });
  observer.observe(container);
  remember();
  fit();
  return { fit, stop: () => observer.disconnect() };
}

function controls(words, actions) {
  const bar = document.createElement("div");
  bar.className = "kx-controls";
  for (const [name, sign] of [["in", "+"], ["out", "−"], ["fit", "⤢"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = words[name];
    button.setAttribute("aria-label", words[name]);
    button.addEventListener("click", actions[name]);
    bar.append(button);
  }
  return bar;
}

function showAll(root = document) {
  for (const container of root.querySelectorAll("[data-diagram]")) {
    const given = container.querySelector('script[type="application/json"]');
    if (given) show(container, JSON.parse(given.textContent));
  }
}

window.KunxinDiagram = { show };
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => showAll());
else showAll();
document.addEventListener("desk:arrived", (event) => showAll(event.target));
