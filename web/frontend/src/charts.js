// Draws the supervisor's charts. Each stands above a table that says the same: without a script, for a
// screen reader and on paper the table is what is read.
//
//   <div data-chart><script type="application/json">{
//     "kind": "bar" | "line", "stacked": true, "horizontal": true, "label": "…", "unit": "件",
//     "categories": ["0–3 日", …], "series": [{"name": "绿", "colour": "--ok", "values": [1, 2]}]
//   }</script></div>
//
// Colours are names of CSS properties, so that a chart follows light, dark and print.

import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const drawn = [];

const property = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Where a part of a bar is narrower (lower) than its number, the number is left to the table.
const NARROWEST = 30;
const LOWEST = 0.09;
const NAMED = 0.36;
const NARROW = 420;

function options(given, paper, width) {
  const ink = paper ? "#1a2528" : property("--ink");
  const quiet = paper ? "#44555a" : property("--ink-2");
  const line = paper ? "#bbb" : property("--line");
  const font = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
  const names = given.horizontal ? { width: width * NAMED, overflow: "break", lineHeight: 15 } : given.categories.length > 8 ? { fontSize: 11 } : {};
  const sums = given.categories.map((_, at) => given.series.reduce((sum, one) => sum + (one.values[at] || 0), 0));
  const least = Math.max(...sums) * (given.horizontal ? NARROWEST / (width * (1 - NAMED)) : LOWEST);
  const named = {
    type: "category", data: given.categories, axisLine: { lineStyle: { color: line } },
    axisTick: { show: false }, axisLabel: { color: quiet, interval: 0, hideOverlap: true, ...font, ...names }, inverse: Boolean(given.horizontal),
  };
  const counted = {
    type: "value", minInterval: given.whole ? 1 : 0,
    axisLabel: { color: quiet, ...font }, splitLine: { lineStyle: { color: line } },
  };
  return {
    animation: false,
    textStyle: { color: ink, ...font },
    aria: { enabled: false },
    grid: { left: 8, right: 24, top: given.series.length < 2 ? 24 : given.series.length > 3 && width < NARROW ? 68 : 44, bottom: 8, containLabel: true },
    legend: { show: given.series.length > 1, top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: quiet, ...font } },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: given.kind === "line" ? "line" : "shadow" } },
    xAxis: given.horizontal ? counted : named,
    yAxis: given.horizontal ? named : counted,
    series: given.series.map((one, at) => series(one, at, given, { ink, paper, least })),
  };
}

const DASHES = ["solid", "dashed"];
const MARKS = ["circle", "rect"];

function series(one, at, given, { ink, paper, least }) {
  const colour = property(one.colour) || ink;
  const base = { type: given.kind, name: one.name, data: one.values, itemStyle: { color: colour } };
  if (given.kind === "line") {
    return {
      ...base, symbol: MARKS[at % 2], symbolSize: 7, connectNulls: true,
      lineStyle: { color: colour, type: DASHES[at % 2], width: 2 },
      label: { show: at === 0, color: ink, position: "top" },
      labelLayout: { hideOverlap: true },
    };
  }
  const inside = given.stacked;
  return {
    ...base, barMaxWidth: 36, stack: inside ? "one" : undefined,
    itemStyle: { color: colour, borderColor: paper ? "#fff" : property("--surface"), borderWidth: inside ? 1 : 0 },
    label: {
      show: true, position: inside ? "inside" : given.horizontal ? "right" : "top",
      color: inside ? one.ink ? property(one.ink) : property("--on-who") || "#fff" : ink,
      formatter: ({ value }) => (value && !(inside && value < least) ? String(value) : ""),
    },
    labelLayout: { hideOverlap: true },
  };
}

function draw(box) {
  const told = box.querySelector('script[type="application/json"]');
  if (!told) return;
  const given = JSON.parse(told.textContent);
  const stage = document.createElement("div");
  stage.className = "chart__stage";
  if (given.horizontal) stage.classList.add(`chart__stage--${Math.min(8, given.categories.length)}`);
  stage.setAttribute("role", "img");
  stage.setAttribute("aria-label", given.label);
  box.append(stage);
  const chart = init(stage, null, { renderer: "svg" });
  const show = (paper = false) => chart.setOption(options(given, paper, stage.clientWidth), true);
  show();
  // on paper the drawing keeps the size that it had, made smaller as a whole where it is too wide
  const remember = () => matchMedia("print").matches || stage.style.setProperty("--seen", stage.clientWidth);
  remember();
  new ResizeObserver(() => {
    remember();
    chart.resize();
    if (given.horizontal && !matchMedia("print").matches) show();
  }).observe(stage);
  drawn.push(show);
  box.dataset.chartReady = "true";
}

for (const box of document.querySelectorAll("[data-chart]")) draw(box);
const again = (paper) => drawn.forEach((show) => show(paper));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => again(false));
matchMedia("print").addEventListener("change", (event) => again(event.matches));
// on paper the tables are read as well
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll(".chart__table:not([open])")) folded.dataset.folded = folded.open = true;
});
addEventListener("afterprint", () => {
  for (const opened of document.querySelectorAll(".chart__table[data-folded]")) {
    opened.open = false;
    delete opened.dataset.folded;
  }
});
