// What a compound looks like. compoundPage(ctx, id) stands by itself: a page of its own can be made of it.
function compoundView(ctx) {
  const compounds = compoundsOf(ctx);
  if (!ctx.name) {
    const all = [...compounds.values()];
    const columns = [
      { key: "pert_id", text: true, get: (i) => all[i].id, link: (i) => link(ctx, "compound", all[i].id) },
      { key: "pert_iname", text: true, get: (i) => all[i].name },
      { key: "class", text: true, get: (i) => [...all[i].classes].join(" | ") },
      { key: "fate", text: true, get: (i) => fate(ctx, all[i]) },
    ];
    return [h("h2", {}, "Compounds"), dataTable({
      name: "compounds", columns: columnsOf(ctx, new Table(ctx.told, EMPTY), { added: columns }), rows: all.map((_, i) => i), file: `${ctx.dataset.name}-compounds`,
    })];
  }
  const found = compounds.get(ctx.name) ?? [...compounds.values()].find((c) => c.name === ctx.name);
  if (!found) return [h("h2", {}, ctx.name), h("p", {}, "No compound of this data set is called so.")];
  return compoundPage(ctx, found.id);
}

function fate(ctx, compound) {
  if (compound.kept) return "used";
  if (compound.status && compound.status !== "labelled") return `left out: ${compound.status}`;
  const [name] = compound.classes;
  if (name !== undefined && !classesOf(ctx).has(name)) {
    ctx.dataset.sizes ??= (() => {
      const sizes = new Map();
      for (const c of compoundsOf(ctx).values()) for (const n of c.classes) sizes.set(n, (sizes.get(n) ?? 0) + 1);
      return sizes;
    })();
    return `left out: its class has ${ctx.dataset.sizes.get(name)}`;
  }
  return "left out by a filter of signatures";
}

function compoundPage(ctx, id) {
  const compound = compoundsOf(ctx).get(id);
  const known = [...compound.classes];
  return [
    h("h2", {}, compound.name),
    h("p", { class: "lead" }, compound.id === compound.name ? "" : `${compound.id}; `, known.length ? "class " : "no class",
      known.map((name, k) => [k ? ", " : "", classesOf(ctx).has(name) ? h("a", { href: link(ctx, "class", name) }, name) : name]), `; ${fate(ctx, compound)}.`),
    sameCompound(ctx, id),
    wholeCompound(ctx, id),
    topClasses(ctx, compound),
    predictionsOf(ctx, id),
    nearestHeldOut(ctx, id),
    nearestCompounds(ctx, id),
    compound.kept && ctx.of("latent_map").rows ? h("p", {}, h("a", { href: link(ctx, "map", id) }, "Place on the map")) : null,
  ];
}

function sameCompound(ctx, id) {
  const table = ctx.data("duplicates");
  const [row] = table.where("pert_id", id);
  if (row === undefined) return null;
  const rows = table.where("compound", table.get("compound")(row));
  return h("p", {}, "The same compound under other ids: ", rows.map(table.get("pert_id")).filter((other) => other !== id)
    .map((other, k) => [k ? ", " : "", h("a", { href: link(ctx, "compound", other) }, other)]), ".");
}

// Where a signature was measured: cell line, dose, time.
function conditions(ctx) {
  const table = ctx.data("signatures");
  if (!ctx.dataset.conditions) {
    const parts = ["cell_id", "pert_idose", "pert_itime"].filter((c) => table.has(c)).map((c) => table.get(c));
    const id = table.get("sig_id");
    ctx.dataset.conditions = new Map(table.all().map((i) => [id(i), parts.map((p) => exact(p(i))).filter(Boolean).join(", ")]));
  }
  return ctx.dataset.conditions;
}

function topClasses(ctx, compound) {
  const table = ctx.of("predictions");
  const mine = table.where("pert_id", compound.id);
  if (!mine.length) return null;
  const [sig, rank, said, p, novelty] = ["sig_id", "rank", "predicted_class", "probability", "novelty"].map((c) => table.get(c));
  const where = conditions(ctx);
  const groups = new Map();
  for (const i of mine) {
    for (const place of new Set(["all", where.get(sig(i)) || "all"])) {
      const key = `${place}\u0000${said(i)}`;
      if (!groups.has(key)) groups.set(key, { place, name: said(i), first: 0, ps: [], novelty: [] });
      const g = groups.get(key);
      g.first += rank(i) === 1;
      g.ps.push(p(i));
      g.novelty.push(novelty(i));
    }
  }
  const found = [...groups.values()].sort((g, k) => (k.place === "all") - (g.place === "all") || (g.place < k.place ? -1 : Number(g.place > k.place)) || k.first - g.first || mean(k.ps) - mean(g.ps));
  const parted = found.some((g) => g.place !== "all");
  const best = found.filter((g) => g.place === "all").slice(0, 8);
  const columns = columnsOf(ctx, new Table(ctx.told, EMPTY), { added: [
    ...(parted ? [{ key: "condition", text: true, get: (i) => found[i].place }] : []),
    { key: "predicted_class", text: true, get: (i) => found[i].name, link: (i) => (classesOf(ctx).has(found[i].name) ? link(ctx, "class", found[i].name) : null) },
    { key: "times", get: (i) => found[i].first },
    { key: "mean_probability", get: (i) => mean(found[i].ps) },
    { key: "novelty", get: (i) => mean(found[i].novelty) },
  ] });
  return [h("h3", {}, "Top classes, held out"),
    figure("probabilities of the top classes", (width) => forest(width, {
      title: "mean probability", range: [0, 1], rows: best.map((g) => ({
        label: g.name, value: mean(g.ps), low: NaN, high: NaN, kind: compound.classes.has(g.name) ? "model" : "baseline",
        words: [g.name, `mean probability ${shown(mean(g.ps))}`, `first in ${g.first}`, compound.classes.has(g.name) ? "its own class" : ""].filter(Boolean),
        act: () => { location.hash = link(ctx, "class", g.name); },
      })),
    }), "Round: the compound's own class. Over all signatures and seeds, by models that never saw the compound."),
    dataTable({ name: "top_classes", caption: parted ? "By cell line, dose and time" : "Over all signatures", columns, rows: found.map((_, i) => i), file: `${compound.id}-top-classes` })];
}

