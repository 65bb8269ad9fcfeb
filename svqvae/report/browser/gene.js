// Which mechanisms move a gene.
function geneView(ctx) {
  const genes = genesOf(ctx);
  if (!ctx.name) {
    const all = [...genes];
    const columns = [
      { key: "gene", text: true, get: (i) => all[i][0], link: (i) => link(ctx, "gene", all[i][0]) },
      { key: "gene_id", text: true, get: (i) => all[i][1] },
    ];
    return [h("h2", {}, "Genes"), dataTable({ name: "genes", columns: columnsOf(ctx, new Table(ctx.told, EMPTY), { added: columns }), rows: all.map((_, i) => i) })];
  }
  const symbol = genes.has(ctx.name) ? ctx.name : [...genes].find(([, id]) => id === ctx.name)?.[0];
  if (symbol === undefined) return [h("h2", {}, ctx.name), h("p", {}, "No gene of this data set is called so.")];
  const table = ctx.of("class_markers");
  const q = table.get("q_value");
  const rows = [...table.where("gene", symbol)].sort((i, j) => compare(q(i), q(j), false) || i - j);
  const sure = rows.filter((i) => q(i) <= ctx.q).length;
  const added = [{ key: "call", text: true, get: (i) => (q(i) <= ctx.q ? "marker" : "not significant") }];
  const parts = [h("h2", {}, symbol), h("p", { class: "lead" }, `Gene id ${genes.get(symbol)}. ${sure ? `A marker of ${sure} class${sure === 1 ? "" : "es"}` : "A marker of no class"} at q ≤ ${ctx.q}; among the ranked genes of ${rows.length}.`),
    dataTable({ name: "gene", caption: "Classes that rank it", rows, file: `${symbol}-classes`, columns: columnsOf(ctx, table, { links: usualLinks(ctx, table), hide: ["gene", "gene_id"], added }), mark: (i) => (q(i) <= ctx.q ? "sure" : null) })];
  const decoded = profilesOf(ctx);
  const [at] = decoded?.genes.where("gene", symbol) ?? [];
  if (at !== undefined) {
    const name = decoded.classes.get("class");
    const columns = columnsOf(ctx, new Table(ctx.told, EMPTY), { added: [
      { key: "class", text: true, get: name, link: (i) => link(ctx, "class", name(i)) },
      { key: "profile", get: (i) => Number(decoded.value(i, at).toPrecision(4)) },
    ] });
    const order = decoded.classes.all().sort((i, j) => decoded.value(j, at) - decoded.value(i, at));
    parts.push(dataTable({ name: "gene_profile", caption: "Decoded expression in every class", columns, rows: order, file: `${symbol}-profile` }));
  }
  return parts;
}
