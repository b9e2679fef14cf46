// The examples of the README: every fenced block, under the name in the comment above it.
import { readFileSync } from "node:fs";

const README = new URL("../../README.md", import.meta.url);

export const readme = readFileSync(README, "utf8");

/**
 * Every example in the order of the text. A block without a name is an error: nobody would notice that it is not run.
 *
 * @param {string} markdown
 * @returns {{ name: string, language: string, text: string }[]}
 */
export function examples(markdown) {
  const found = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const language = /^\s*(?:```|~~~)(.*)$/.exec(lines[at])?.[1];
    if (language === undefined) continue;
    const name = /^<!-- example: (\S+) -->$/.exec(lines[at - 1] ?? "")?.[1];
    if (name === undefined) throw new Error(`The example in line ${at + 1} has no name: <!-- example: … --> above it`);
    const end = lines.findIndex((line, later) => later > at && /^\s*(?:```|~~~)\s*$/.test(line));
    if (end < 0) throw new Error(`The example in line ${at + 1} does not end`);
    found.push({ name, language, text: lines.slice(at + 1, end).join("\n") });
    at = end;
  }
  return found;
}
