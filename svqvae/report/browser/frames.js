// Tables of data set and model at hand, and what several views ask of them.
const EMPTY = { rows: 0, columns: [] };

function tableOf(told, owner, name) {
  owner.open ??= new Map();
  if (!owner.open.has(name)) owner.open.set(name, new Table(told, owner.tables[name] ?? EMPTY));
  return owner.open.get(name);
}

// What views are given: the address, and tables by name.
function context(told, state) {
  const { dataset, model } = state;
  return {
    ...state,
    told,
    data: (name) => tableOf(told, dataset, name),
    of: (name, other = model) => tableOf(told, other, name),
  };
}

const pairKey = (a, b) => (a < b ? `${a}\u0000${b}` : `${b}\u0000${a}`);

// Classes of the data set with their numbers, by name.
function classesOf(ctx) {
  if (!ctx.dataset.classes) {
    const found = new Map();
    const signatures = ctx.data("signatures");
    const name = signatures.get("class");
    const compound = signatures.get("pert_id");
    for (let i = 0; i < signatures.rows; i += 1) {
      if (!found.has(name(i))) found.set(name(i), { signatures: 0, compounds: new Set() });
      const mine = found.get(name(i));
      mine.signatures += 1;
      mine.compounds.add(compound(i));
    }
    for (const model of ctx.dataset.models) {
      const clusters = ctx.of("class_clusters", model);
      const hubs = clusters.rows ? clusters : ctx.of("class_hubs", model);
      const own = hubs.get("class");
      for (let i = 0; i < hubs.rows; i += 1) {
        if (!found.has(own(i))) found.set(own(i), { signatures: 0, compounds: new Set() });
      }
    }
    // Of an answer without a run beside its model, these are all that is known.
    const said = ctx.data("answers").get("predicted_class");
    for (const i of ctx.data("answers").all()) if (!found.has(said(i))) found.set(said(i), { signatures: 0, compounds: new Set() });
    ctx.dataset.classes = new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return ctx.dataset.classes;
}

// Compounds by pert_id: name, classes, status of the label; those left out as well.
function compoundsOf(ctx) {
  if (!ctx.dataset.compounds) {
    const found = new Map();
    for (const table of [ctx.data("labels"), ctx.data("signatures")]) {
      const [id, name, of, status] = ["pert_id", "pert_iname", "class", "status"].map((c) => table.get(c));
      if (!table.has("pert_id")) continue;
      const kept = !table.has("status");
      for (let i = 0; i < table.rows; i += 1) {
        if (!found.has(id(i))) found.set(id(i), { id: id(i), name: "", classes: new Set(), kept: false, status: "" });
        const mine = found.get(id(i));
        if (table.has("pert_iname") && name(i)) mine.name = name(i);
        if (table.has("class") && of(i)) mine.classes.add(of(i));
        if (kept) mine.kept = true;
        else mine.status = status(i);
      }
    }
    for (const mine of found.values()) mine.name ||= mine.id;
    ctx.dataset.compounds = found;
  }
  return ctx.dataset.compounds;
}

// Genes by symbol: ids.
function genesOf(ctx) {
  if (!ctx.dataset.genes) {
    const found = new Map();
    const add = (table) => {
      const [symbol, id] = [table.get("gene"), table.get("gene_id")];
      for (let i = 0; i < table.rows; i += 1) if (!found.has(symbol(i))) found.set(symbol(i), String(id(i)));
    };
    for (const model of ctx.dataset.models) {
      if (model.profiles) add(new Table(ctx.told, model.profiles.genes));
      add(ctx.of("class_markers", model));
    }
    ctx.dataset.genes = found;
  }
  return ctx.dataset.genes;
}

// Decoded profiles of the model: classes by genes.
function profilesOf(ctx) {
  const { model, told } = ctx;
  if (!model.profiles) return null;
  if (!model.decoded) {
    const { classes, genes, values } = model.profiles;
    const raw = numbers(told, values);
    const [names, symbols] = [new Table(told, classes), new Table(told, genes)];
    const width = values.columns;
    model.decoded = {
      classes: names,
      genes: symbols,
      width,
      value: (row, column) => values.low + values.step * raw[row * width + column],
    };
  }
  return model.decoded;
}

// Pairs known to be related, whatever the model: found or missed by the subject.
function knownPairs(ctx) {
  if (!ctx.dataset.known) {
    const table = ctx.data("known_pairs");
    const [a, b, outcome] = ["class_a", "class_b", "outcome"].map((c) => table.get(c));
    ctx.dataset.known = new Set();
    for (let i = 0; i < table.rows; i += 1) {
      if (outcome(i) !== "new") ctx.dataset.known.add(pairKey(a(i), b(i)));
    }
    ctx.dataset.knows = table.rows > 0;
  }
  return ctx.dataset.known;
}

// Row numbers of the pairs up to the threshold.
function pairsUpTo(ctx) {
  const relations = ctx.of("mechanism_correlations");
  const q = relations.get("q_value");
  return relations.all().filter((i) => q(i) <= ctx.q);
}

function clusterOf(ctx) {
  const clusters = ctx.of("class_clusters");
  const [name, cluster] = [clusters.get("class"), clusters.get("cluster")];
  return new Map(clusters.all().map((i) => [name(i), cluster(i)]));
}
