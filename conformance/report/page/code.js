// YAML and Python with a little colour, and a button to copy.

const YAML = /(?<comment>(?:^|\s)#.*$)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?<key>[^\s{}[\],"'#&][^{}[\],"']*?(?=:(?:\s|$)))|(?<number>(?<![\w.])-?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.inf|\.nan)(?![\w.]))|(?<word>\b(?:null|true|false)\b)/gm;
const PYTHON = /(?<comment>#.*$)|(?<string>"""[^]*?"""|[rbf]?"(?:[^"\\\n]|\\.)*"|[rbf]?'(?:[^'\\\n]|\\.)*')|(?<word>\b(?:and|as|assert|class|def|del|else|except|finally|for|from|if|import|in|is|lambda|None|not|or|pass|raise|return|True|False|try|while|with|yield)\b)|(?<key>(?<=\b(?:def|class) )\w+|@[\w.]+)|(?<number>(?<![\w.])\d+\.?\d*(?:e[+-]?\d+)?)/gm;

/** Text as nodes, what the grammar knows in spans of its name. */
function coloured(text, grammar) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(grammar)) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    nodes.push(text.slice(end, match.index), h("span", { class: kind }, match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

/** A block of code under a heading, with a button that copies it. */
function code(title, text, body) {
  const button = h("button", { type: "button", class: "copy", onclick: () => copy(text, button) }, "Copy");
  return h("figure", { class: "code" }, h("figcaption", {}, title, button), body);
}

function python(title, text) {
  return code(title, text, h("pre", { tabindex: "0" }, coloured(text, PYTHON)));
}

/** The YAML of a case with the numbers of its lines; `notes` gives the nodes that stand under a line. */
function yaml(title, text, first, notes, wrong) {
  const lines = text.trimEnd().split("\n").map((line, i) => [
    h("span", { class: wrong.has(first + i) ? "line wrong" : "line", id: `line-${first + i}` },
      h("span", { class: "no", "data-no": first + i }), hanging(h("code", {}, coloured(line, YAML), "\n"), line)),
    notes(first + i),
  ]);
  return code(title, text, h("pre", { class: "yaml", tabindex: "0" }, lines));
}

/** Where a line is too long, the rest of it stands under its beginning. */
function hanging(element, line) {
  const indent = line.search(/[^\s-]|$/) + 2;
  element.style.paddingLeft = `${indent}ch`;
  element.style.textIndent = `-${indent}ch`;
  return element;
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

/** For pages whom the browser gives no clipboard. */
function copyBySelection(text) {
  const area = h("textarea", { class: "hidden", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
