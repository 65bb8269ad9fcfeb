// How often models are right where they answer only what they are surest of.
const NAMED_SHARES = [0.1, 0.2, 0.5];

function selectiveParts(ctx) {
  const table = ctx.data("risk_coverage");
  if (!table.rows) return null;
  const { dataset } = ctx;
  const unit = table.where("unit", "compound").length ? "compound" : "signature";
  const share = table.get("coverage");
  const mine = table.where("unit", unit);
  const at = NAMED_SHARES.find((c) => String(c) === ctx.params.coverage) ?? 0.2;
  const subject = table.get("subject")(0);
  const rows = mine.filter((i) => Math.abs(share(i) - at) < 1e-9);
  // What the figure shows first, then the coverages that are named, the best model of each first.
  const named = (i) => NAMED_SHARES.some((c) => Math.abs(share(i) - c) < 1e-9);
  const [of, right] = [table.get("unit"), table.get("accuracy")];
  const ordered = table.all().sort((i, j) => (of(j) === unit) - (of(i) === unit) || named(j) - named(i) || share(i) - share(j) || compare(right(i), right(j), true));
  const columns = columnsOf(ctx, table, {
    hide: ["subject"], intervals: { accuracy: ["ci_low", "ci_high"], difference: ["difference_low", "difference_high"] },
  }).map((c) => ({ ...c, ...SELECTIVE_HELP[c.key], ...(c.key === "difference" ? { title: `minus ${subject}` } : {}) }));
  return [
    h("h3", {}, "Answering only what is sure"),
    dataset.sentences.risk_coverage ? h("p", {}, dataset.sentences.risk_coverage) : null,
    h("div", { class: "pair" },
      figure("accuracy by coverage", (width) => coveragePlot(width, table, mine, { unit, chosen: ctx.model.name }),
        `The ${unit}s that a model is surest of first; orange: ${ctx.model.name}, with its 95 % interval over compounds; grey: the others. A flat line is a confidence that says nothing.`),
      h("div", {},
        choice("Answered", NAMED_SHARES.map((c) => [String(c), `${c * 100} %`]), String(at), (c) => adjust(ctx, { coverage: c })),
        figure("accuracy at a coverage", (width) => coverageForest(width, table, rows, { at, subject }),
          `95 % intervals over compounds; grey where the interval of the paired difference to ${subject} holds 0.`))),
    dataTable({ name: "risk_coverage", caption: "Accuracy by coverage", columns, rows: ordered, file: `${dataset.name}-risk_coverage` }),
  ];
}

const SELECTIVE_HELP = {
  unit: { title: "of", help: "What is answered: signatures, or compounds by all their signatures." },
  coverage: { title: "answered", help: "Share that the model answers, the surest first." },
  n: { help: "How many that is." },
  confidence: { title: "least confidence", help: "Probability of the first class of the least sure one that is answered." },
  accuracy: { help: "Share of those answered that is right; 95 % bootstrap interval over compounds. Of equally sure ones each has the same share in the answer." },
  difference: { help: "Accuracy at this coverage, less that of the subject; paired over compounds." },
};

function coveragePlot(width, table, rows, { unit, chosen }) {
  const [model, share, accuracy, low, high] = ["model", "coverage", "accuracy", "ci_low", "ci_high"].map((c) => table.get(c));
  const height = Math.min(340, Math.max(240, width * 0.62));
  const [left, top, bottom] = [46, 10, 44];
  const x = scale(0, 1, left, width - 12);
  const most = Math.max(...rows.map((i) => (model(i) === chosen ? Math.max(accuracy(i), high(i)) : accuracy(i))));
  const y = scale(0, Math.min(1, most * 1.05), height - bottom, top);
  const svg = s("svg", { width, height, role: "group", "aria-label": `accuracy by the share of ${unit}s that is answered` });
  for (const t of ticks(0, 1)) svg.append(s("line", { class: "grid", x1: x(t), x2: x(t), y1: top, y2: height - bottom }), s("text", { x: x(t), y: height - bottom + 15, "text-anchor": "middle" }, shown(t)));
  for (const t of ticks(0, Math.min(1, most * 1.05))) svg.append(s("line", { class: "grid", x1: left, x2: width - 12, y1: y(t), y2: y(t) }), s("text", { x: left - 6, y: y(t) + 4, "text-anchor": "end" }, shown(t)));
  svg.append(s("text", { class: "title", x: x(0.5), y: height - 8, "text-anchor": "middle" }, `share of ${unit}s answered`),
    s("text", { class: "title", transform: `translate(12,${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, "share that is right"));
  const curves = new Map();
  for (const i of rows) curves.set(model(i), [...(curves.get(model(i)) ?? []), i]);
  const line = (of, value) => of.map((i) => `${x(share(i))},${y(value(i))}`).join(" ");
  // The chosen one lies above the others.
  for (const [name, of] of [...curves].sort(([a], [b]) => (a === chosen) - (b === chosen))) {
    const is = name === chosen;
    if (is) svg.append(s("polygon", { class: "band", points: `${line(of, high)} ${line([...of].reverse(), low)}` }));
    const fifth = of.find((i) => Math.abs(share(i) - 0.2) < 1e-9) ?? of[0];
    const words = [name, ...NAMED_SHARES.map((c) => of.find((i) => Math.abs(share(i) - c) < 1e-9)).filter((i) => i !== undefined)
      .map((i) => `${shown(share(i) * 100)} % answered: right ${shown(accuracy(i))} [${shown(low(i))}, ${shown(high(i))}]`)];
    svg.append(s("g", { class: `row curve${is ? " chosen" : ""}`, tabindex: 0, role: "img", "aria-label": words.join("; "), on: hover(() => words) },
      s("polyline", { class: "catch", points: line(of, accuracy) }), s("polyline", { class: "drawn", points: line(of, accuracy) }),
      s("circle", { class: "dot", cx: x(share(fifth)), cy: y(accuracy(fifth)), r: is ? 4 : 2.5 })));
  }
  return svg;
}

function coverageForest(width, table, rows, { at, subject }) {
  const [model, role, accuracy, low, high, d, dLow, dHigh] = ["model", "role", "accuracy", "ci_low", "ci_high", "difference", "difference_low", "difference_high"].map((c) => table.get(c));
  const sorted = [...rows].sort((i, j) => compare(accuracy(i), accuracy(j), true));
  return forest(width, {
    title: `share right, ${shown(at * 100)} % answered`,
    rows: sorted.map((i) => ({
      label: model(i), value: accuracy(i), low: low(i), high: high(i), kind: role(i), pressed: model(i) === subject,
      faint: model(i) !== subject && dLow(i) <= 0 && dHigh(i) >= 0,
      words: [`${model(i)} (${role(i)})`, `right ${exact(accuracy(i))} [${exact(low(i))}, ${exact(high(i))}]`,
        model(i) === subject ? null : `minus ${subject}: ${exact(d(i))} [${exact(dLow(i))}, ${exact(dHigh(i))}]`].filter(Boolean),
    })),
  });
}
