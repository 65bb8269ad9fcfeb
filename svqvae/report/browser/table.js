// A table: every row is there, paged; sorts as numbers, also from the keyboard; filter, CSV.
const PAGE = 15;

// NaN and empty come last both ways.
function compare(x, y, down) {
  const [noX, noY] = [x === "" || Number.isNaN(x), y === "" || Number.isNaN(y)];
  if (noX || noY) return noX - noY;
  const order = typeof x === "string" ? (x < y ? -1 : Number(x > y)) : x - y;
  return down ? -order : order;
}

function csv(columns, rows) {
  const field = (value) => {
    const text = exact(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((i) => columns.map((c) => field(c.get(i))).join(","));
  return `${[columns.map((c) => field(c.key)).join(","), ...lines].join("\r\n")}\r\n`;
}

/* Columns of a Table: {key, title, help, get, ...}. Options: only (names, in order), hide (in the CSV alone),
   intervals ({value: [low, high]}: shown beside the value), links ({column: row -> address}), added (more columns). */
function columnsOf(ctx, table, { only, hide = [], intervals = {}, links = {}, added = [] } = {}) {
  const ends = new Set(Object.values(intervals).flat());
  const own = (only ?? table.names).filter((name) => table.has(name)).map((key) => ({
    key,
    text: table.isText(key),
    get: table.get(key),
    interval: intervals[key]?.every((end) => table.has(end)) ? intervals[key].map((end) => table.get(end)) : null,
    hidden: hide.includes(key) || ends.has(key),
    link: links[key],
  }));
  const titled = [...own, ...added].map((column) => {
    const told = Object.hasOwn(ctx.told.columns, column.key) ? ctx.told.columns[column.key] : null;
    return { title: told?.title ?? column.key.replaceAll("_", " "), help: told?.help ?? "", ...column };
  });
  return titled;
}

// Where names of classes, compounds and genes lead to.
function usualLinks(ctx, table) {
  const links = {};
  for (const key of ["class", "class_a", "class_b", "predicted_class", "true_class"]) {
    links[key] = (i) => (classesOf(ctx).has(table.get(key)(i)) ? link(ctx, "class", table.get(key)(i)) : null);
  }
  links.pert_id = (i) => link(ctx, "compound", table.get("pert_id")(i));
  links.gene = (i) => link(ctx, "gene", table.get("gene")(i));
  return links;
}

function cell(column, i) {
  const value = column.get(i);
  let text = shown(value);
  let full = exact(value);
  if (column.interval && text !== "") {
    const [low, high] = column.interval.map((end) => end(i));
    if (!Number.isNaN(low)) {
      text += ` [${shown(low)}, ${shown(high)}]`;
      full += ` [${exact(low)}, ${exact(high)}]`;
    }
  }
  const to = text === "" ? null : column.link?.(i);
  const inner = to ? h("a", { href: to }, text) : text;
  return h("td", { class: typeof value === "number" ? "number" : null, title: full === text ? null : full }, inner);
}

/* Options: name (data-table), columns, rows (their numbers), file (of the CSV), caption, empty (what is said
   where there are none), mark (row -> class of the row). */
function dataTable({ name, columns, rows, file, caption, empty = "None.", mark }) {
  const visible = columns.filter((c) => !c.hidden);
  const box = h("div", { class: "table", "data-table": name, "data-rows": rows.length });
  if (!rows.length) return fill(box, [caption && h("h3", {}, caption), h("p", { class: "note" }, empty)]);
  let [order, page, sorted, down] = [rows, 0, null, false];
  const body = h("tbody");
  const count = h("span", { class: "note", "aria-live": "polite" });
  const heads = visible.map((column) => {
    const turn = button(column.title, () => sort(column), { title: column.help || null });
    return h("th", { scope: "col", class: column.text ? null : "number" }, turn);
  });
  const pages = () => Math.max(1, Math.ceil(order.length / PAGE));
  const go = (to) => { page = Math.min(Math.max(to, 0), pages() - 1); draw(); };
  const first = button("«", () => go(0), { "aria-label": "first page" });
  const back = button("‹", () => go(page - 1), { "aria-label": "page before" });
  const next = button("›", () => go(page + 1), { "aria-label": "next page" });
  const last = button("»", () => go(pages() - 1), { "aria-label": "last page" });

  function draw() {
    const from = page * PAGE;
    const part = order.slice(from, from + PAGE);
    body.replaceChildren(...part.map((i) => h("tr", { class: mark?.(i) }, visible.map((c) => cell(c, i)))));
    const filtered = order.length < rows.length ? `, of ${rows.length}` : "";
    count.textContent = order.length ? `${from + 1}–${from + part.length} of ${order.length}${filtered}` : "no row has this";
    for (const [node, off] of [[first, page === 0], [back, page === 0], [next, page >= pages() - 1], [last, page >= pages() - 1]]) {
      node.disabled = off;
      node.hidden = pages() === 1;
    }
  }

  function sort(column) {
    down = sorted === column ? !down : false;
    sorted = column;
    order = [...order].sort((x, y) => compare(column.get(x), column.get(y), down) || x - y);
    visible.forEach((c, k) => {
      if (c === column) heads[k].setAttribute("aria-sort", down ? "descending" : "ascending");
      else heads[k].removeAttribute("aria-sort");
    });
    go(0);
  }

  const filter = h("input", {
    type: "search", placeholder: "filter rows", "aria-label": `filter rows of ${caption ?? name}`,
    on: {
      input: () => {
        const wanted = filter.value.toLowerCase();
        order = rows.filter((i) => columns.some((c) => exact(c.get(i)).toLowerCase().includes(wanted)));
        if (sorted) order.sort((x, y) => compare(sorted.get(x), sorted.get(y), down) || x - y);
        go(0);
      },
    },
  });
  const explained = visible.filter((c) => c.help);
  const tools = h("div", { class: "tools" }, rows.length > PAGE && filter, count, first, back, next, last,
    button("CSV", () => save(`${file ?? name}.csv`, csv(columns, order), "text/csv"), { title: "All rows, also of other pages" }));
  const meaning = explained.length
    ? h("details", { class: "note" }, h("summary", {}, "what the columns mean"),
      h("dl", {}, explained.map((c) => [h("dt", {}, c.title), h("dd", {}, c.help)])))
    : null;
  draw();
  return fill(box, [
    caption && h("h3", {}, caption),
    tools,
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption ?? name },
      h("table", {}, h("thead", {}, h("tr", {}, heads)), body)),
    meaning,
  ]);
}
