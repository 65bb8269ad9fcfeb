"use strict";
// Tabs: one model at a time.
for (const list of document.querySelectorAll("[role=tablist]")) {
  const tabs = [...list.children];
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      for (const other of tabs) {
        other.setAttribute("aria-selected", String(other === tab));
        document.getElementById(other.dataset.panel).hidden = other !== tab;
      }
    });
  }
}
// Tables: a click on a column sorts, a text box filters rows.
const value = (row, at) => {
  const text = row.cells[at].textContent;
  const number = Number(text.replaceAll(",", ""));
  return text !== "" && !Number.isNaN(number) ? number : text.toLowerCase();
};
for (const table of document.querySelectorAll("table.data")) {
  const body = table.tBodies[0];
  if (!table.tHead) continue;
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    head.addEventListener("click", () => {
      const down = head.dataset.order !== "down";
      head.dataset.order = down ? "down" : "up";
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [value(a, at), value(b, at)];
        const order = typeof x === typeof y ? (x > y) - (x < y) : typeof x === "number" ? -1 : 1;
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });
  if (body.rows.length > 12) {
    const box = document.createElement("input");
    box.className = "filter";
    box.type = "search";
    box.placeholder = "filter rows";
    box.setAttribute("aria-label", "filter rows");
    box.addEventListener("input", () => {
      const wanted = box.value.toLowerCase();
      for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    table.parentElement.before(box);
  }
}
