// Where torch differs from its documentation: every drift, with what proves it.

async function showDrifts() {
  const root = document.getElementById("drift");
  if (root.childElementCount > 0) return;
  const [index, inventory, { drifts }] = await Promise.all([cases(), data("claims"), data("drifts")]);
  const entries = drifts.map((drift) => ({ ...drift, claim: inventory.claims[drift.claim] }));
  const proved = entries.filter((drift) => drift.shown).length;
  const chapters = [...group(entries, (drift) => drift.chapter)];
  root.replaceChildren(
    h("h1", {}, drifts.length ? `${plural(drifts.length, "drift")} between torch and its documentation` : "No drift is known"),
    h("p", { class: "lede" }, `A drift is a place where torch does not do what it documents. ${proved} of these were shown by a case in this run.`),
    chapters.length > 1 && h("p", { class: "contents" }, chapters.map(([chapter, found], i) =>
      h("button", { type: "button", onclick: () => document.getElementById(`drifts-${i}`).scrollIntoView() }, chapter, h("small", {}, found.length)))),
    ...chapters.map(([chapter, found], i) =>
      h("section", { id: `drifts-${i}` }, h("h2", {}, chapter), poured(found, (drift) => driftEntry(index, drift)))));
}

function driftEntry(index, { claim, cases: numbers, declared, says, source }) {
  return h("article", { class: "drift-entry" },
    h("p", { class: "says" }, claim?.claim ?? says),
    h("p", { class: "name" }, claim?.id, " ", h("span", {}, source), " ", claim && !claim.documented && h("span", { class: "need" }, "not documented")),
    claim?.drift && h("p", { class: "told drift" }, claim.drift),
    claim?.recorded && claim.recorded !== claim.now && h("dl", { class: "sides" },
      h("dt", {}, "recorded"), h("dd", {}, h("code", {}, claim.recorded)),
      claim.now && [h("dt", {}, "now"), h("dd", {}, h("code", {}, claim.now))]),
    declared.map(sides),
    numbers.length > 0
      ? h("ul", { class: "by" }, numbers.map((number) => h("li", {}, glyphs(index, index.cases[number]), link(index.cases[number]), scriptOf(number))))
      : h("p", { class: "muted" }, "No case of this run shows it."));
}

/** The torch script of a case, fetched from its packet when it is opened. */
function scriptOf(number) {
  const holder = h("details", {
    async ontoggle() {
      if (holder.open && holder.childElementCount === 1) holder.append(python("In torch", (await detail(number)).script));
    },
  }, h("summary", {}, "torch script"));
  return holder;
}
