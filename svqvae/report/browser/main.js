// The page: what the address says is shown; bar, menu and print follow it.
const SHOW = {
  glance: glanceView, benchmark: benchmarkView, relations: relationsView, class: classView, compound: compoundView,
  gene: geneView, map: mapView, calibration: calibrationView, input: inputView, query: queryView,
};

// Width of what is drawn for A4, in pixels.
const PAPER = 680;

function showBar(told, ctx) {
  const options = (list, chosen) => list.map((x) => h("option", { value: x.name, selected: x === chosen }, x.name));
  document.getElementById("dataset").replaceChildren(...options(told.datasets, ctx.dataset));
  document.getElementById("model").replaceChildren(...options(ctx.dataset.models, ctx.model));
  // An answer is of one model.
  for (const id of ["dataset", "model"]) document.getElementById(id).parentElement.hidden = Boolean(told.views);
  const q = document.getElementById("q");
  if (document.activeElement !== q) q.value = ctx.q;
  document.getElementById("menu").replaceChildren(h("h1", {}, told.title), ...Object.entries(viewsOf(told)).map(([view, title]) => h("a", {
    href: link(ctx, view), "aria-current": view === ctx.view ? "page" : null,
  }, title)));
}

async function start() {
  const told = await unpack(document.getElementById("block").textContent);
  PALETTE = told.palette;
  for (const dataset of told.datasets) dataset.subject = told.subject;
  // What stands there without the script has done its work.
  document.getElementById("static").remove();
  let ctx = null;
  let place = "";

  const render = () => {
    const state = parseAddress(location.hash, told);
    ctx = context(told, state);
    tip.hide();
    showBar(told, ctx);
    document.title = [ctx.name || viewsOf(told)[ctx.view], told.title].join(" – ");
    const now = [ctx.view, ctx.name].join("\u0000");
    const box = document.getElementById("view");
    const y = window.scrollY;
    // Heights are kept while drawings are made, so that a switch does not move the page.
    box.style.minHeight = now === place ? `${box.offsetHeight}px` : "";
    box.replaceChildren(...fill(document.createDocumentFragment(), [SHOW[ctx.view](ctx)]).childNodes);
    box.dataset.view = ctx.view;
    if (now !== place) window.scrollTo(0, 0);
    else window.scrollTo(0, y);
    requestAnimationFrame(() => requestAnimationFrame(() => { box.style.minHeight = ""; }));
    place = now;
  };

  const to = (change) => { location.hash = formatAddress({ ...ctx, ...change }); };
  document.getElementById("dataset").addEventListener("change", (event) => {
    const dataset = told.datasets.find((d) => d.name === event.target.value);
    to({ dataset, model: dataset.models.find((m) => m.name === ctx.model.name) ?? dataset.models[0] });
  });
  document.getElementById("model").addEventListener("change", (event) => {
    to({ model: ctx.dataset.models.find((m) => m.name === event.target.value) });
  });
  document.getElementById("q").addEventListener("input", (event) => {
    const q = Number(event.target.value);
    if (event.target.value === "" || !(q >= 0 && q <= 1)) return;
    // Back leads to another view, not to another digit.
    history.replaceState(null, "", formatAddress({ ...ctx, params: { ...ctx.params, q: String(q) } }));
    render();
  });
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });
  window.addEventListener("hashchange", render);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
  // On paper: the summary, the benchmark and the findings; of an answer, what is shown.
  window.addEventListener("beforeprint", () => {
    document.documentElement.classList.add("paper");
    const printed = told.views ? [ctx.view] : ["glance", "benchmark", "relations"];
    const box = h("div", { id: "paper" }, h("p", { class: "title" }, told.title), printed.map((view) => h("section", {}, SHOW[view](ctx))));
    document.getElementById("main").append(box);
    for (const stage of box.querySelectorAll(".stage")) stage.paint(stage.closest(".pair") ? PAPER / 2 - 20 : PAPER);
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.classList.remove("paper");
    document.getElementById("paper")?.remove();
  });
  searchBox(() => ctx);
  render();
  document.documentElement.dataset.ready = "1";
}

start().catch((error) => {
  document.documentElement.classList.remove("js");
  const box = document.getElementById("failed");
  box.hidden = false;
  box.textContent = `The page could not be shown: ${error.message}. The tables lie in the results folder.`;
  throw error;
});
