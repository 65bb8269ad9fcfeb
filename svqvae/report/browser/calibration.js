// Can a probability be believed: confidence against how often it is right.
function reliabilityPlot(width, table, rows, { small = false, title }) {
  const [confidence, accuracy, low, high, n] = ["confidence", "accuracy", "ci_low", "ci_high", "n"].map((c) => table.get(c));
  const side = Math.min(width, small ? 170 : 440);
  const [left, top, bottom] = [small ? 26 : 46, small ? 20 : 12, small ? 22 : 44];
  const x = scale(0, 1, left, side - 8);
  const y = scale(0, 1, side - bottom, top);
  const svg = s("svg", { width: side, height: side, role: "group", "aria-label": title });
  for (const t of small ? [0, 0.5, 1] : ticks(0, 1)) {
    svg.append(s("line", { class: "grid", x1: x(t), x2: x(t), y1: y(0), y2: y(1) }), s("line", { class: "grid", x1: x(0), x2: x(1), y1: y(t), y2: y(t) }),
      s("text", { x: x(t), y: y(0) + 14, "text-anchor": "middle" }, shown(t)), s("text", { x: left - 5, y: y(t) + 4, "text-anchor": "end" }, shown(t)));
  }
  svg.append(s("line", { class: "line", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }));
  const most = Math.max(...rows.map(n));
  for (const i of rows) {
    const words = [`${title}: confidence ${exact(confidence(i))}`, `right ${exact(accuracy(i))} [${exact(low(i))}, ${exact(high(i))}]`, `${n(i)} held-out signatures`];
    svg.append(s("g", { class: "row", tabindex: small ? null : 0, role: "img", "aria-label": words.join("; "), on: hover(() => words) },
      s("line", { class: "interval", x1: x(confidence(i)), x2: x(confidence(i)), y1: y(low(i)), y2: y(high(i)) }),
      s("circle", { class: "dot", cx: x(confidence(i)), cy: y(accuracy(i)), r: (small ? 2 : 3) + (small ? 3 : 7) * Math.sqrt(n(i) / most) })));
  }
  if (small) svg.append(s("text", { x: left, y: 13 }, labels([title], 22).get(title), s("title", {}, title)));
  else svg.append(s("text", { class: "title", x: x(0.5), y: side - 8, "text-anchor": "middle" }, "confidence in the first class"), s("text", { class: "title", transform: `translate(12,${y(0.5)}) rotate(-90)`, "text-anchor": "middle" }, "share that is right"));
  return svg;
}

function calibrationView(ctx) {
  const [bins, errors, novelty] = ["reliability", "calibration", "novelty"].map((name) => ctx.data(name));
  const parts = [h("h2", {}, "Calibration")];
  const said = ctx.dataset.sentences;
  parts.push(h("p", { class: "lead" }, ctx.model.cards.find((c) => c.key === "trust").verdict, " ", said.calibration ?? ""));
  if (bins.rows) {
    const own = bins.where("model", ctx.model.name);
    const rest = [...bins.by("model").keys()].filter((m) => m !== ctx.model.name);
    parts.push(
      own.length ? figure(`reliability of ${ctx.model.name}`, (width) => reliabilityPlot(width, bins, own, { title: ctx.model.name }), `${ctx.model.name}: on the diagonal probabilities are right. Bars: 95 % intervals over compounds; larger dots hold more signatures.`) : h("p", {}, `${ctx.model.name} has no probabilities.`),
      h("h3", {}, "The other models"),
      h("div", { class: "many" }, rest.map((m) => h("figure", { "aria-label": `reliability of ${m}` }, reliabilityPlot(170, bins, bins.where("model", m), { small: true, title: m })))));
  }
  for (const [name, table, title, intervals] of [["calibration", errors, "Calibration errors", { ece: ["ece_low", "ece_high"] }], ["reliability", bins, "Bins", { accuracy: ["ci_low", "ci_high"] }],
    ["novelty", novelty, "Novelty of classes left out of training", { auroc: ["ci_low", "ci_high"] }]]) {
    if (!table.rows) continue;
    parts.push(h("h3", {}, title), name === "novelty" && said.novelty ? h("p", {}, said.novelty) : null,
      dataTable({ name, rows: table.all(), file: `${ctx.dataset.name}-${name}`, columns: columnsOf(ctx, table, { intervals, links: usualLinks(ctx, table) }) }));
  }
  return parts;
}
