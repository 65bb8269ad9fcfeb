// Which mechanisms are alike: one q threshold drives heat map, network and table.
const MEASURES = ["correlation", "corrected_correlation", "specific_correlation"];

function relationColumns(ctx, table, options = {}) {
  return columnsOf(ctx, table, {
    intervals: { corrected_correlation: ["corrected_low", "corrected_high"] }, hide: ["ci_low", "ci_high", "p_value"],
    links: usualLinks(ctx, table), ...options,
  });
}

// found, new or missed; nothing for a pair that is neither known nor beyond chance.
function outcomes(ctx, edges) {
  const table = ctx.of("mechanism_correlations");
  const [a, b] = ["class_a", "class_b"].map((c) => table.get(c));
  const known = knownPairs(ctx);
  return (i) => {
    const isKnown = known.has(pairKey(a(i), b(i)));
    if (edges.has(i)) return isKnown ? "found" : "new";
    return isKnown ? "missed" : "";
  };
}

// The heat map of a measure, classes in the order of their clusters.
function relationMap(ctx, measure, most) {
  const table = ctx.of("mechanism_correlations");
  const [a, b] = ["class_a", "class_b"].map((c) => table.get(c));
  const row = new Map(table.all().map((i) => [pairKey(a(i), b(i)), i]));
  const clusters = clusterOf(ctx);
  const spots = ctx.of("positions");
  const order = clusters.size ? [...clusters.keys()] : spots.all().map(spots.get("class"));
  const edges = new Set(pairsUpTo(ctx));
  return (width) => heatmap(ctx, Math.min(width, most), { measure, order, edges, at: (x, y) => row.get(pairKey(x, y)) });
}

function relationsView(ctx) {
  const table = ctx.of("mechanism_correlations");
  const parts = [h("h2", {}, "Relations")];
  if (!table.rows) return [...parts, h("p", {}, `${ctx.model.name} has no codes to relate; choose another model above.`)];
  const q = table.get("q_value");
  const spots = ctx.of("positions").rows;
  const edges = new Set(pairsUpTo(ctx));
  const outcome = outcomes(ctx, edges);
  const count = { found: 0, new: 0, missed: 0, "": 0 };
  for (let i = 0; i < table.rows; i += 1) count[outcome(i)] += 1;
  const tested = table.all().some((i) => !Number.isNaN(q(i)));
  let sentence = `${edges.size} of ${table.rows.toLocaleString("en-US")} pairs of classes are alike beyond chance at q ≤ ${ctx.q}.`;
  if (!tested) sentence = "Without held-out compounds no pair could be tested; the correlations below have no q.";
  if (tested && ctx.dataset.knows) sentence += ` Of ${count.found + count.missed} known pairs ${count.found} are among them; ${count.new} are new.`;
  // Where nothing was held out, the sentence above says so.
  const limits = ctx.of("relation_test");
  const warning = tested && limits.rows ? limits.get("warning")(0) : "";
  const measures = MEASURES.filter((m) => table.has(m));
  const measure = measures.includes(ctx.params.measure) ? ctx.params.measure : "correlation";
  const every = ctx.params.pairs === "all";
  const rows = (every ? table.all() : [...edges]).sort((i, j) => compare(q(i), q(j), false) || i - j);
  const added = ctx.dataset.knows ? [{ key: "outcome", text: true, get: outcome }] : [];
  parts.push(
    h("p", { class: "lead" }, sentence),
    tested ? h("p", { class: "note" }, "The test asks whether two classes are more alike than the typical pair. A pair without an edge is not shown to be unrelated.") : null,
    warning ? h("p", { class: "warning", role: "note" }, warning) : null,
    choice("Correlation", measures.map((m) => [m, { correlation: "raw", corrected_correlation: "corrected", specific_correlation: "specific" }[m]]), measure, (m) => adjust(ctx, { measure: m })),
    figure("heat map of relations", relationMap(ctx, measure, 900),
      "Red: alike (1), blue: opposite (-1). Pairs up to the q above are in full colour and, where there is room, outlined. Ordered by cluster; point for names, click for the class."),
    h("h3", {}, "Network"),
    figure("network of relations", (width) => network(ctx, width, { edges, outcome }), h("span", {},
      spots > LARGE_NETWORK ? "Each dot is a class, its colour and shape its cluster. " : "Each dot is a class, its number its cluster. ", ctx.dataset.knows ? Object.values(OUTCOMES).map((text) => [text, ". "]) : "Lines: pairs beyond chance. ",
      "Wider: higher correlation. Faint dotted lines join each class to its nearest one (every class has one; no finding).")),
    choice("Rows", [["", `q ≤ ${ctx.q}`], ["all", "all pairs"]], every ? "all" : "", (pairs) => adjust(ctx, { pairs })),
    dataTable({
      name: "relations", caption: "Pairs of classes", rows, file: `${ctx.dataset.name}-${ctx.model.name}-relations`,
      columns: relationColumns(ctx, table, { added }), empty: `No pair has q ≤ ${ctx.q}. Raise q above, or show all pairs.`,
    }),
    ["relation_test", "class_hubs", "class_clusters", "cluster_stability"].map((name) => plainTable(ctx, name, ctx.model)),
    plainTable(ctx, "known_relations"),
  );
  return parts;
}
