// Where signatures and classes lie, in the plane in which the codes differ most.
function mapView(ctx) {
  const table = ctx.of("latent_map");
  const title = h("h2", {}, "Map");
  if (!table.rows) return [title, h("p", {}, `There is no map of ${ctx.model.name} on this page.`)];
  const signatures = ctx.data("signatures");
  const held = [...heldOut(ctx).values()];
  const options = [["cluster", "cluster"], ["class", "class"]];
  if (signatures.has("cell_id")) options.push(["cell_id", "cell line"]);
  if (held.some((v) => v.ranks.length)) options.push(["rank", "rank of true class"]);
  if (held.some((v) => !Number.isNaN(v.novelty))) options.push(["novelty", "novelty"]);
  const by = options.some(([o]) => o === ctx.params.by) ? ctx.params.by : "cluster";
  const wanted = compoundsOf(ctx).has(ctx.name) ? ctx.name : "";
  const { numeric, groups, number } = colouring(ctx, by);
  const id = ofSignature(ctx)("pert_id");
  const chosen = h("div", {});
  const pick = (rows) => chosen.replaceChildren(dataTable({
    name: "selected", caption: "Selected on the map", rows, file: `${ctx.dataset.name}-selected`,
    columns: columnsOf(ctx, table, {
      only: ["name", "kind", "class", "cluster"], links: usualLinks(ctx, table),
      added: [{ key: "pert_id", text: true, get: id, link: (i) => (id(i) ? link(ctx, "compound", id(i)) : null) }],
    }),
  }));
  const drawn = table.where("kind", "signature").length;
  const part = drawn < signatures.rows ? ` (${drawn} of ${signatures.rows}, drawn at random)` : "";
  const mark = (g) => s("svg", { width: 14, height: 14, "aria-hidden": "true" }, s("path", { d: path(shapeOf(number.get(g)), 7, 7, 5), fill: colourOf(number.get(g)) }));
  return [
    title,
    choice("Colour by", options, by, (to) => adjust(ctx, { by: to })),
    wanted ? h("p", {}, `${compoundsOf(ctx).get(wanted).name} is drawn large.`) : null,
    figure("map", mapDrawing(ctx, { by, wanted, pick }), `Signatures${part} and, as outlined diamonds, class codes, in the first two principal components of the codes. Point for names, click to open, drag a box to list what is in it.`),
    numeric
      ? h("p", { class: "note" }, by === "rank" ? "Yellow: ranked first; dark: far down." : "Yellow: novel (1); dark: not (0).")
      : h("ul", { class: "legend" }, groups.map((g) => h("li", {}, mark(g), g))),
    chosen,
  ];
}
