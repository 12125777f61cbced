// The claims of the inventory: under their filters on the page on coverage.

/** The state of a claim, as a word with a mark. */
function stateMark(claim) {
  return h("span", { class: "state" }, h("i", { class: `g ${claim.state.replace(" ", "-")}`, "aria-hidden": "true" }), claim.state);
}

/** The cases that cover a claim, with their verdicts. */
function casesOf(index, claim) {
  const items = claim.cases.map((number) => index.cases[number]);
  return items.length > 0 && h("ul", { class: "by" }, items.map((item) => h("li", {}, glyphs(index, item), link(item))));
}

function claimEntry(index, claim) {
  return h("article", { class: "claim-entry" },
    stateMark(claim),
    h("div", {},
      h("p", { class: "says" }, claim.claim),
      h("p", { class: "name" }, claim.id, " ", h("span", {}, claim.source), " ", !claim.documented && h("span", { class: "need" }, "not documented")),
      claim.not_expressible && h("p", { class: "told" }, "Not expressible: ", claim.not_expressible),
      claim.drift && h("p", { class: "told drift" }, "Drift: ", claim.drift),
      casesOf(index, claim)));
}

async function showCoverage(filters) {
  const [index, inventory] = await Promise.all([cases(), data("claims")]);
  const root = document.getElementById("coverage");
  const chosen = inventory.claims.filter((claim) =>
    (!filters.chapter || claim.chapter === filters.chapter) && (!filters.topic || claim.topic === filters.topic) &&
    (!filters.state || claim.state === filters.state) && (!filters.documented || !claim.documented) &&
    (!filters.q || `${claim.id} ${claim.claim} ${claim.source}`.toLowerCase().includes(filters.q.toLowerCase())));
  if (!root.querySelector("select")) root.querySelector(".filters").replaceChildren(...claimFilters(inventory));
  syncClaimFilters(root, inventory, filters, chosen.length);
  const topics = [...group(chosen, (claim) => `${claim.chapter} / ${claim.topic}`)];
  pour(root.querySelector(".claims"), topics, ([, claims]) => {
    const section = h("section", {}, h("h3", {}, place(claims[0], "coverage"), " ", h("small", {}, claims.length)),
      claims.map((claim) => claimEntry(index, claim)));
    section.style.containIntrinsicSize = `auto ${claims.length * 80 + 40}px`;
    return section;
  });
  if (Object.values(filters).some(Boolean)) root.querySelector(".filters").scrollIntoView({ block: "nearest" });
}

function claimFilters(inventory) {
  const change = (name, quietly) => (event) => {
    const filters = { ...here().filters, [name]: event.target.value.trim() };
    if (name === "chapter") filters.topic = "";
    go("coverage", "", filters, quietly);
  };
  const select = (name) => h("select", { name, "aria-label": name, onchange: change(name) });
  return [h("div", { class: "line" },
    h("input", { type: "search", name: "q", placeholder: "Search claims", "aria-label": "Search claims", autocomplete: "off", oninput: change("q", true) }),
    select("chapter"), select("topic"), select("state"), select("documented"),
    h("output", { class: "number", "aria-live": "polite" }))];
}

function syncClaimFilters(root, inventory, filters, number) {
  const { claims, states } = inventory;
  fill(root, "chapter", "every chapter", claims.map((claim) => claim.chapter), filters.chapter);
  fill(root, "topic", "every topic", claims.filter((c) => !filters.chapter || c.chapter === filters.chapter).map((c) => c.topic), filters.topic);
  fill(root, "state", "every state", states, filters.state);
  const documented = root.querySelector("select[name=documented]");
  documented.replaceChildren(h("option", { value: "" }, "documented or not"), h("option", { value: "no" }, "observed only"));
  documented.value = filters.documented || "";
  const search = root.querySelector("input");
  if (document.activeElement !== search) search.value = filters.q || "";
  root.querySelector("output").textContent = `${number.toLocaleString("en")} of ${plural(claims.length, "claim")}`;
}
