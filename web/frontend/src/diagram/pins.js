// What the gate found, as numbers on a drawing.

const SEVERITIES = { refusal: "refused", warning: "warned", repaired: "mended" };

// Findings are numbered as in the list beside the drawing; several of one element stand in a row.
export function pinAll(viewer, pins) {
  const registry = viewer.get("elementRegistry");
  const placed = new Map();
  for (const { id, number, severity, href } of pins) {
    const element = registry.get(id);
    const state = SEVERITIES[severity];
    if (!element || !state) continue;
    const before = placed.get(id) || 0;
    placed.set(id, before + 1);
    if (!before) viewer.get("canvas").addMarker(element, `kx-${state}`);
    const pin = document.createElement("a");
    pin.className = `kx-pin kx-pin--${state}`;
    pin.href = href;
    pin.textContent = String(number);
    const at = element.waypoints ? middle(element) : { top: -11, left: -11 };
    const position = { ...at, left: at.left + before * 20 };
    // a number must be readable however small the drawing is shown
    viewer.get("overlays").add(element, "kx-pin", { position, html: pin, scale: { min: 1 } });
  }
}

function middle({ waypoints, x = 0, y = 0 }) {
  const at = waypoints[Math.floor((waypoints.length - 1) / 2)];
  const to = waypoints[Math.floor((waypoints.length - 1) / 2) + 1] || at;
  const left = Math.min(...waypoints.map((each) => each.x));
  const top = Math.min(...waypoints.map((each) => each.y));
  return { left: (at.x + to.x) / 2 - (x || left) - 11, top: (at.y + to.y) / 2 - (y || top) - 11 };
}
