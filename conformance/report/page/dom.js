// Making elements. Whatever comes from the results is set as text; nothing here makes HTML from a string.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children (nodes, or text). A property that begins with "on" is a listener. */
function h(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/** The same for SVG. */
function s(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) if (child != null && child !== false) element.append(child);
  return element;
}

/** The mark of a verdict. */
function glyph(verdict, title) {
  return h("i", { class: `g ${verdict.replace(" ", "-")}`, "aria-hidden": "true", title });
}

/** The marks of a case on every engine, with the words for those who do not see them. */
function glyphs(index, item) {
  const words = item.verdicts.map((v, i) => `${index.engines[i].name}: ${index.verdicts[v]}`);
  const marks = item.verdicts.map((v, i) => glyph(index.verdicts[v], words[i]));
  return h("span", { class: "glyphs", role: "img", "aria-label": words.join(", ") }, marks);
}

/** The chapter and the topic of a case or a claim, as links to what else stands there. */
function place(item, view = "cases") {
  const { chapter, topic } = item;
  return h("span", { class: "place" },
    h("a", { href: address(view, "", { chapter }) }, chapter), " / ",
    h("a", { href: address(view, "", { chapter, topic }) }, topic));
}

function link(item) {
  return h("a", { href: address("case", item.id) }, item.says);
}

function plural(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** Seconds to three digits: 1.23 µs. */
function duration(seconds) {
  for (const [unit, size] of [["s", 1], ["ms", 1e-3], ["µs", 1e-6]])
    if (seconds >= size) return `${(seconds / size).toPrecision(3)} ${unit}`;
  return `${(seconds / 1e-9).toPrecision(3)} ns`;
}

/** Bytes to three digits: 1.23 MB. */
function bytes(size) {
  for (const [unit, one] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]])
    if (size >= one) return `${(size / one).toPrecision(3)} ${unit}`;
  return `${size} B`;
}

const PHASES = ["forward", "backward", "double_backward", "total"];

function phaseName(phase) {
  return phase.replace("_", " ");
}

/** A ratio to two digits after the point at most: 0.82×, 14×. */
function times(ratio) {
  return `${ratio >= 10 ? Math.round(ratio) : ratio >= 0.1 ? ratio.toFixed(2) : ratio.toPrecision(2)}×`;
}

/** Fill an element with what `make` makes of the items: the first at once, the others in pieces, so that the page stays alive. */
async function pour(root, items, make, piece = 8) {
  const pouring = (root.pouring = {});
  root.replaceChildren(...items.slice(0, piece).map(make));
  for (let start = piece; start < items.length; start += piece) {
    await new Promise((resolve) => setTimeout(resolve));
    if (root.pouring !== pouring) return;
    root.append(...items.slice(start, start + piece).map(make));
  }
}

function poured(items, make) {
  const root = h("div");
  pour(root, items, make);
  return root;
}

function group(items, key) {
  const groups = new Map();
  for (const item of items) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}
