// Zoom and pan of an SVG by its viewBox: wheel with Ctrl, drag, buttons.
function zoomable(svg, width, height) {
  let box = [0, 0, width, height];
  const show = () => svg.setAttribute("viewBox", box.join(" "));
  const by = (factor, cx = 0.5, cy = 0.5) => {
    const [x, y, w, t] = box;
    const size = Math.min(width, Math.max(width / 20, w * factor));
    const tall = (size / width) * height;
    box = [x + (w - size) * cx, y + (t - tall) * cy, size, tall];
    if (size === width) box = [0, 0, width, height];
    show();
  };
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    const at = svg.getBoundingClientRect();
    by(event.deltaY > 0 ? 1.2 : 1 / 1.2, (event.clientX - at.left) / at.width, (event.clientY - at.top) / at.height);
  }, { passive: false });
  let from = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.target === svg && box[2] < width) from = [event.clientX, event.clientY, ...box];
  });
  svg.addEventListener("pointermove", (event) => {
    if (!from) return;
    const k = box[2] / svg.getBoundingClientRect().width;
    box = [from[2] - (event.clientX - from[0]) * k, from[3] - (event.clientY - from[1]) * k, box[2], box[3]];
    show();
  });
  for (const end of ["pointerup", "pointerleave"]) svg.addEventListener(end, () => { from = null; });
  show();
  return h("div", { class: "tools" }, button("+", () => by(1 / 1.4), { "aria-label": "zoom in" }),
    button("−", () => by(1.4), { "aria-label": "zoom out" }),
    button("all", () => by(100), { "aria-label": "show all" }),
    h("span", { class: "note" }, "Ctrl and wheel zooms, drag moves"));
}
