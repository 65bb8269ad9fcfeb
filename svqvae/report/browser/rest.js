// Tables and figures that have no view of their own: as they are, under their titles.
const WITH_INTERVALS = {
  realism: { value: ["ci_low", "ci_high"] }, drug_targets_summary: { percentile: ["ci_low", "ci_high"] },
  known_relations: { auroc: ["auroc_low", "auroc_high"], average_precision: ["average_precision_low", "average_precision_high"] },
  benchmark_comparisons: { difference: ["ci_low", "ci_high"] },
};
// Shown in other views, or made for the page.
const HAS_VIEW = new Set([
  "benchmark_summary", "benchmark_by_compound", "differences", "differences_by_compound", "risk_coverage", "compound_predictions", "nearest_means", "nearest_compounds", "known_relations", "reliability", "calibration", "novelty", "filters",
  "labels", "duplicates", "recovery", "realism", "drug_targets_summary", "drug_targets", "mechanism_correlations", "relation_test", "class_hubs",
  "class_clusters", "cluster_stability", "class_markers", "class_enrichment", "predictions", "held_out_scores", "positions",
  "latent_map",
]);

// A table of the data set, or of the model, with what it says.
function plainTable(ctx, name, model = null) {
  const table = model ? ctx.of(name) : ctx.data(name);
  if (!table.rows) return null;
  const said = (model ?? ctx.dataset).sentences[name];
  const title = ctx.told.titles[name] ?? name.replaceAll("_", " ");
  const file = [ctx.dataset.name, model?.name, name].filter(Boolean).join("-");
  const columns = columnsOf(ctx, table, { intervals: WITH_INTERVALS[name] ?? {}, links: usualLinks(ctx, table) });
  return [h("h3", {}, title), said && h("p", {}, said), dataTable({ name, rows: table.all(), file, columns })];
}

function otherTables(ctx) {
  const names = (owner) => Object.keys(owner.tables).filter((name) => !HAS_VIEW.has(name));
  const found = [...names(ctx.dataset).map((name) => plainTable(ctx, name)), ...names(ctx.model).map((name) => plainTable(ctx, name, ctx.model))];
  return found.length ? [h("h2", {}, "Other tables"), found] : null;
}

// Figures that were drawn for print. As images, they run nothing.
function pictures(figures) {
  return figures.map(({ title, caption, svg }) => h("figure", { class: "picture" },
    h("img", { alt: title, src: URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })) }), h("figcaption", {}, `${title}. ${caption}`)));
}
