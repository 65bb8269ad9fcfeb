// All pairs of classes as a matrix; pairs up to the threshold in full colour and outlined, others faint.
function heatmap(ctx, width, { measure, order, at, edges }) {
  const n = order.length;
  const letter = n <= 60 ? 6.2 : 0;
  const fit = labels(order, 30);
  const margin = letter && width >= 520 ? Math.min(210, Math.max(...order.map((c) => fit.get(c).length)) * letter + 10) : 0;
  // Cells may be less than a pixel: a canvas that is wider than its place would be squeezed.
  const size = Math.min(26, (width - margin - 2) / n);
  const side = size * n;
  const [node, pen] = canvas(margin + side + 2, side + 2, `${measure} of ${n} classes; the same numbers are in the table`);
  const value = ctx.of("mechanism_correlations").get(measure);
  const q = ctx.of("mechanism_correlations").get("q_value");
  const paint = () => {
    const [ground, line, ink, colour] = [style("--paper"), style("--line"), style("--ink"), diverging()];
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j < n; j += 1) {
        const row = at(order[i], order[j]);
        const x = margin + j * size;
        const known = i === j ? 1 : row === undefined ? NaN : value(row);
        const clear = i === j || edges.has(row);
        pen.globalAlpha = 1;
        pen.fillStyle = ground;
        pen.fillRect(x, i * size, size, size);
        if (Number.isNaN(known)) continue;
        pen.globalAlpha = clear ? 1 : size > 5 ? 0.45 : 0.25;
        pen.fillStyle = i === j ? line : colour(known);
        pen.fillRect(x, i * size, Math.max(size - (size > 5 ? 0.6 : 0), 1), Math.max(size - (size > 5 ? 0.6 : 0), 1));
        if (clear && i !== j && size > 5) {
          pen.globalAlpha = 1;
          pen.strokeStyle = ink;
          pen.lineWidth = size > 8 ? 1.5 : 1;
          pen.strokeRect(x + 0.75, i * size + 0.75, Math.max(size - 2, 1), Math.max(size - 2, 1));
        }
      }
    }
    pen.globalAlpha = 1;
    if (margin) {
      pen.fillStyle = ink;
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      pen.font = `${Math.min(12, Math.max(9, size - 2))}px ${style("--font")}`;
      if (size >= 9) order.forEach((c, i) => pen.fillText(fit.get(c), margin - 6, (i + 0.5) * size, margin - 8));
    }
  };
  paint();
  const under = (event) => {
    const box = node.getBoundingClientRect();
    const i = Math.floor((event.clientY - box.top) / size);
    const j = Math.floor((event.clientX - box.left - margin) / size);
    return i >= 0 && i < n && j < n ? [order[i], j >= 0 ? order[j] : order[i]] : null;
  };
  set(node, {
    on: {
      mousemove: (event) => {
        const pair = under(event);
        if (!pair) return tip.hide();
        const row = at(...pair);
        return tip.show(event, pair[0] === pair[1] || row === undefined ? [pair[0]] : [`${pair[0]} and ${pair[1]}`, `${ctx.told.columns[measure].title} ${exact(value(row)) || "missing"}`, `q ${exact(q(row))}`]);
      },
      mouseleave: tip.hide,
      click: (event) => { const pair = under(event); if (pair) location.hash = link(ctx, "class", pair[0]); },
    },
  });
  node.dataset.edges = edges.size;
  return node;
}
