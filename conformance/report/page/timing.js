// How long each case takes on an engine, against torch on the CPU.

async function showTiming() {
  const root = document.getElementById("timing");
  if (root.childElementCount > 0) return;
  const [index, found] = await Promise.all([cases(), data("times")]);
  const lanes = found.lanes.map((lane) => ({ ...lane, name: index.engines[lane.engine].name }));
  root.replaceChildren(
    h("h1", {}, "Times against torch-cpu"),
    h("p", { class: "lede" }, lanes.length > 0
      ? `A ratio is one of median times of a play, on one thread; above 1 the engine is slower. ${noiseText(index.noise)} Times are shown only for cases that conform.`
      : found.timed ? "No case was timed on torch-cpu and on another engine." : "This run was not timed."),
    ...(found.families.length > 0 ? [growth(index, found.families)] : []),
    ...(found.costs.length > 0 ? [costs(index, found.costs)] : []),
    ...lanes.flatMap((lane) => lanePage(index, lane)));
}

function noiseText(noise) {
  if (noise === null) return "The noise of this run is unknown.";
  return `Taken again in another process, 95 of 100 times differ from themselves by less than ${(100 * noise).toFixed(1)} %, and so do their ratios: a ratio inside this band, grey, says nothing.`;
}

function lanePage(index, lane) {
  const median = lane.rows[Math.floor(lane.rows.length / 2)].total.value;
  const untimed = lane.not_timed.reduce((sum, [, number]) => sum + number, 0);
  return [
    h("h2", {}, lane.name),
    h("p", {}, `${plural(lane.rows.length, "case")}; half of them at ${times(median)} or less, from ${times(lane.rows[0].total.value)} to ${times(lane.rows.at(-1).total.value)}.`),
    chart(index, lane),
    untimed > 0 && h("details", { class: "untimed" }, h("summary", {}, `${plural(untimed, "case")} not timed`),
      h("ul", {}, lane.not_timed.map(([reason, number]) => h("li", {}, h("b", {}, number.toLocaleString("en")), " ", reason)))),
    ratioList(index, lane),
  ].filter(Boolean);
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [1000, 260, 46, 22];

/** Every case a dot, from the smallest ratio to the largest, on a logarithmic scale. */
function chart(index, lane) {
  const values = lane.rows.map((row) => row.total.value);
  const low = Math.min(0.5, values[0]) / 1.2, high = Math.max(2, values.at(-1)) * 1.2;
  const y = (value) => (HEIGHT - BOTTOM) * (1 - Math.log(value / low) / Math.log(high / low));
  const x = (rank) => LEFT + 6 + ((WIDTH - LEFT - 12) * (rank + 0.5)) / values.length;
  const dots = (kind, chosen) => s("path", { class: `dots ${kind}`, d: lane.rows.map((row, rank) =>
    chosen(row.total) ? `M${x(rank).toFixed(1)} ${y(row.total.value).toFixed(1)}h0` : "").join("") });
  const svg = s("svg", { class: "chart", viewBox: `0 -8 ${WIDTH} ${HEIGHT + 8}`, role: "img", "aria-label": `Ratios of ${lane.name} to torch-cpu; the list below has every number` },
    index.noise !== null && s("rect", { class: "band", x: LEFT, width: WIDTH - LEFT, y: y(1 + index.noise), height: y(1 / (1 + index.noise)) - y(1 + index.noise) }),
    ticks(low, high).map((tick) => [
      s("line", { class: tick === 1 ? "one" : "", x1: LEFT, x2: WIDTH, y1: y(tick), y2: y(tick) }),
      s("text", { x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, `${tick}×`)]),
    s("text", { x: LEFT, y: HEIGHT - 4 }, "fastest"), s("text", { x: WIDTH, y: HEIGHT - 4, "text-anchor": "end" }, "slowest"),
    dots("noisy", ({ noisy }) => noisy), dots("faster", ({ value, noisy }) => !noisy && value < 1), dots("slower", ({ value, noisy }) => !noisy && value >= 1));
  return h("figure", { class: "plot" }, svg, pointer(index, lane, svg, x, y));
}

/** 1, 2, 5, 10 ... between two values; only powers of ten where that would be too many. */
function ticks(low, high) {
  const decades = Math.log10(high / low);
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
    for (const step of decades > 3 ? [1] : [1, 2, 5]) found.push(Number((step * 10 ** power).toPrecision(1)));
  return found.filter((tick) => tick >= low && tick <= high);
}

/** The case under the mouse in words, and a click that opens it. */
function pointer(index, lane, svg, x, y) {
  const words = h("figcaption", {}, "\u00a0");
  const mark = s("circle", { class: "mark", r: 6, visibility: "hidden" });
  svg.append(mark);
  let row;
  svg.addEventListener("pointermove", (event) => {
    const at = ((event.clientX - svg.getBoundingClientRect().left) / svg.getBoundingClientRect().width) * WIDTH;
    const rank = Math.round(((at - LEFT - 6) / (WIDTH - LEFT - 12)) * lane.rows.length - 0.5);
    row = lane.rows[Math.max(0, Math.min(lane.rows.length - 1, rank))];
    mark.setAttribute("cx", x(lane.rows.indexOf(row)));
    mark.setAttribute("cy", y(row.total.value));
    mark.setAttribute("visibility", "visible");
    words.textContent = `${times(row.total.value)}  ${index.cases[row.case].id}`;
  });
  svg.addEventListener("click", () => row && go("case", index.cases[row.case].id));
  return words;
}

/** Every case as a line of text, the slowest first. */
function ratioList(index, lane) {
  const rows = lane.rows.toReversed().map((row) => {
    const item = index.cases[row.case];
    return h("a", { class: "row", href: address("case", item.id) },
      h("span", { class: "ratio" }, ratioText(row.total)),
      h("span", { class: "says" }, item.says),
      h("span", { class: "name" }, item.id),
      h("span", { class: "took" }, `${duration(row.medians[0])} against ${duration(row.medians[1])}`,
        h("small", {}, PHASES.slice(0, -1).map((phase) => phaseText(row, phase)).filter(Boolean).join(", "))));
  });
  const packets = [];
  for (let start = 0; start < rows.length; start += 100) packets.push(h("div", {}, rows.slice(start, start + 100)));
  for (const packet of packets) packet.style.containIntrinsicSize = `auto ${packet.childElementCount * 52}px`;
  return h("div", { class: "ratios" }, packets);
}

function phaseText(row, phase) {
  return row[phase] && `${phaseName(phase)} ${times(row[phase].value)}`;
}
