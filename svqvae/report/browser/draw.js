// What drawings share: colours, scales, axes, and drawing once there is a width to draw in.

// Of the printed figures (svqvae/pl/palette.py); the page is told before it draws.
let PALETTE = [];
const SHAPES = ["circle", "square", "triangle", "diamond", "cross"];

// One colour and shape per group everywhere: 40 of 8 colours differ, and colour alone tells none apart.
const colourOf = (k) => PALETTE[k % PALETTE.length];
// Both go round together; once they begin anew, shapes go on by one.
const shapeOf = (k) => SHAPES[(k + Math.floor(k / together(PALETTE.length, SHAPES.length))) % SHAPES.length];

// The least common multiple.
function together(a, b) {
  let k = a;
  while (k % b) k += a;
  return k;
}

function path(shape, x, y, r) {
  const a = r * 0.89;
  const t = r * 0.42;
  switch (shape) {
    case "square": return `M${x - a},${y - a}h${2 * a}v${2 * a}h${-2 * a}z`;
    case "triangle": return `M${x},${y - 1.2 * r}l${1.1 * r},${2 * r}h${-2.2 * r}z`;
    case "diamond": return `M${x},${y - 1.3 * r}l${1.3 * r},${1.3 * r}l${-1.3 * r},${1.3 * r}l${-1.3 * r},${-1.3 * r}z`;
    case "cross": return `M${x - t},${y - r}h${2 * t}v${r - t}h${r - t}v${2 * t}h${t - r}v${r - t}h${-2 * t}v${t - r}h${t - r}v${-2 * t}h${r - t}z`;
    default: return `M${x - r},${y}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0z`;
  }
}

// Blue below 0, red above, near the page's own background at 0; from -1 to 1.
function diverging() {
  const dark = style("--dark") === "1";
  const middle = dark ? [40, 46, 54] : [246, 246, 246];
  const [below, above] = dark ? [[92, 160, 230], [240, 120, 90]] : [[33, 102, 172], [178, 24, 43]];
  return (t) => {
    const end = t < 0 ? below : above;
    const size = Math.min(1, Math.abs(t)) ** 0.85;
    return `rgb(${middle.map((m, k) => Math.round(m + (end[k] - m) * size)).join(",")})`;
  };
}

// From dark to light in one hue's order of brightness.
function sequential(t) {
  const stops = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [233, 215, 40]];
  const at = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const k = Math.min(Math.floor(at), stops.length - 2);
  return `rgb(${stops[k].map((from, c) => Math.round(from + (stops[k + 1][c] - from) * (at - k))).join(",")})`;
}

const scale = (low, high, from, to) => (x) => from + ((x - low) / (high - low || 1)) * (to - from);

function ticks(low, high, about = 5) {
  const raw = (high - low) / about || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= raw);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9; k += 1) found.push(Number((k * step).toPrecision(10)));
  return found;
}

function extent(values, pad = 0.05) {
  const known = values.filter((v) => Number.isFinite(v));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = (high - low || Math.abs(high) || 1) * pad;
  return [low - room, high + room];
}

// A horizontal axis below a drawing.
function axis(x, [low, high], top, bottom, title) {
  const [from, to] = [x(low), x(high)];
  return s("g", { class: "axis" },
    ticks(low, high, Math.max(2, Math.round((to - from) / 70))).map((t) => [
      s("line", { x1: x(t), x2: x(t), y1: top, y2: bottom }),
      s("text", { x: x(t), y: bottom + 14, "text-anchor": "middle" }, shown(t)),
    ]),
    s("text", { x: (from + to) / 2, y: bottom + 30, "text-anchor": "middle", class: "title" }, title));
}

// Draws into a figure once it is seen, and again when its width changes.
function figure(label, draw, caption) {
  const stage = h("div", { class: "stage" });
  let width = 0;
  stage.paint = (now) => {
    if (!now || now === width) return;
    width = now;
    stage.replaceChildren(draw(width));
  };
  new ResizeObserver(() => stage.paint(Math.floor(stage.clientWidth))).observe(stage);
  return h("figure", { "aria-label": label }, stage, caption && h("figcaption", {}, caption));
}

// A canvas in real pixels of the screen.
function canvas(width, height, label) {
  const ratio = window.devicePixelRatio || 1;
  const node = h("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio), role: "img", "aria-label": label });
  node.style.width = `${width}px`;
  node.style.height = `${height}px`;
  const pen = node.getContext("2d");
  pen.scale(ratio, ratio);
  return [node, pen];
}

// Buttons of which one is pressed.
function choice(label, options, chosen, pick) {
  return h("div", { class: "choice", role: "group", "aria-label": label }, h("span", {}, label),
    options.map(([value, text]) => button(text, () => pick(value), { "aria-pressed": String(value === chosen) })));
}
