// One search box over classes, compounds (name and pert_id) and genes (symbol and id).
const MOST_HITS = 40;

function searchIndex(ctx) {
  if (!ctx.dataset.index) {
    const entries = [...classesOf(ctx).keys()].map((name) => ({ view: "class", name, id: name, note: "class" }));
    const query = ctx.data("queries");
    for (const i of query.all()) entries.push({ view: "query", name: query.get("query")(i), id: query.get("query")(i), note: "your signature" });
    for (const c of compoundsOf(ctx).values()) entries.push({ view: "compound", name: c.name, id: c.id, note: c.kept ? "compound" : "compound, left out" });
    for (const [symbol, id] of genesOf(ctx)) entries.push({ view: "gene", name: symbol, id, key: symbol, note: "gene" });
    for (const entry of entries) entry.low = [entry.name.toLowerCase(), entry.id.toLowerCase()];
    ctx.dataset.index = entries;
  }
  return ctx.dataset.index;
}

// What equals the words comes first, then what begins with them, then what holds them.
function find(ctx, words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [];
  const found = [];
  for (const entry of searchIndex(ctx)) {
    const places = entry.low.map((text) => (text === wanted ? 0 : text.startsWith(wanted) ? 1 : text.includes(wanted) ? 2 : 3));
    const best = Math.min(...places);
    if (best < 3) found.push({ ...entry, best, byId: places[1] < places[0] });
  }
  return found.sort((x, y) => x.best - y.best);
}

function searchBox(current) {
  const [input, list] = [document.getElementById("search"), document.getElementById("hits")];
  let [hits, at] = [[], -1];
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (to) => {
    at = to;
    [...list.querySelectorAll("[data-hit]")].forEach((node, k) => {
      node.parentElement.classList.toggle("at", k === at);
      node.parentElement.setAttribute("aria-selected", String(k === at));
      if (k === at) {
        input.setAttribute("aria-activedescendant", node.parentElement.id);
        node.scrollIntoView({ block: "nearest" });
      }
    });
  };
  const show = () => {
    const ctx = current();
    const all = find(ctx, input.value);
    hits = all.slice(0, MOST_HITS);
    list.replaceChildren(...hits.map((hit, k) => {
      const [text, other] = hit.byId ? [hit.id, hit.name] : [hit.name, hit.id];
      return h("div", { role: "option", id: `hit-${k}`, "aria-selected": "false" },
        h("a", { "data-hit": hit.view, tabindex: -1, href: link(ctx, hit.view, hit.key ?? hit.id), on: { click: close } }, text),
        h("span", {}, [other === text ? "" : other, hit.note].filter(Boolean).join(", ")));
    }));
    if (all.length > hits.length) list.append(h("div", { class: "note" }, `${all.length - hits.length} more: write more of the name`));
    if (!all.length && input.value.trim()) list.append(h("div", { class: "note" }, "Nothing is called so."));
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(hits.length ? 0 : -1);
  };
  set(input, { on: {
    input: show,
    focus: show,
    keydown: (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (hits.length) mark((at + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length);
      } else if (event.key === "Enter" && at >= 0 && hits[at]) {
        const hit = hits[at];
        close();
        location.hash = link(current(), hit.view, hit.key ?? hit.id);
      } else if (event.key === "Escape") close();
    },
  } });
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest("#hits, #search")) close(); });
}
