// The list of cases and its filters. The rows are made once; a filter hides those that do not match.

const list = { made: null, filters: {} };

const MATCHES = {
  chapter: (item, value) => item.chapter === value,
  topic: (item, value) => item.topic === value,
  need: (item, value) => item.needs.includes(value),
  q: (item, value) => value.toLowerCase().split(/\s+/).every((word) => item.text.includes(word)),
};

/** Whether a case matches all filters, but for the one named `except`. Engine and verdict are one filter. */
function matching(index, item, filters, except) {
  for (const [name, matches] of Object.entries(MATCHES))
    if (filters[name] && !matches(item, filters[name])) return false;
  return except === "verdict" || !filters.verdict || verdictsOf(index, item, filters.engine).some((v) => wanted(filters).includes(v));
}

function wanted(filters) {
  return (filters.verdict || "").split(",").filter(Boolean);
}

/** The verdicts of a case on the engine named, or on all. */
function verdictsOf(index, item, engine) {
  return item.verdicts.filter((_, i) => !engine || index.engines[i].name === engine).map((v) => index.verdicts[v]);
}

/** Show the list under these filters; make it first where there is none. */
async function showCases(filters) {
  const index = await cases();
  const root = document.getElementById("cases");
  list.made ??= makeList(index, root);
  list.filters = filters;
  const chosen = index.cases.filter((item) => matching(index, item, filters));
  const visible = new Set(chosen);
  for (const { section, rows, count } of list.made.groups) {
    const shown = rows.filter(({ item, row }) => !(row.hidden = !visible.has(item))).length;
    section.hidden = !shown;
    count.textContent = shown;
  }
  list.visible = chosen;
  list.made.empty.hidden = chosen.length > 0;
  syncFilters(index, root.querySelector(".filters"), filters, chosen.length);
  return index;
}

function makeList(index, root) {
  const groups = [...group(index.cases, (item) => `${item.chapter} / ${item.topic}`)].map(([, items]) => {
    const rows = items.map((item) => ({ item, row: makeRow(index, item) }));
    const count = h("small", {});
    const section = h("section", {}, h("h3", {}, place(items[0]), " ", count), rows.map(({ row }) => row));
    section.style.containIntrinsicSize = `auto ${items.length * 54 + 40}px`;
    return { section, rows, count };
  });
  const empty = h("p", { class: "calm", hidden: true }, "No case matches.");
  const rows = root.querySelector(".rows");
  rows.replaceChildren(...groups.map(({ section }) => section), empty);
  rows.addEventListener("click", openWithFilters);
  root.querySelector(".filters").replaceChildren(...makeFilters(index));
  return { groups, empty, rows: new Map(groups.flatMap((g) => g.rows.map(({ item, row }) => [item.id, row]))) };
}

/** A link in the list keeps the filters; copied, it is the address of the case alone. */
function openWithFilters(event) {
  const row = event.target.closest("a.row");
  if (!row || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go("case", row.dataset.id, list.filters);
}

function makeRow(index, item) {
  return h("a", { class: "row", href: address("case", item.id), "data-id": item.id },
    glyphs(index, item),
    h("span", { class: "says" }, item.says),
    h("span", { class: "name" }, item.name, item.needs.map((need) => [" ", h("span", { class: "need" }, need)])),
    reasons(index, item));
}

/** One line for every engine on which a case did not go as it should. */
function reasons(index, item) {
  return item.verdicts.flatMap((v, i) => {
    const verdict = index.verdicts[v];
    if (!item.reasons?.[i]) return [];
    return [h("span", { class: `why ${verdict.replace(" ", "-")}` }, `${index.engines[i].name} ${verdict}: ${item.reasons[i]}`)];
  });
}

function makeFilters(index) {
  const change = (name) => (event) => refine({ [name]: event.target.value });
  const search = h("input", {
    type: "search", name: "q", placeholder: "Search cases", "aria-label": "Search cases", autocomplete: "off", spellcheck: "false",
    oninput: (event) => refine({ q: event.target.value.trim() }, true),
  });
  const select = (name) => h("select", { name, "aria-label": name, onchange: change(name) });
  const chips = index.verdicts.map((verdict) =>
    h("button", { type: "button", class: "chip", "data-verdict": verdict, "aria-pressed": "false", onclick: () => toggle(verdict) },
      glyph(verdict), verdict, " ", h("small", {})));
  return [
    h("div", { class: "line" }, search, ["chapter", "topic", "engine", "need"].map(select)),
    h("div", { class: "line" }, h("span", { class: "chips", role: "group", "aria-label": "verdict" }, chips),
      h("output", { class: "number", "aria-live": "polite" }),
      h("button", { type: "button", class: "clear", onclick: () => go("cases") }, "Clear")),
  ];
}

function toggle(verdict) {
  const now = wanted(list.filters);
  refine({ verdict: (now.includes(verdict) ? now.filter((v) => v !== verdict) : [...now, verdict]).join(",") });
}

/** Change some filters. Another chapter forgets the topic. */
function refine(changes, quietly = false) {
  const filters = { ...list.filters, ...changes };
  if ("chapter" in changes) filters.topic = "";
  const { view, what } = here();
  go(view, what, filters, quietly);
}

/** Make the controls say what the filters are. */
function syncFilters(index, bar, filters, number) {
  const topics = index.cases.filter((item) => !filters.chapter || item.chapter === filters.chapter);
  fill(bar, "chapter", "every chapter", index.cases.map((item) => item.chapter), filters.chapter);
  fill(bar, "topic", "every topic", topics.map((item) => item.topic), filters.topic);
  fill(bar, "engine", "every engine", index.engines.map((engine) => engine.name), filters.engine);
  fill(bar, "need", "every need", index.cases.flatMap((item) => item.needs).sort(), filters.need);
  const search = bar.querySelector("input");
  if (document.activeElement !== search) search.value = filters.q || "";
  const others = index.cases.filter((item) => matching(index, item, filters, "verdict"));
  for (const chip of bar.querySelectorAll(".chip")) {
    const { verdict } = chip.dataset;
    const count = others.filter((item) => verdictsOf(index, item, filters.engine).includes(verdict)).length;
    chip.setAttribute("aria-pressed", wanted(filters).includes(verdict));
    chip.disabled = !count && !wanted(filters).includes(verdict);
    chip.querySelector("small").textContent = count.toLocaleString("en");
  }
  bar.querySelector("output").textContent = `${number.toLocaleString("en")} of ${plural(index.cases.length, "case")}`;
  bar.querySelector(".clear").hidden = !Object.values(filters).some(Boolean);
}

function fill(bar, name, all, values, value = "") {
  const select = bar.querySelector(`select[name=${name}]`);
  const names = [...new Set(values)];
  if (value && !names.includes(value)) names.push(value);
  select.replaceChildren(h("option", { value: "" }, all), ...names.map((v) => h("option", { value: v }, v)));
  select.value = value;
  select.disabled = names.length === 0;
}
