// Elements of the page. Names from the data only ever become text, never markup.
function fill(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

function set(node, props) {
  for (const [key, value] of Object.entries(props)) {
    if (key === "on") {
      for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(key, value === true ? "" : String(value));
    }
  }
  return node;
}

const h = (tag, props = {}, ...children) => fill(set(document.createElement(tag), props), children);
const SVG = "http://www.w3.org/2000/svg";
const s = (tag, props = {}, ...children) => fill(set(document.createElementNS(SVG, tag), props), children);

const button = (text, act, props = {}) => h("button", { type: "button", on: { click: act }, ...props }, text);

// A number as it is shown: four digits; the title of a cell has all.
function shown(value) {
  if (typeof value !== "number") return value;
  if (Number.isNaN(value)) return "";
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(4)));
}

const exact = (value) => (typeof value === "number" && Number.isNaN(value) ? "" : String(value));

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// What is pointed at, in words.
const tip = {
  show(event, lines) {
    const box = document.getElementById("tip");
    box.replaceChildren(...lines.filter(Boolean).map((line) => h("div", {}, line)));
    box.hidden = false;
    const at = event.target.getBoundingClientRect?.();
    const x = event.clientX || (at ? at.left + at.width / 2 : 0);
    const y = event.clientY || (at ? at.bottom : 0);
    const left = Math.min(x + 14, window.innerWidth - box.offsetWidth - 8);
    const top = y + 18 + box.offsetHeight > window.innerHeight ? y - box.offsetHeight - 12 : y + 18;
    box.style.left = `${Math.max(4, left)}px`;
    box.style.top = `${Math.max(4, top)}px`;
  },
  hide() {
    document.getElementById("tip").hidden = true;
  },
};

// Pointing at a mark of a drawing, by mouse or keyboard, shows its words.
const hover = (lines) => ({
  mousemove: (event) => tip.show(event, lines()),
  mouseleave: tip.hide,
  focus: (event) => tip.show(event, lines()),
  blur: tip.hide,
});

// Labels that fit: the beginning and the end of a name, as long as it takes to tell all apart.
function labels(names, most) {
  const cut = (name, n) => {
    const letters = [...name];
    if (letters.length <= n) return name;
    const tail = Math.floor((n - 1) / 3);
    return `${letters.slice(0, n - 1 - tail).join("")}…${letters.slice(letters.length - tail).join("")}`;
  };
  const found = new Map();
  let waiting = [...new Set(names)];
  for (let n = most; waiting.length; n += 4) {
    const count = new Map();
    for (const name of waiting) count.set(cut(name, n), (count.get(cut(name, n)) ?? 0) + 1);
    const taken = new Set(found.values());
    const rest = [];
    for (const name of waiting) {
      const label = cut(name, n);
      if (label === name || (count.get(label) === 1 && !taken.has(label))) found.set(name, label);
      else rest.push(name);
    }
    waiting = rest;
  }
  return found;
}

function save(name, text, type) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function copy(text, from) {
  const area = h("textarea", {}, text);
  document.body.append(area);
  area.select();
  // Pages opened as files have no clipboard but this one.
  const done = document.execCommand("copy");
  area.remove();
  const was = from.textContent;
  from.textContent = done ? "copied" : "not copied";
  setTimeout(() => { from.textContent = was; }, 1200);
}
