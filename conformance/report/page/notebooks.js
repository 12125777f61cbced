// A page a notebook: cell by cell what it recorded, what comes out now, and the cases that hold it.

async function showNotebooks(topic) {
  const [index, { claims }] = await Promise.all([cases(), data("claims")]);
  const root = document.getElementById("notebooks");
  const notebooks = group(claims.filter((claim) => claim.chapter === "notebooks"), (claim) => claim.topic);
  const shown = notebooks.has(topic) ? topic : topic ? undefined : notebooks.keys().next().value;
  root.replaceChildren(
    h("nav", { class: "contents", "aria-label": "Notebooks" }, [...notebooks].map(([name, found]) =>
      h("a", { href: address("notebooks", name), "aria-current": name === shown && "page" }, name, h("small", {}, found.length)))),
    ...(shown ? notebook(index, shown, notebooks.get(shown)) : [h("p", { class: "calm" }, topic ? `No notebook ${topic}.` : "This run had no claims on notebooks.")]));
}

function notebook(index, name, claims) {
  const states = [...group(claims, (claim) => claim.state)].map(([state, found]) => `${found.length} ${state}`);
  return [
    h("h1", {}, name),
    h("p", { class: "lede" }, `${plural(claims.length, "claim")}: ${states.join(", ")}.`),
    ...[...group(claims, (claim) => claim.source)].map(([source, found]) => cell(index, source, found)),
  ];
}

function cell(index, source, claims) {
  const [file, label] = source.split(/ (.*)/s);
  return h("section", { class: "cell" },
    h("h2", { title: source }, label ?? file),
    h("div", {}, claims.map((claim) => h("article", { id: claim.id },
      h("p", { class: "says" }, claim.claim, stateMark(claim)),
      outputs(claim),
      claim.drift && h("p", { class: "told drift" }, "Drift: ", claim.drift),
      claim.not_expressible && h("p", { class: "told" }, "Not expressible: ", claim.not_expressible),
      claim.cases.length > 0 ? casesOf(index, claim) : !claim.not_expressible && h("p", { class: "muted" }, "No case of this run covers it.")))));
}

/** The output that the notebook recorded beside the output now; once where they are the same. */
function outputs({ recorded, now }) {
  if (recorded == null && now == null) return null;
  const side = (title, text) => text != null && h("div", {}, h("small", {}, title), h("pre", {}, text));
  if (recorded === now) return h("div", { class: "outputs" }, side("recorded, and the same now", now));
  return h("div", { class: "outputs" }, side("recorded", recorded), side("now", now));
}
