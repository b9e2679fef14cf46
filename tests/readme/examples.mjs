// The examples of the documents: every fenced block, with the name in the comment above it.
import { WITH_EXAMPLES, read } from "./documents.mjs";

/** @typedef {{ name: string, language: string, text: string, path: string }} Example `path` is its document's */

/**
 * The examples of a text, in order. A block without a name is an error, because it would not be run.
 *
 * @param {string} markdown
 * @param {string} path
 * @returns {Example[]}
 */
export function examples(markdown, path) {
  const found = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const language = /^\s*(?:```|~~~)(.*)$/.exec(lines[at])?.[1];
    if (language === undefined) continue;
    const name = /^<!-- example: (\S+) -->$/.exec(lines[at - 1] ?? "")?.[1];
    if (name === undefined) throw new Error(`The example in line ${at + 1} of ${path} has no name: <!-- example: … --> above it`);
    const end = lines.findIndex((line, later) => later > at && /^\s*(?:```|~~~)\s*$/.test(line));
    if (end < 0) throw new Error(`The example in line ${at + 1} of ${path} does not end`);
    found.push({ name, language, text: lines.slice(at + 1, end).join("\n"), path });
    at = end;
  }
  return found;
}

/** The examples of all documents. @returns {Example[]} */
export const allExamples = () => WITH_EXAMPLES.flatMap((path) => examples(read(path), path));