// By the evidence of all its signatures; under several ids, that of them all.
function wholeCompound(ctx, id) {
  const table = ctx.of("compound_predictions");
  const same = ctx.data("duplicates");
  const [row] = same.where("pert_id", id);
  const rows = table.where("pert_id", row === undefined ? id : same.get("compound")(row));
  if (!rows.length) return null;
  const columns = columnsOf(ctx, table, { hide: ["pert_id"], links: usualLinks(ctx, table) })
    .map((c) => (c.key === "score" ? { ...c, help: "Log of the probability." } : c));
  return dataTable({ name: "whole_compound", caption: "All its signatures together, held out", columns, rows, file: `${id}-whole` });
}

function predictionsOf(ctx, id) {
  const table = ctx.of("predictions");
  if (!table.rows) return h("p", { class: "note" }, ctx.told.views ? "No run lies beside the model: nothing is known of it." : `Predictions are on this page for ${ctx.dataset.subject} only.`);
  const where = conditions(ctx);
  const sig = table.get("sig_id");
  const measured = table.where("pert_id", id).some((i) => where.get(sig(i)));
  const columns = columnsOf(ctx, table, { hide: ["pert_id"], links: usualLinks(ctx, table), added: measured ? [{ key: "condition", text: true, get: (i) => where.get(sig(i)) ?? "" }] : [] });
  return dataTable({ name: "predictions", caption: "Held-out predictions", columns, rows: table.where("pert_id", id), file: `${id}-predictions`, empty: "None: it was left out." });
}

// As a query of its signatures would have named them.
function nearestHeldOut(ctx, id) {
  const table = ctx.of("nearest_compounds");
  const rows = table.where("pert_id", id);
  if (!rows.length) return null;
  const known = compoundsOf(ctx);
  const other = table.get("nearest_pert_id");
  const help = {
    rank: "First those that most of its signatures name.",
    similarity: "Cosine of the two most similar signatures, as the model represents them.",
    percentile: "Of 100 pairs of signatures of different training compounds, so many are less similar. The best of hundreds of compounds is above 99 by chance alone.",
  };
  const columns = columnsOf(ctx, table, {
    only: ["rank", "nearest_pert_id", "named_by", "similarity", "percentile"],
    links: { nearest_pert_id: (i) => (known.has(other(i)) ? link(ctx, "compound", other(i)) : null) },
    added: [
      { key: "nearest_pert_iname", text: true, get: (i) => known.get(other(i))?.name ?? "" },
      { key: "nearest_class", text: true, get: (i) => [...(known.get(other(i))?.classes ?? [])].join(" | ") },
    ],
  }).map((c) => ({ ...c, help: help[c.key] ?? c.help }));
  const said = ctx.model.sentences.nearest_compounds;
  return [dataTable({ name: "nearest_held_out", caption: "Nearest training compounds, held out", columns, rows, file: `${id}-nearest-held-out` }),
    said && h("p", { class: "note" }, said)];
}

function nearestCompounds(ctx, id) {
  const table = ctx.data("nearest_means");
  if (!table.rows) return null;
  const compounds = compoundsOf(ctx);
  const other = table.get("other");
  const columns = columnsOf(ctx, table, { only: ["rank", "similarity"], added: [
    { key: "pert_id", text: true, get: other, link: (i) => link(ctx, "compound", other(i)) },
    { key: "pert_iname", text: true, get: (i) => compounds.get(other(i))?.name ?? "" },
    { key: "class", text: true, get: (i) => [...(compounds.get(other(i))?.classes ?? [])].join(" | ") },
  ] });
  return dataTable({ name: "nearest_compounds", caption: "Nearest compounds by mean signature", columns, rows: table.where("pert_id", id), file: `${id}-nearest` });
}
