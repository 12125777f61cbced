// From the address to a view, and the keys.

const VIEWS = {
  overview: () => {},
  cases: ({ filters }) => (closeCase(), showCases(filters)),
  case: ({ what, filters }) => showCase(what, filters),
  notebooks: ({ what }) => showNotebooks(what),
  coverage: ({ filters }) => showCoverage(filters),
  drift: () => showDrifts(),
  timing: () => showTiming(),
};

/** Show what the address says. */
async function show() {
  const now = here();
  const view = now.view in VIEWS ? now.view : "overview";
  const section = view === "case" ? "cases" : view;
  const changed = document.getElementById(section).hidden;
  for (const other of document.querySelectorAll("main > .view")) other.hidden = other.id !== section;
  for (const link of document.querySelectorAll(".masthead nav a")) {
    const own = link.getAttribute("href") === (section === "overview" ? "#/" : `#/${section}`);
    if (own) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (changed) scrollTo(0, 0);
  await VIEWS[view](now);
  performance.mark("shown");
  document.body.dataset.shown = location.hash || "#/";
}

const KEYS = {
  "/": focusSearch,
  j: () => walk(1),
  k: () => walk(-1),
  ArrowDown: () => document.activeElement.matches(".row") && walk(1),
  ArrowUp: () => document.activeElement.matches(".row") && walk(-1),
  Escape: leave,
};

function onKey(event) {
  const typing = event.target.matches("input, select, textarea");
  if (event.metaKey || event.ctrlKey || event.altKey || !(event.key in KEYS) || (typing && event.key !== "Escape")) return;
  if (KEYS[event.key]() !== false) event.preventDefault();
}

async function focusSearch() {
  if (!["cases", "case", "coverage"].includes(here().view)) await go("cases");
  document.querySelector("main > .view:not([hidden]) input[type=search]").focus();
}

/** To the next or previous row of the list; with a panel open, to that case. */
function walk(step) {
  const { view, what, filters } = here();
  if (view === "case") {
    const other = neighbour({ id: what }, step);
    if (other) go("case", other.id, filters);
    return;
  }
  const rows = [...document.querySelectorAll("main > .view:not([hidden]) a.row:not([hidden])")];
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
}

/** Out of the search field, or out of the panel and back to its row. */
async function leave() {
  const { view, what, filters } = here();
  if (document.activeElement.matches("input")) document.activeElement.blur();
  else if (view === "case") {
    await go("cases", "", filters);
    list.made.rows.get(what)?.focus();
  }
}

addEventListener("hashchange", show);
addEventListener("keydown", onKey);
show();
