// The map's drawing: signatures as dots, class codes as outlined diamonds.
const MAP_COLUMNS = ["name", "kind", "class", "cluster", "pc1", "pc2"];

// What the map is coloured by: groups of names with colours and shapes, or numbers.
function colouring(ctx, by) {
  const table = ctx.of("latent_map");
  const [name, , cls, cluster] = MAP_COLUMNS.map((c) => table.get(c));
  const held = heldOut(ctx);
  const of = ofSignature(ctx);
  const numeric = {
    rank: (i) => 1 / median(held.get(name(i))?.ranks ?? []),
    novelty: (i) => held.get(name(i))?.novelty ?? NaN,
  }[by];
  if (numeric) return { numeric, groups: [], number: new Map() };
  const group = { cluster: (i) => `cluster ${cluster(i)}`, class: cls, cell_id: of("cell_id") }[by];
  const count = new Map();
  for (const i of table.all()) if (group(i)) count.set(group(i), (count.get(group(i)) ?? 0) + 1);
  const order = by === "cluster"
    ? (g, k) => Number(g.slice(8)) - Number(k.slice(8))
    : (g, k) => count.get(k) - count.get(g) || (g < k ? -1 : 1);
  const groups = [...count.keys()].sort(order).slice(0, SHAPES.length * PALETTE.length);
  // A cluster has the colour that it has in the network.
  const number = new Map(groups.map((g, k) => [g, by === "cluster" ? Number(g.slice(8)) - 1 : k]));
  return { group, groups, number };
}

// A column of signatures, by the row of the map.
function ofSignature(ctx) {
  const [table, signatures] = [ctx.of("latent_map"), ctx.data("signatures")];
  const [name, row] = [table.get("name"), signatures.by("sig_id")];
  return (column) => (i) => (row.has(name(i)) ? exact(signatures.get(column)(row.get(name(i))[0])) : "");
}

/* by: what colours it; wanted: a pert_id that is drawn large; pick: given the rows in a box that was drawn. */
function mapDrawing(ctx, { by, wanted = "", pick = () => {} }) {
  const table = ctx.of("latent_map");
  const [name, kind, cls, cluster, x, y] = MAP_COLUMNS.map((c) => table.get(c));
  const { numeric, group, number } = colouring(ctx, by);
  const of = ofSignature(ctx);
  const all = table.all();
  const isCode = (i) => kind(i) === "code";
  const large = new Set(wanted ? all.filter((i) => of("pert_id")(i) === wanted) : []);
  const words = (i) => [
    name(i), isCode(i) ? "code of the class" : `${of("pert_iname")(i) || of("pert_id")(i)}; ${cls(i)}`,
    isCode(i) ? "" : conditions(ctx).get(name(i)), `cluster ${cluster(i)}`,
    numeric && !isCode(i) ? `${by} ${shown(by === "rank" ? 1 / numeric(i) : numeric(i))}` : "",
  ];
  return (width) => {
    const height = Math.min(640, Math.max(300, width * 0.62));
    const px = scale(...extent(all.map(x)), 8, width - 8);
    const py = scale(...extent(all.map(y)), height - 8, 8);
    const [node, pen] = canvas(width, height, `map of ${table.rows} signatures and codes`);
    const [line, ink] = [style("--line"), style("--ink")];
    const dot = (i) => {
      const k = group ? number.get(group(i)) : undefined;
      const v = numeric?.(i);
      pen.globalAlpha = isCode(i) || large.has(i) ? 1 : wanted ? 0.2 : 0.65;
      pen.fillStyle = line;
      if (numeric && !Number.isNaN(v)) pen.fillStyle = sequential(v);
      if (k !== undefined) pen.fillStyle = colourOf(k);
      const shape = isCode(i) ? "diamond" : k === undefined ? "circle" : shapeOf(k);
      const mark = new Path2D(path(shape, px(x(i)), py(y(i)), isCode(i) ? 5 : large.has(i) ? 6 : 3));
      pen.fill(mark);
      if (isCode(i) || large.has(i)) {
        pen.strokeStyle = ink;
        pen.stroke(mark);
      }
    };
    const paint = () => {
      pen.clearRect(0, 0, width, height);
      for (const i of all) if (!isCode(i) && !large.has(i)) dot(i);
      for (const i of all) if (isCode(i) || large.has(i)) dot(i);
      pen.globalAlpha = 1;
    };
    paint();
    const at = (event) => {
      const box = node.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const near = (event) => {
      const [ex, ey] = at(event);
      let [best, least] = [null, 100];
      for (const i of all) {
        const d = (px(x(i)) - ex) ** 2 + (py(y(i)) - ey) ** 2 - (isCode(i) ? 8 : 0);
        if (d < least) [best, least] = [i, d];
      }
      return best;
    };
    let from = null;
    set(node, { on: {
      mousedown: (event) => { from = at(event); },
      mousemove: (event) => {
        if (from && event.buttons) {
          const [ex, ey] = at(event);
          paint();
          pen.strokeStyle = style("--ink");
          pen.strokeRect(from[0], from[1], ex - from[0], ey - from[1]);
          return;
        }
        const i = near(event);
        if (i === null) tip.hide();
        else tip.show(event, words(i));
      },
      mouseleave: tip.hide,
      mouseup: (event) => {
        if (!from) return;
        const [ex, ey] = at(event);
        const [l, r] = [from[0], ex].sort((p, n) => p - n);
        const [t, b] = [from[1], ey].sort((p, n) => p - n);
        from = null;
        if (r - l >= 5 || b - t >= 5) {
          pick(all.filter((i) => px(x(i)) >= l && px(x(i)) <= r && py(y(i)) >= t && py(y(i)) <= b));
          return;
        }
        const i = near(event);
        if (i !== null) location.hash = isCode(i) ? link(ctx, "class", cls(i)) : link(ctx, "compound", of("pert_id")(i));
      },
    } });
    return node;
  };
}
