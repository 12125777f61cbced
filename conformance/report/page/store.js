// The data of the page: gzip in base64 inside script elements, inflated once, when it is asked for.

const PACKET = Number(document.body.dataset.packet);
const inflated = new Map();

function data(name) {
  if (!inflated.has(name)) inflated.set(name, inflate(document.getElementById(`data-${name}`).textContent));
  return inflated.get(name);
}

async function inflate(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/** All that is known of the case with this number. */
async function detail(number) {
  const packet = await data(`details-${Math.floor(number / PACKET)}`);
  return packet[number % PACKET];
}

/** The index of the cases, with their numbers and a text to search in. */
let prepared;
function cases() {
  prepared ??= data("index").then((index) => {
    index.numbers = new Map();
    index.cases.forEach((item, number) => {
      item.number = number;
      item.needs ??= [];
      index.numbers.set(item.id, number);
      const reasons = item.verdicts.map((_, i) => item.reasons?.[i] || index.engines[i].absent || "");
      item.text = [item.id, item.says, ...reasons].join("\n").toLowerCase();
    });
    return index;
  });
  return prepared;
}
