// All classes on one map; edges where there is evidence, the published nearest-class edges faint behind.
function nearestPairs(ctx) {
  const table = ctx.of("mechanism_correlations");
  const [a, b, r] = ["class_a", "class_b", "correlation"].map((c) => table.get(c));
  const best = new Map();
  const offer = (from, i) => { if (!best.has(from) || r(i) > r(best.get(from))) best.set(from, i); };
  for (let i = 0; i < table.rows; i += 1) {
    offer(a(i), i);
    offer(b(i), i);
  }
  return new Set(best.values());
}

// Classes beyond which dots are too small for a number.
const LARGE_NETWORK = 120;

const OUTCOMES = {
  found: "known and beyond chance: double line", new: "beyond chance, not known: single line",
  missed: "known, not beyond chance: dashed, with ×",
};

function network(ctx, width, { edges, outcome }) {
  const table = ctx.of("mechanism_correlations");
  const spots = ctx.of("positions");
  const [name, px, py] = ["class", "x", "y"].map((c) => spots.get(c));
  const [a, b, r, q] = ["class_a", "class_b", "correlation", "q_value"].map((c) => table.get(c));
  const n = spots.rows;
  const height = Math.min(760, Math.max(320, width * 0.68, n * 4));
  const [pad, r0] = [26, n > LARGE_NETWORK ? 4 : 8];
  const side = Math.min(150, width * 0.2);
  const place = new Map(spots.all().map((i) => [name(i), [pad + px(i) * (width - 2 * pad - side), pad + py(i) * (height - 2 * pad)]]));
  const clusters = clusterOf(ctx);
  const svg = s("svg", { width, height, role: "group", "aria-label": "network of classes", "data-edges": edges.size });
  const line = (i, cls, extra = {}) => {
    const [[x1, y1], [x2, y2]] = [place.get(a(i)), place.get(b(i))];
    return s("line", { class: cls, x1, y1, x2, y2, ...extra });
  };
  const words = (i, kind) => [`${a(i)} and ${b(i)}`, `correlation ${exact(r(i))}, q ${exact(q(i))}`, OUTCOMES[kind]?.split(":")[0]];
  for (const i of nearestPairs(ctx)) svg.append(line(i, "nearest", { on: hover(() => [...words(i), "nearest class (published network)"]) }));
  // What was found is drawn over what was not.
  const pairs = table.all().map((i) => [i, outcome(i)]).filter(([, kind]) => kind).sort(([, x], [, y]) => (y === "missed") - (x === "missed"));
  for (const [i, kind] of pairs) {
    const thick = edges.size > 400 ? 1 : 1.5 + 3 * Math.max(0, Math.min(1, r(i)));
    const group = s("g", { class: `edge ${kind}${edges.size > 400 ? " dense" : ""}`, "data-edge": kind === "missed" ? null : kind, on: hover(() => words(i, kind)) });
    group.append(line(i, "catch"));
    if (kind === "found") group.append(line(i, "outer", { "stroke-width": thick + 3 }), line(i, "inner", { "stroke-width": Math.max(1.2, thick - 1) }));
    else group.append(line(i, "stroke", { "stroke-width": kind === "new" ? thick : 1 }));
    if (kind === "missed") {
      const [[x1, y1], [x2, y2]] = [place.get(a(i)), place.get(b(i))];
      const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
      group.append(s("path", { class: "stroke", d: `M${x - 4},${y - 4}l8,8m0,-8l-8,8` }));
    }
    svg.append(group);
  }
  // Names where there is room for them, those with an edge first.
  const joined = new Set([...edges].flatMap((i) => [a(i), b(i)]));
  const order = spots.all().map(name).sort((x, y) => joined.has(y) - joined.has(x) || (x < y ? -1 : 1));
  const fit = labels(order, 24);
  const taken = [...place.values()].map(([x, y]) => [x - r0, y - r0, x + r0, y + r0]);
  const free = (box) => taken.every((t) => box[2] < t[0] || box[0] > t[2] || box[3] < t[1] || box[1] > t[3]);
  let named = 0;
  for (const c of order) {
    const [x, y] = place.get(c);
    const cluster = clusters.get(c);
    const wide = fit.get(c).length * (joined.has(c) ? 6.7 : 6) + 4;
    // To the right of the dot, or to its left.
    const boxes = [[x + r0 + 1, y - 7, x + r0 + 3 + wide, y + 7], [x - r0 - 3 - wide, y - 7, x - r0 - 1, y + 7]];
    const box = boxes.find((b) => b[0] >= 0 && b[2] <= width && free(b));
    if (box) {
      taken.push(box);
      named += 1;
    }
    const open = { href: link(ctx, "class", c), "aria-label": c };
    const on = hover(() => [c, cluster === undefined ? "" : `cluster ${cluster}`]);
    const ground = cluster === undefined ? "var(--line)" : colourOf(cluster - 1);
    // Small dots have no room for the number: their shape says it, as on the map.
    const mark = r0 >= 8 || cluster === undefined ? "circle" : shapeOf(cluster - 1);
    svg.append(s("a", { ...open, on }, s("path", { d: path(mark, x, y, r0), class: "node", fill: ground })));
    if (r0 >= 8 && cluster !== undefined) {
      svg.append(s("text", { x, y: y + 3.5, class: "number", "text-anchor": "middle", "aria-hidden": "true" }, String(cluster)));
    }
    if (box) {
      const left = box === boxes[1];
      svg.append(s("text", {
        x: left ? x - r0 - 3 : x + r0 + 3, y: y + 4, "text-anchor": left ? "end" : null, class: `label${joined.has(c) ? " joined" : ""}`, "aria-hidden": "true",
        on: { ...on, click: () => { location.hash = open.href; } },
      }, fit.get(c)));
    }
  }
  const hidden = n - named;
  return h("div", {}, svg, zoomable(svg, width, height),
    hidden ? h("p", { class: "note" }, `${hidden} names have no room: point at a dot, or search.`) : null);
}
