// How times grow with the size of a workload, how they divide into phases, and what a semantics costs.

const PANE = { width: 320, height: 210, left: 52, right: 10, top: 8, bottom: 30 };

/** A small chart for every workload, engines by size on logarithmic axes, and the numbers as a table. */
function growth(index, families) {
  const engines = [...new Set(families.flatMap((family) => family.lines.map((line) => line.engine)))].sort((a, b) => a - b);
  return h("section", { class: "growth" },
    h("h2", {}, "Growth with size"),
    h("p", { class: "muted" }, "Seconds a play by size, both on logarithmic axes; a bar reaches from the fastest batch to the median and its spread. ",
      index.noise !== null && "The band is the noise around torch-cpu."),
    h("ul", { class: "legend" }, engines.map((engine) => h("li", { class: `lane-${engine % 5}` },
      s("svg", { viewBox: "0 0 34 12", width: 34, height: 12, "aria-hidden": "true" }, s("path", { class: "line", d: "M1 6H33" }), marker(engine, 17, 6)), index.engines[engine].name))),
    h("div", { class: "panes" }, families.map((family) => pane(index, family))));
}

function pane(index, family) {
  const name = family.name.replaceAll("_", " ");
  return h("figure", { class: "pane" },
    h("h3", {}, name), h("p", { class: "muted" }, family.says),
    panePlot(index, family, name),
    family.parts.map(({ engine, parts }) => division(index, engine, parts)),
    h("details", {}, h("summary", {}, "numbers"), h("div", { class: "wide" }, numbers(index, family))));
}

function panePlot(index, family, name) {
  const points = family.lines.flatMap((line) => line.points);
  const [low, high] = [Math.min(...points.map((p) => p.min)) / 1.5, Math.max(...points.map((p) => p.median + p.spread)) * 1.5];
  const [first, last] = [family.sizes[0], family.sizes.at(-1)];
  const { width, height, left, right, top, bottom } = PANE;
  const x = (size) => left + 14 + ((width - left - right - 28) * Math.log(size / first)) / Math.log(last / first);
  const y = (seconds) => top + (height - top - bottom) * (1 - Math.log(seconds / low) / Math.log(high / low));
  const oracle = family.lines.find((line) => index.engines[line.engine].name === "torch-cpu");
  return s("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Times of ${name} by ${family.parameter}; the numbers stand below` },
    oracle && index.noise !== null && s("path", { class: "band", d: around(oracle.points, index.noise, x, y) }),
    decades(low, high).map((tick) => [
      s("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
      s("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, duration(tick).replace(/\.0+ /, " "))]),
    family.sizes.map((size) => s("text", { x: x(size), y: height - 14, "text-anchor": "middle" }, size.toLocaleString("en"))),
    s("text", { x: (left + width - right) / 2, y: height - 1, "text-anchor": "middle" }, family.parameter),
    family.lines.map((line) => s("g", { class: `lane-${line.engine % 5}` },
      s("path", { class: "line", d: path(line.points.map((p) => [x(p.size), y(p.median)])) }),
      line.points.map((p) => s("path", { class: "spread", d: `M${x(p.size)} ${y(p.min)}V${y(p.median + p.spread)}` })),
      line.points.map((p) => marker(line.engine, x(p.size), y(p.median))))));
}

function path(points) {
  return points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** The band of a factor of 1 + noise to both sides of a line. */
function around(points, noise, x, y) {
  const above = points.map((p) => [x(p.size), y(p.median * (1 + noise))]);
  const below = points.toReversed().map((p) => [x(p.size), y(p.median / (1 + noise))]);
  return `${path([...above, ...below])}Z`;
}

/** Powers of ten between two values, or 1, 2, 5 steps where there are fewer than two. */
function decades(low, high) {
  const powers = ticks(low, high).filter((tick) => Number.isInteger(Number(Math.log10(tick).toFixed(9))));
  return powers.length > 1 ? powers : ticks(low, high);
}

/** A shape for each engine, so that none is told by its colour alone. */
function marker(engine, x, y) {
  const shapes = ["M-4 -4h8v8h-8Z", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z", "M0 -5L5 4H-5Z", "M0 -5.5L5.5 0L0 5.5L-5.5 0Z", "M-4 -5L5 0L-4 5Z"];
  return s("path", { class: "marker", d: shapes[engine % shapes.length], transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
}

/** forward : backward : double backward at the largest size, as a bar and in figures. */
function division(index, engine, parts) {
  const whole = parts.reduce((sum, part) => sum + part, 0);
  let start = 0;
  const bars = parts.map((part, i) => {
    const bar = s("rect", { class: `part-${i}`, x: (100 * start) / whole, width: (100 * part) / whole, height: 8 });
    start += part;
    return bar;
  });
  const words = PHASES.slice(0, parts.length).map(phaseName).join(" : ");
  return h("div", { class: "division", title: `${words}, at the largest size` },
    h("span", {}, index.engines[engine].name),
    s("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, bars),
    h("span", { class: "ratio" }, parts.map((part) => Number(part.toPrecision(2))).join(" : "), h("span", { class: "hidden" }, ` ${words}`)));
}

function numbers(index, family) {
  const at = (line, size) => line.points.find((point) => point.size === size);
  return h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, family.parameter), family.lines.map((line) => h("th", { scope: "col" }, index.engines[line.engine].name)))),
    h("tbody", {}, family.sizes.map((size) => h("tr", {}, h("th", { scope: "row" }, size.toLocaleString("en")),
      family.lines.map((line) => h("td", {}, sized(index, at(line, size), family.ratios[size][index.engines[line.engine].name])))))));
}

function sized(index, point, ratio) {
  if (!point) return "";
  return [h("a", { href: address("case", index.cases[point.case].id) }, duration(point.median)), h("small", {}, `± ${duration(point.spread)}`), point.peak !== null && h("small", {}, `${bytes(point.peak)} at most`), ratio && h("small", {}, ratioText(ratio))];
}

/** What a hook, a mode, a second order cost: a case against the plain one of its topic, on the same engine. */
function costs(index, found) {
  const engines = [...new Set(found.flatMap((cost) => cost.ratios.map((ratio) => ratio.engine)))].sort((a, b) => a - b);
  return h("section", { class: "costs" },
    h("h2", {}, "What a semantics costs"),
    h("p", { class: "muted" }, "The time of a small program with the semantics, over that of the same program without it, on the same engine."),
    h("div", { class: "wide" }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), engines.map((engine) => h("th", { scope: "col" }, index.engines[engine].name)))),
      h("tbody", {}, found.map((cost) => h("tr", {}, h("th", { scope: "row" }, link(index.cases[cost.case])),
        engines.map((engine) => cost.ratios.find((ratio) => ratio.engine === engine)).map((ratio) => h("td", {}, ratio ? ratioText(ratio) : ""))))))));
}
