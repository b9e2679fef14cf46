// Writes the generated part of a document, which is between two markers. The text around it is written by hand.
import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { ROOT } from "./tools.mjs";

/**
 * @param {string} document in docs/
 * @param {string} name of the markers, `<!-- name -->` and `<!-- /name -->`
 * @param {string} text the new text between the markers
 */
export async function writeGenerated(document, name, text) {
  const file = join(ROOT, "docs", document);
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = await readFile(file, "utf8");
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${relative(ROOT, file)} must have ${begin} and ${end}`);
  await writeFile(file, `${whole.slice(0, from + begin.length)}\n${text.trim()}\n${whole.slice(to)}`);
}
