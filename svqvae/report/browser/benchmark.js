// Which model, by how much, against chance: by compound, where compounds have several signatures, and by signature.
function differencesTo(ctx, metric, reference, name = "differences") {
  const table = ctx.data(name);
  const [model, other, d, low, high] = ["model", "other", "difference", "ci_low", "ci_high"].map((c) => table.get(c));
  const found = new Map();
  for (const i of table.where("metric", metric)) {
    if (other(i) === reference) found.set(model(i), { value: d(i), low: low(i), high: high(i) });
    if (model(i) === reference) found.set(other(i), { value: -d(i), low: -high(i), high: -low(i) });
  }
  return found;
}

const holdsZero = (d) => !d || (d.low <= 0 && d.high >= 0);

// What heads the benchmark, and what stands below: names of tables, and words.
const BY_SIGNATURE = {
  table: "benchmark_summary", differences: "differences", name: "benchmark", caption: "Scores", heading: "By signature",
  note: "Held-out signatures, the same folds for every model",
};
const BY_COMPOUND = {
  table: "benchmark_by_compound", differences: "differences_by_compound", name: "benchmark_by_compound", caption: "Scores by compound",
  heading: "By compound", note: "Held-out compounds, each by the evidence of all its signatures, the same folds for every model",
};

function benchmarkView(ctx) {
  const { told, dataset } = ctx;
  const summary = ctx.data("benchmark_summary");
  const parts = [h("h2", {}, "Benchmark"), h("p", { class: "lead" }, dataset.models[0].cards.find((c) => c.key === "benchmark").verdict)];
  if (!summary.rows) return parts;
  const value = summary.get("value");
  const metrics = Object.keys(told.metrics).filter((m) => summary.where("metric", m).some((i) => !Number.isNaN(value(i))));
  // Compounds are ranked by the model's own balance alone.
  const usual = dataset.by_compound ? "mrr" : "mrr_micro";
  const metric = metrics.includes(ctx.params.metric) ? ctx.params.metric : metrics.includes(usual) ? usual : metrics[0];
  const units = [BY_COMPOUND, BY_SIGNATURE].filter((unit) => ctx.data(unit.table).where("metric", metric).length);
  // The one that a user asks comes first.
  if (!dataset.by_compound) units.reverse();
  parts.push(
    choice("Metric", metrics.map((m) => [m, told.metrics[m].title]), metric, (m) => adjust(ctx, { metric: m })),
    units.map((unit) => [
      units.length > 1 && h("h3", {}, unit.heading),
      unit === BY_COMPOUND && dataset.sentences.benchmark_by_compound ? h("p", {}, dataset.sentences.benchmark_by_compound) : null,
      scoresBy(ctx, metric, unit),
    ]),
    selectiveParts(ctx),
    ["benchmark_strength", "recovery", "realism", "drug_targets_summary", "drug_targets"].map((name) => plainTable(ctx, name)),
    pictures(ctx.dataset.figures),
  );
  return parts;
}

function scoresBy(ctx, metric, unit) {
  const { told, dataset } = ctx;
  const summary = ctx.data(unit.table);
  const [name, role, value, low, high] = ["model", "role", "value", "ci_low", "ci_high"].map((c) => summary.get(c));
  const lower = told.metrics[metric].lower;
  const rows = summary.where("metric", metric).filter((i) => !Number.isNaN(value(i)))
    .sort((i, j) => compare(value(i), value(j), !lower));
  const reference = rows.some((i) => name(i) === ctx.params.ref) ? ctx.params.ref : name(rows[0]);
  const apart = differencesTo(ctx, metric, reference, unit.differences);
  const level = rows.filter((i) => name(i) === reference || holdsZero(apart.get(name(i)))).map(name);
  const chance = dataset.chance[metric];
  const title = told.metrics[metric].title;
  const act = (model) => () => adjust(ctx, { ref: model });
  const words = (i) => {
    const d = apart.get(name(i));
    return [`${name(i)} (${role(i)})`, `${title} ${exact(value(i))} [${exact(low(i))}, ${exact(high(i))}]`,
      d && `minus ${reference}: ${exact(d.value)} [${exact(d.low)}, ${exact(d.high)}]`,
      d && (holdsZero(d) ? `level with ${reference}` : `differs from ${reference}`)];
  };
  const values = rows.map((i) => ({
    label: name(i), value: value(i), low: low(i), high: high(i), kind: role(i), act: act(name(i)),
    pressed: name(i) === reference, tied: level.includes(name(i)), words: words(i).filter(Boolean),
  }));
  const differences = rows.map((i) => {
    const d = name(i) === reference ? { value: 0, low: NaN, high: NaN } : apart.get(name(i)) ?? { value: NaN, low: NaN, high: NaN };
    return { label: name(i), ...d, kind: role(i), faint: name(i) !== reference && holdsZero(apart.get(name(i))), act: act(name(i)), words: words(i).filter(Boolean) };
  });
  const others = level.filter((m) => m !== reference);
  const sentence = others.length
    ? `By ${title}, level with ${reference} (the interval of the difference holds 0): ${others.join(", ")}.`
    : `By ${title}, no model is level with ${reference}.`;
  return [
    h("p", {}, sentence),
    h("div", { class: "pair" },
      figure(title, (width) => forest(width, {
        rows: values, title: `${title}${lower ? " (lower is better)" : ""}`, bracket: `level with ${reference}`,
        lines: chance === undefined ? [] : [{ at: chance, label: `chance ${shown(chance)}` }],
      }), `${unit.note}; 95 % intervals over compounds. Round: models, square: baselines. The bracket joins those level with the reference.`),
      figure(`difference to ${reference}`, (width) => forest(width, {
        rows: differences, title: `difference to ${reference}`, lines: [{ at: 0, label: "0" }],
      }), `Paired over compounds; grey where the interval holds 0. Click a model to make it the reference.`)),
    dataTable({
      name: unit.name, caption: unit.caption, file: `${dataset.name}-${unit.table}`,
      columns: columnsOf(ctx, summary, { intervals: { value: ["ci_low", "ci_high"], difference: ["difference_low", "difference_high"] } })
        .map((c) => (c.key === "difference" ? { ...c, title: `minus ${told.reference}` } : c)),
      rows: [...rows, ...summary.all().filter((i) => summary.get("metric")(i) !== metric)],
    }),
  ];
}
