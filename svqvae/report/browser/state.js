// What is looked at stands in the address: #/DATASET/MODEL/view/NAME?q=0.05
// Those of the report of a run; an answer to queries has others, and says so.
const VIEWS = {
  glance: "At a glance", benchmark: "Benchmark", relations: "Relations", class: "Classes", compound: "Compounds",
  gene: "Genes", map: "Map", calibration: "Calibration", input: "Input and methods",
};
const viewsOf = (told) => told.views ?? VIEWS;

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % is a name's own
  }
}

function parseAddress(hash, told) {
  const { datasets } = told;
  const views = viewsOf(told);
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  let parts = path.split("/").filter(Boolean).map(decoded);
  const params = Object.fromEntries(new URLSearchParams(query));
  const found = { dataset: datasets[0], model: null, view: Object.keys(views)[0], name: "", params };
  const dataset = datasets.find((d) => d.name === parts[0]);
  const model = dataset?.models.find((m) => m.name === parts[1]);
  if (dataset && (parts.length === 1 || model || !Object.hasOwn(views, parts[0]))) {
    found.dataset = dataset;
    parts = parts.slice(1);
    if (model) {
      found.model = model;
      parts = parts.slice(1);
    }
  }
  found.model ??= found.dataset.models.find((m) => m.name === found.dataset.subject) ?? found.dataset.models[0];
  if (Object.hasOwn(views, parts[0] ?? "")) [found.view, found.name = ""] = parts;
  const q = Number(params.q ?? "0.05");
  found.q = Number.isFinite(q) && q >= 0 && q <= 1 ? q : 0.05;
  return found;
}

function formatAddress({ dataset, model, view, name, params }) {
  const parts = [dataset.name, model.name, view, name].filter(Boolean).map(encodeURIComponent);
  const query = new URLSearchParams(params).toString();
  return `#/${parts.join("/")}${query ? `?${query}` : ""}`;
}

// Another view of the same: an address to link to. Parameters other than q belong to a view.
function link(ctx, view, name = "", params = {}) {
  const { q } = ctx.params;
  return formatAddress({ ...ctx, view, name, params: { ...(q ? { q } : {}), ...params } });
}

// The same view with other parameters.
function adjust(ctx, params) {
  location.hash = formatAddress({ ...ctx, params: { ...ctx.params, ...params } });
}
