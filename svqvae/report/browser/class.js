// What a mechanism does. classPage(ctx, name) stands by itself: a page of its own can be made of it.
const median = (values) => {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort((x, y) => x - y);
  const half = sorted.length >> 1;
  if (!sorted.length) return NaN;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const mean = (values) => {
  const known = values.filter((v) => !Number.isNaN(v));
  return known.length ? known.reduce((x, y) => x + y, 0) / known.length : NaN;
};

function classView(ctx) {
  const classes = classesOf(ctx);
  if (!ctx.name) {
    const names = [...classes.keys()];
    const clusters = clusterOf(ctx);
    const columns = [
      { key: "class", text: true, get: (i) => names[i], link: (i) => link(ctx, "class", names[i]) },
      { key: "n_signatures", get: (i) => classes.get(names[i]).signatures },
      { key: "n_perturbagens", get: (i) => classes.get(names[i]).compounds.size },
      { key: "cluster", get: (i) => clusters.get(names[i]) ?? NaN },
    ];
    return [h("h2", {}, "Classes"), dataTable({
      name: "classes", columns: columnsOf(ctx, new Table(ctx.told, EMPTY), { added: columns }), rows: names.map((_, i) => i), file: `${ctx.dataset.name}-classes`,
    })];
  }
  if (!classes.has(ctx.name)) return [h("h2", {}, ctx.name), h("p", {}, "No class of this data set is called so.")];
  return classPage(ctx, ctx.name);
}

function classPage(ctx, name) {
  const cluster = clusterOf(ctx).get(name);
  const facts = [sizeOf(ctx, name), cluster === undefined ? "" : `cluster ${cluster}`];
  return [
    h("h2", {}, name),
    h("p", { class: "lead" }, [facts.filter(Boolean).join("; ") || "Members are not on this page", ...inShort(ctx, name)].join(". "), "."),
    hubWarning(ctx, name),
    profileOf(ctx, name),
    markersOf(ctx, name),
    nearestClasses(ctx, name),
    membersOf(ctx, name),
    confusedWith(ctx, name),
    geneSets(ctx, name),
  ];
}

// What the sections below find.
function inShort(ctx, name) {
  const [predictions, markers, relations] = ["predictions", "class_markers", "mechanism_correlations"].map((t) => ctx.of(t));
  const said = [];
  const firsts = predictions.where("true_class", name).filter((i) => predictions.get("rank")(i) === 1);
  if (firsts.length) said.push(`Held out, ${firsts.filter((i) => predictions.get("predicted_class")(i) === name).length} of ${firsts.length} came first as it`);
  const found = [];
  const count = (rows, table) => rows.filter((i) => table.get("q_value")(i) <= ctx.q).length || "no";
  if (markers.rows) {
    const n = count(markers.where("class", name), markers);
    found.push(`${n} marker gene${n === 1 ? "" : "s"}`);
  }
  if (relations.rows) {
    const n = count([...relations.where("class_a", name), ...relations.where("class_b", name)], relations);
    found.push(`${n} class${n === 1 ? "" : "es"} alike beyond chance`);
  }
  if (found.length) said.push(`At q ≤ ${ctx.q}: ${found.join(", ")}`);
  return said;
}

// Of members, or, where they are not on the page, as the model counts them.
function sizeOf(ctx, name) {
  const mine = classesOf(ctx).get(name);
  if (mine.signatures) return `${mine.signatures} signatures of ${mine.compounds.size} compounds`;
  const counted = profilesOf(ctx)?.classes;
  const [row] = counted?.where("class", name) ?? [];
  if (row === undefined || !counted.has("n_signatures")) return "";
  const compounds = counted.has("n_perturbagens") ? ` of ${counted.get("n_perturbagens")(row)} compounds` : "";
  return `${counted.get("n_signatures")(row)} signatures${compounds}`;
}

function hubWarning(ctx, name) {
  const hubs = ctx.of("class_hubs");
  const [i] = hubs.where("class", name);
  if (i === undefined || hubs.get("hub")(i) !== "True") return null;
  return h("p", { class: "warning" }, `A hub: the nearest of ${hubs.get("nearest_of")(i)} classes, more than chance explains. Its raw correlations say little; look at the specific ones.`);
}

function nearestClasses(ctx, name) {
  const table = ctx.of("mechanism_correlations");
  if (!table.rows) return null;
  const [a, b, r, q] = ["class_a", "class_b", "correlation", "q_value"].map((c) => table.get(c));
  const rows = table.all().filter((i) => a(i) === name || b(i) === name).sort((i, j) => compare(q(i), q(j), false) || compare(r(i), r(j), true));
  const sure = rows.filter((i) => q(i) <= ctx.q).length;
  const other = (i) => (a(i) === name ? b(i) : a(i));
  const outcome = outcomes(ctx, new Set(pairsUpTo(ctx)));
  const added = ctx.dataset.knows ? [{ key: "outcome", text: true, get: outcome }] : [];
  const columns = relationColumns(ctx, table, { hide: ["ci_low", "ci_high", "p_value", "class_a", "class_b"], added });
  columns.unshift({ key: "class", title: "class", help: "The other class of the pair.", text: true, get: other, link: (i) => (classesOf(ctx).has(other(i)) ? link(ctx, "class", other(i)) : null) });
  return [h("h3", {}, "Nearest classes"), h("p", {}, sure ? `${sure} of ${rows.length} at q ≤ ${ctx.q}; these come first.` : `None at q ≤ ${ctx.q}: the order below is no finding.`),
    dataTable({ name: "nearest", columns, rows, file: `${name}-nearest`, mark: (i) => (q(i) <= ctx.q ? "sure" : null) })];
}

function markersOf(ctx, name) {
  const table = ctx.of("class_markers");
  if (!table.rows) return null;
  const [gene, q, direction] = ["gene", "q_value", "direction"].map((c) => table.get(c));
  const isMarker = (i) => q(i) <= ctx.q;
  const all = table.where("class", name);
  const rows = [...all].sort((i, j) => isMarker(j) - isMarker(i) || (isMarker(i) ? compare(q(i), q(j), false) : 0) || i - j);
  const markers = rows.filter(isMarker);
  const up = markers.filter((i) => direction(i) === "up").map(gene);
  const down = markers.filter((i) => direction(i) === "down").map(gene);
  const gmt = () => [["UP", up], ["DOWN", down]].filter(([, genes]) => genes.length)
    .map(([way, genes]) => `${[`${name.replaceAll(/\s+/g, "_")}_${way}`, `q<=${ctx.q}`, ...genes].join("\t")}\n`).join("");
  const lists = markers.length ? h("div", { class: "tools" },
    button(`copy up (${up.length})`, (event) => copy(up.join("\n"), event.target), { disabled: !up.length }),
    button(`copy down (${down.length})`, (event) => copy(down.join("\n"), event.target), { disabled: !down.length }),
    button("GMT", () => save(`${name}.gmt`, gmt(), "text/plain"))) : null;
  const columns = columnsOf(ctx, table, { links: usualLinks(ctx, table), hide: ["class"], added: [{ key: "call", text: true, get: (i) => (isMarker(i) ? "marker" : "not significant") }] });
  const thin = ctx.model.whole ? "" : " Of this model the page holds ten genes a class; class_markers.tsv has all.";
  return [h("h3", {}, "Genes"), h("p", {}, markers.length ? `${markers.length} marker${markers.length === 1 ? "" : "s"} at q ≤ ${ctx.q} (${up.length} up, ${down.length} down) of ${rows.length} ranked genes.${thin}` : `Markers at q ≤ ${ctx.q}: none. The ranked genes below are no markers.${thin}`),
    lists, dataTable({ name: "markers", columns, rows, file: `${name}-genes`, mark: (i) => (isMarker(i) ? "sure" : null) })];
}

// The decoded class: the genes that stand out most, or the image.
function profileOf(ctx, name) {
  const decoded = profilesOf(ctx);
  const row = decoded?.classes.where("class", name)[0];
  if (row === undefined) return null;
  const heading = h("h3", {}, "Profile");
  if (ctx.dataset.image_shape) return [heading, decodedImage(decoded, row, ctx.dataset.image_shape, name)];
  const symbol = decoded.genes.get("gene");
  const order = Array.from({ length: decoded.width }, (_, g) => g).sort((g, k) => decoded.value(row, k) - decoded.value(row, g));
  const shownGenes = order.length <= 30 ? order : [...order.slice(0, 15), ...order.slice(-15)];
  return [heading, figure(`profile of ${name}`, (width) => {
    const height = 230;
    const values = shownGenes.map((g) => decoded.value(row, g));
    const [low, high] = extent([0, ...values]);
    const y = scale(low, high, height - 70, 12);
    const step = (width - 44) / shownGenes.length;
    const svg = s("svg", { width, height, role: "group", "aria-label": `profile of ${name}` });
    for (const t of ticks(low, high, 4)) {
      svg.append(s("line", { class: "grid", x1: 36, x2: width, y1: y(t), y2: y(t) }), s("text", { x: 32, y: y(t) + 4, "text-anchor": "end" }, shown(t)));
    }
    shownGenes.forEach((g, k) => {
      const value = values[k];
      const x = 40 + k * step;
      const words = [symbol(g), `profile ${shown(value)}`];
      svg.append(s("a", { href: link(ctx, "gene", symbol(g)), "aria-label": words.join(" "), on: hover(() => words) },
        s("rect", { class: value < 0 ? "down" : "up", x, width: Math.max(1, step - 2), y: Math.min(y(0), y(value)), height: Math.max(1, Math.abs(y(value) - y(0))) }),
        step >= 13 ? s("text", { class: "gene", "text-anchor": "end", transform: `translate(${x + step / 2 + 2},${height - 60}) rotate(-60)` }, labels([symbol(g)], 9).get(symbol(g))) : null));
    });
    return svg;
  }, `Decoded expression of the class: the ${shownGenes.length} genes furthest from 0 either way, of ${decoded.width}.`)];
}

function decodedImage(decoded, row, [tall, wide], name) {
  const [node, pen] = canvas(wide * 6, tall * 6, `decoded image of ${name}`);
  const values = Array.from({ length: tall * wide }, (_, p) => decoded.value(row, p));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  values.forEach((v, p) => {
    const grey = Math.round((255 * (v - low)) / (high - low || 1));
    pen.fillStyle = `rgb(${grey},${grey},${grey})`;
    pen.fillRect((p % wide) * 6, Math.floor(p / wide) * 6, 6, 6);
  });
  return h("figure", {}, node);
}

// Held-out ranks and probabilities of the true class, by signature.
function heldOut(ctx) {
  const { model } = ctx;
  if (!model.held) {
    const [scores, predictions] = [ctx.of("held_out_scores"), ctx.of("predictions")];
    model.held = new Map();
    const of = (sig) => {
      if (!model.held.has(sig)) model.held.set(sig, { ranks: [], probabilities: [], novelty: NaN });
      return model.held.get(sig);
    };
    const [id, rank] = [scores.get("sig_id"), scores.get("true_rank")];
    for (let i = 0; i < scores.rows; i += 1) of(id(i)).ranks.push(rank(i));
    const [sig, truth, said, p, novelty] = ["sig_id", "true_class", "predicted_class", "probability", "novelty"].map((c) => predictions.get(c));
    for (let i = 0; i < predictions.rows; i += 1) {
      const found = of(sig(i));
      if (truth(i) === said(i)) found.probabilities.push(p(i));
      if (Number.isNaN(found.novelty)) found.novelty = novelty(i);
    }
  }
  return model.held;
}

function membersOf(ctx, name) {
  const table = ctx.data("signatures");
  if (!table.rows) return null;
  const rows = table.where("class", name);
  const held = heldOut(ctx);
  const sig = table.get("sig_id");
  const added = [
    { key: "true_rank", get: (i) => median(held.get(sig(i))?.ranks ?? []) },
    { key: "probability", title: "probability of true class", help: "Mean over seeds; missing where the class is not among those listed in predictions.tsv.", get: (i) => mean(held.get(sig(i))?.probabilities ?? []) },
  ];
  const columns = columnsOf(ctx, table, { hide: ["class", "fold"], links: usualLinks(ctx, table), added });
  const known = [...rows].sort((i, j) => compare(added[0].get(i), added[0].get(j), false) || i - j);
  const note = ctx.model.whole ? null : h("p", { class: "note" }, `Held-out ranks are on this page for ${ctx.dataset.subject} only.`);
  return [h("h3", {}, "Members"), note, dataTable({ name: "members", columns, rows: known, file: `${name}-members` })];
}

function confusedWith(ctx, name) {
  const table = ctx.of("predictions");
  if (!table.rows) return null;
  const [rank, said] = [table.get("rank"), table.get("predicted_class")];
  const firsts = table.where("true_class", name).filter((i) => rank(i) === 1);
  if (!firsts.length) return null;
  const count = new Map();
  for (const i of firsts) count.set(said(i), (count.get(said(i)) ?? 0) + 1);
  const found = [...count].sort(([c, x], [d, y]) => y - x || (c < d ? -1 : 1));
  const columns = columnsOf(ctx, new Table(ctx.told, EMPTY), { added: [
    { key: "predicted_class", text: true, get: (i) => found[i][0], link: (i) => (classesOf(ctx).has(found[i][0]) ? link(ctx, "class", found[i][0]) : null) },
    { key: "times", get: (i) => found[i][1] },
    { key: "share", get: (i) => found[i][1] / firsts.length },
  ] });
  const right = count.get(name) ?? 0;
  return [h("h3", {}, "Confused with"), h("p", {}, `Held out, ${right} of ${firsts.length} came first as ${name}.`),
    dataTable({ name: "confusion", columns, rows: found.map((_, i) => i), file: `${name}-confusion` })];
}

function geneSets(ctx, name) {
  const table = ctx.of("class_enrichment");
  if (!table.rows) return null;
  const q = table.get("q_value");
  const rows = [...table.where("class", name)].sort((i, j) => compare(q(i), q(j), false) || i - j);
  return [h("h3", {}, "Gene sets"), dataTable({
    name: "gene_sets", rows, file: `${name}-gene-sets`, columns: columnsOf(ctx, table, { hide: ["class"] }), mark: (i) => (q(i) <= ctx.q ? "sure" : null),
  })];
}
