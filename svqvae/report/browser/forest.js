// Values with their intervals, one row each: a forest plot.
/* rows: {label, value, low, high, faint, words, act, pressed, tied}; lines: {at, label}. */
function forest(width, { rows, title, range: given, lines = [], bracket = "" }) {
  const room = Math.min(190, Math.max(...rows.map((r) => r.label.length * 6.6)) + 14, width * 0.38);
  const [top, step, right] = [lines.length ? 22 : 8, 24, 16];
  const bottom = top + rows.length * step;
  const left = room + (bracket ? 22 : 8);
  const range = given ?? extent([...rows.flatMap((r) => [r.value, r.low, r.high]), ...lines.map((l) => l.at)]);
  const x = scale(...range, left, width - right);
  const names = labels(rows.map((r) => r.label), Math.floor(room / 6.8));
  const svg = s("svg", { width, height: bottom + 38, role: "group", "aria-label": title });
  fill(svg, [axis(x, range, top, bottom, title)]);
  for (const line of lines) {
    svg.append(s("line", { class: "line", x1: x(line.at), x2: x(line.at), y1: top - 4, y2: bottom }),
      s("text", { class: "line", x: x(line.at), y: top - 8, "text-anchor": "middle" }, line.label));
  }
  const tied = rows.map((r, k) => (r.tied ? k : -1)).filter((k) => k >= 0);
  if (bracket && tied.length > 1) {
    for (const k of tied) {
      const y = top + k * step;
      const d = `M${left - 6},${y + (k === tied[0] ? 4 : 0)}h-5v${step - (k === tied[0] ? 4 : 0) - (k === tied.at(-1) ? 4 : 0)}${k === tied.at(-1) ? "h5" : ""}`;
      svg.append(s("path", { class: "bracket", d: k === tied[0] ? d : d.replace("h-5", "m-5,0") }, s("title", {}, bracket)));
    }
  }
  rows.forEach((row, k) => {
    const y = top + (k + 0.5) * step;
    const mark = s("g", {
      class: `row${row.faint ? " faint" : ""}${row.pressed ? " pressed" : ""}`, tabindex: 0,
      role: row.act ? "button" : "img", "aria-label": row.words.join("; "),
      "aria-pressed": row.act ? String(Boolean(row.pressed)) : null,
      on: {
        ...hover(() => row.words),
        click: () => row.act?.(),
        keydown: (event) => { if (row.act && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); row.act(); } },
      },
    }, s("rect", { class: "back", x: 0, y: y - step / 2, width, height: step }),
    s("text", { x: room, y: y + 4, "text-anchor": "end" }, names.get(row.label)));
    if (Number.isFinite(row.low)) mark.append(s("line", { class: "interval", x1: x(row.low), x2: x(row.high), y1: y, y2: y }));
    if (Number.isFinite(row.value)) mark.append(s("path", { class: `dot ${row.kind ?? ""}`, d: path(row.kind === "baseline" ? "square" : "circle", x(row.value), y, 4.5) }));
    svg.append(mark);
  });
  return svg;
}
