// The documents of the project: the README for users, a page in docs/ for each subject, and the documents for contributors.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/tools.mjs";

/** @param {string} folder */
const markdownIn = (folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => `${folder}/${name}`);

/** The text of a document. @param {string} path from the project's folder */
export const read = (path) => readFileSync(join(ROOT, path), "utf8");

/** The pages in `docs/`. */
export const PAGES = markdownIn("docs");

/** The documents whose code blocks are run. */
export const WITH_EXAMPLES = ["README.md", "CONTRIBUTING.md", ...PAGES];

/** All documents. The README is published with the package. */
export const DOCUMENTS = [
  ...WITH_EXAMPLES,
  "ARCHITECTURE.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...markdownIn("docs/decisions"),
  "examples/README.md",
  "fuzz/README.md",
  "tests/README.md",
];
