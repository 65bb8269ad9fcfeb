// What was asked, and what the model says of it: the first section of an answer to queries.
function queryView(ctx) {
  const queries = ctx.data("queries");
  const name = queries.get("query");
  const only = queries.rows === 1 ? name(0) : "";
  const wanted = ctx.name || only;
  if (wanted) {
    const [row] = queries.where("query", wanted);
    return row === undefined ? [h("h2", {}, wanted), h("p", {}, "No query is called so.")] : queryPage(ctx, row);
  }
  const columns = columnsOf(ctx, queries, {
    hide: queries.all().some((i) => queries.get("note")(i)) ? [] : ["note"],
    links: { ...usualLinks(ctx, queries), query: (i) => link(ctx, "query", name(i)) },
  }).map((c) => (c.key === "predicted_class" ? { ...c, title: "first class", help: "The class that the model ranks first." } : c));
  return [h("h2", {}, "Your signatures"), h("p", { class: "lead" }, `${queries.rows} signatures, ranked by ${ctx.model.name}.`),
    dataTable({ name: "queries", columns, rows: queries.all(), file: "queries" })];
}

function queryPage(ctx, row) {
  const queries = ctx.data("queries");
  const [name, first, p, novelty, used, all, note] = ["query", "predicted_class", "probability", "novelty", "genes_used", "genes_of_model", "note"]
    .map((c) => queries.get(c)(row));
  const facts = [`probability ${shown(p)}`, Number.isNaN(novelty) ? "" : `novelty ${shown(novelty)}`, Number.isNaN(used) ? "" : `${used} of ${all} genes used`];
  return [
    h("h2", {}, name),
    h("p", { class: "lead" }, "Ranked first: ", h("a", { href: link(ctx, "class", first) }, first), `; ${facts.filter(Boolean).join("; ")}.`),
    note ? h("p", { class: "warning" }, note) : null,
    classesOfQuery(ctx, name),
    genesOfQuery(ctx, name),
    compoundsOfQuery(ctx, name),
  ];
}

function classesOfQuery(ctx, query) {
  const table = ctx.data("answers");
  const [said, p, score, rank] = ["predicted_class", "probability", "score", "rank"].map((c) => table.get(c));
  const rows = [...table.where("query", query)].sort((i, j) => compare(rank(i), rank(j), false));
  const known = rows.some((i) => !Number.isNaN(p(i)));
  const drawn = rows.slice(0, 8).map((i) => ({
    label: said(i), value: known ? p(i) : score(i), low: NaN, high: NaN, kind: rank(i) === 1 ? "model" : "baseline",
    words: [said(i), `rank ${rank(i)}`, `probability ${exact(p(i)) || "unknown"}`, `score ${exact(score(i))}`],
    act: () => { location.hash = link(ctx, "class", said(i)); },
  }));
  const title = known ? "probability" : "score";
  return [h("h3", {}, "Classes"),
    figure(`${title} of the classes`, (width) => forest(width, { title, rows: drawn, ...(known ? { range: [0, 1] } : {}) }), "The first eight. Round: ranked first. Click for what the class does."),
    dataTable({ name: "predictions", columns: columnsOf(ctx, table, { hide: ["query", "genes_used", "genes_of_model"], links: usualLinks(ctx, table) }).map((c) => (
      c.key === "predicted_class" ? { ...c, title: "class", help: "A class of the model." } : c.key === "rank" ? { ...c, help: "1 is first." } : c)), rows, file: `${query}-classes` })];
}

function genesOfQuery(ctx, query) {
  const table = ctx.data("query_genes");
  const [symbol, id, value, by, of] = ["gene", "gene_id", "value", "contribution", "class"].map((c) => table.get(c));
  const rows = [...table.where("query", query)].sort((i, j) => compare(by(i), by(j), true));
  if (!rows.length) return null;
  const known = genesOf(ctx);
  const ids = new Set(known.values());
  const to = (i) => (known.has(symbol(i)) ? link(ctx, "gene", symbol(i)) : ids.has(String(id(i))) ? link(ctx, "gene", id(i)) : null);
  const drawn = rows.map((i) => ({
    label: symbol(i), value: by(i), low: NaN, high: NaN, kind: by(i) > 0 ? "model" : "baseline",
    words: [symbol(i), `speaks ${by(i) > 0 ? "for" : "against"} ${of(i)}`, `value ${exact(value(i))}`, `contribution ${exact(by(i))}`],
    act: to(i) && (() => { location.hash = to(i); }),
  }));
  const helps = { value: "Of the gene in what was asked, as the model takes it.", gene: "Symbol." };
  const columns = columnsOf(ctx, table, { hide: ["query", "class"], links: { gene: to } })
    .map((c) => ({ ...c, help: helps[c.key] ?? c.help }));
  return [h("h3", {}, `Genes for and against ${of(rows[0])}`),
    figure("contributions of genes", (width) => forest(width, { title: "contribution to the score", rows: drawn, lines: [{ at: 0, label: "" }] }),
      "Round: speaks for the first class; square: against. By how much its score, less the mean of all classes', falls without the gene."),
    dataTable({ name: "query_genes", columns, rows, file: `${query}-genes` })];
}

function compoundsOfQuery(ctx, query) {
  const table = ctx.data("query_compounds");
  if (!table.rows) return null;
  const mine = compoundsOf(ctx);
  const links = { ...usualLinks(ctx, table), pert_id: (i) => (mine.has(table.get("pert_id")(i)) ? link(ctx, "compound", table.get("pert_id")(i)) : null) };
  const columns = columnsOf(ctx, table, { hide: ["query"], links })
    .map((c) => (c.key === "percentile" ? { ...c, help: "Of 100 pairs of signatures of different training compounds, so many are less similar." } : c));
  return dataTable({ name: "nearest_compounds", caption: "Nearest compounds", columns, rows: table.where("query", query), file: `${query}-compounds` });
}
