// The panel of one case.

/** Show a case beside the list. */
async function showCase(id, filters) {
  const index = await showCases(filters);
  const panel = document.querySelector("#cases .panel");
  const number = index.numbers.get(id);
  const item = index.cases[number];
  const content = item ? casePanel(index, item, await detail(number)) : [h("h2", {}, "No such case"), h("p", {}, id)];
  if (here().what !== id) return;
  panel.replaceChildren(closing(index, item), ...content);
  panel.hidden = false;
  panel.scrollTop = 0;
  document.getElementById("cases").classList.add("open");
  list.made.rows.forEach((row, key) => (key === id ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current")));
  list.made.rows.get(id)?.scrollIntoView({ block: "nearest" });
  if (item) fillCovers(panel, item, await detail(number));
}

function closeCase() {
  const panel = document.querySelector("#cases .panel");
  panel.hidden = true;
  document.getElementById("cases").classList.remove("open");
}

/** The case that stands `step` places after this one in the list as it is filtered. */
function neighbour(item, step) {
  const at = list.visible.findIndex((other) => other.id === item?.id);
  return list.visible[at < 0 ? 0 : at + step];
}

function closing(index, item) {
  const to = (step, title, mark) => {
    const other = neighbour(item, step);
    return h("a", { class: "step", title, "aria-label": title, href: other && address("case", other.id, list.filters) }, mark);
  };
  return h("p", { class: "closing" },
    h("a", { href: address("cases", "", list.filters) }, "All cases"),
    item && place(item), h("span", { class: "steps" }, to(-1, "Previous case", "↑"), to(1, "Next case", "↓"),
      h("a", { class: "step", title: "Close", "aria-label": "Close", href: address("cases", "", list.filters) }, "×")));
}

function casePanel(index, item, known) {
  const wrong = new Set(known.engines.flatMap((engine) => (engine.findings || []).map((finding) => finding.line)));
  return [
    h("h2", {}, item.says),
    h("p", { class: "name" }, item.name),
    h("dl", { class: "facts" },
      fact("Source", known.source), fact("File", h("code", {}, `${known.file}:${known.line}`)),
      item.needs.length > 0 && fact("Needs", item.needs.join(", "))),
    h("section", { class: "verdicts", "aria-label": "Verdicts" },
      known.engines.map((engine, i) => verdict(index, item, engine, i))),
    drifts(known.drifts),
    yaml("The case, and what was seen", known.yaml, known.line, (line) => seenAt(index, item, known, line), wrong),
    python("The same in torch", known.script),
    timesOf(index, known),
    known.covers.length > 0 && h("section", { class: "covers" }, h("h3", {}, "Covers"),
      h("ul", {}, known.covers.map((id) => h("li", { "data-claim": id }, h("code", {}, id))))),
  ].filter(Boolean);
}

function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function verdict(index, item, engine, i) {
  const { name, absent } = index.engines[i];
  const word = index.verdicts[item.verdicts[i]];
  const findings = (engine.findings || []).map((finding) =>
    h("li", {},
      finding.line > 0 && h("button", { type: "button", class: "at", onclick: () => toLine(finding.line) }, `line ${finding.line}`),
      h("code", {}, finding.path), h("span", { class: "message" }, finding.message),
      finding.odd && h("span", { class: "odd" }, finding.odd)));
  const leaks = (engine.leaks || []).map((leak) => h("li", {}, h("code", {}, "global state"), h("span", { class: "message" }, leak)));
  const told = findings.length > 0 ? "" : engine.detail || absent;
  return h("div", { class: `verdict ${word.replace(" ", "-")}` },
    glyph(word), h("b", {}, name), h("span", { class: "word" }, word), told && h("span", { class: "told" }, told),
    findings.length + leaks.length > 0 && h("ul", { class: "findings" }, findings, leaksNotTold(engine, leaks)));
}

/** Leaks are findings too; they are shown by themselves only where no finding says them. */
function leaksNotTold(engine, leaks) {
  return leaks.filter((_, i) => !(engine.findings || []).some((finding) => finding.message === engine.leaks[i]));
}

function toLine(line) {
  const at = document.getElementById(`line-${line}`);
  at?.scrollIntoView({ block: "center" });
  at?.animate([{ background: "var(--mark)" }, {}], { duration: 1500 });
}

/** What the engines saw at a line: one note where all showed the same, else one for each that differs. */
function seenAt(index, item, known, line) {
  return known.seen.filter((seen) => seen.line === line).flatMap((seen) =>
    seen.saw.map(({ text, engines }) => {
      const bad = engines.some((i) => (known.engines[i].findings || []).some((finding) => finding.line === line));
      const who = engines.map((i) => index.engines[i].name).join(", ");
      return h("span", { class: bad ? "saw wrong" : "saw", title: `${seen.path} as ${who} showed it` },
        h("span", { class: "text" }, text), h("span", { class: "who" }, who));
    }));
}

/** The two sides of every drift that a case declares. */
function drifts(declared = []) {
  return declared.length > 0 && h("section", { class: "drifts" }, h("h3", {}, "Drift"), declared.map(sides));
}

function sides(drift) {
  return h("dl", { class: "sides" },
    h("dt", { class: "path" }, `line ${drift.line} `, h("code", {}, drift.path)),
    h("dt", {}, "documented"), h("dd", {}, h("code", {}, drift.documented)),
    h("dt", {}, "torch"), h("dd", {}, h("code", {}, drift.torch)));
}

function timesOf(index, known) {
  const phases = PHASES.filter((phase) => known.engines.some((engine) => engine.time?.[phase]));
  const timed = known.engines.some((engine) => engine.time);
  const untimed = known.engines.map((engine, i) => engine.not_timed && `${index.engines[i].name}: ${engine.not_timed}`).filter(Boolean);
  if (!timed) return untimed.length > 0 && h("p", { class: "muted" }, "Not timed. ", untimed.join("; "), ".");
  const rows = known.engines.map((engine, i) => engine.time && h("tr", {}, h("th", { scope: "row" }, index.engines[i].name),
    phases.map((phase) => h("td", {}, figure(engine.time[phase]))),
    h("td", { class: "ratio" }, engine.ratio?.total ? ratioText(engine.ratio.total) : "")));
  return h("section", { class: "times" }, h("h3", {}, "Times"),
    h("div", { class: "wide" }, h("table", {},
      h("thead", {}, h("tr", {}, ["", ...phases.map(phaseName), "against torch-cpu"].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, rows))),
    known.engines.map((engine, i) => engine.allocated && h("p", { class: "muted" }, `${index.engines[i].name}: ${plural(engine.allocated.held, "block")} of ${bytes(engine.allocated.bytes)} held when forward has ended, ${bytes(engine.allocated.peak)} at most.`)),
    h("p", { class: "muted" }, "Median, the fastest batch and the spread between batches. ",
      untimed.length > 0 && `Not timed: ${untimed.join("; ")}.`));
}

function figure(time) {
  if (!time) return "";
  return [h("b", {}, duration(time.median)), h("small", {}, `min ${duration(time.min)}`), h("small", {}, `± ${duration(time.spread)}`)];
}

function ratioText(ratio) {
  const note = ratio.noisy === null ? "noise unknown" : ratio.noisy ? "within the noise" : "";
  return [h(ratio.noisy ? "span" : "b", { class: ratio.noisy ? "noisy" : "" }, times(ratio.value)), note && h("small", {}, note)];
}

/** The sentences of the claims that a case covers come with the inventory. */
async function fillCovers(panel, item, known) {
  if (known.covers.length === 0) return;
  const { claims } = await data("claims");
  const byId = new Map(claims.map((claim) => [claim.id, claim]));
  for (const entry of panel.querySelectorAll("[data-claim]")) {
    const claim = byId.get(entry.dataset.claim);
    if (claim) entry.prepend(h("span", { class: "claim" }, claim.claim), stateMark(claim));
    else entry.append(" is not in the inventory");
  }
}
