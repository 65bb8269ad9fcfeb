// What went in and what was dropped; methods and provenance, which stand on the page as text.
function inputView(ctx) {
  const filters = ctx.data("filters");
  const [step, left, dropped] = ["step", "signatures", "dropped"].map((c) => filters.get(c));
  const most = Math.max(1, ...filters.all().map(left));
  const written = document.querySelector(`[data-methods="${CSS.escape(ctx.dataset.name)}"]`)?.cloneNode(true);
  const paste = written?.querySelector(".paste");
  if (paste) paste.prepend(button("copy methods", (event) => copy(paste.innerText.replace(/^copy methods\s*/, ""), event.target)));
  return [
    ctx.told.views ? null : h("h2", {}, "Input, methods, provenance"),
    filters.rows ? figure("signatures left after each filter", (width) => {
      const room = Math.min(220, width * 0.42);
      const names = labels(filters.all().map(step), Math.floor(room / 7));
      const svg = s("svg", { width, height: filters.rows * 24 + 6, role: "img", "aria-label": "signatures left after each filter; the same numbers are in the table" });
      for (const i of filters.all()) {
        const wide = ((width - room - 90) * left(i)) / most;
        svg.append(s("g", { class: "row", on: hover(() => [step(i), `${left(i)} signatures left, ${dropped(i)} dropped`]) },
          s("text", { x: room, y: i * 24 + 16, "text-anchor": "end" }, names.get(step(i))),
          s("rect", { class: "bar", x: room + 8, y: i * 24 + 4, width: Math.max(1, wide), height: 16 }),
          s("text", { x: room + 14 + wide, y: i * 24 + 16 }, String(left(i)))));
      }
      return svg;
    }, "Signatures left after each filter.") : null,
    filters.rows ? dataTable({ name: "filters", rows: filters.all(), columns: columnsOf(ctx, filters), file: `${ctx.dataset.name}-filters` }) : null,
    plainTable(ctx, "labels"),
    plainTable(ctx, "duplicates"),
    written,
    ctx.told.views ? null : otherTables(ctx),
    ctx.model.figures.length ? [h("h2", {}, `Figures of ${ctx.model.name}`), pictures(ctx.model.figures)] : null,
  ];
}
