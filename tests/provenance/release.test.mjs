// The release script: what it checks before anything is built.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { HEADING, dated, elsewhere } from "../shared/elsewhere.mjs";

const VERSION = "4.5.6";
const DAY = 86_400_000;
const day = (time) => new Date(time).toISOString().slice(0, 10);

let there, ready;
before(() => {
  there = elsewhere();
  there.edit("js/package.json", /"version": ".*"/, `"version": "${VERSION}"`);
  there.edit("Cargo.toml", /(\[workspace\.package\]\nversion = ).*/, `$1"${VERSION}"`);
  there.edit("Cargo.lock", /(name = "teams-device-diagnostics(?:-fleet|-simulator)?"\nversion = ).*/g, `$1"${VERSION}"`);
  there.edit("CHANGELOG.md", HEADING, `## ${VERSION} (${day(Date.now())})`);
  // The steps after the checks are not tested here.
  there.write("scripts/test.mjs", 'console.log("npm test ran");\nprocess.exit(1);\n');
  there.commit("Ready");
  ready = there.git("rev-parse", "HEAD");
});
after(() => there?.remove());

beforeEach(() => {
  there.git("reset", "--quiet", "--hard", ready);
  there.git("clean", "--quiet", "--force", "-d");
  there.git("tag", "--force", "--annotate", `v${VERSION}`, "--message", "Ready");
});

/** Commits and tags the changes, and expects one complaint. */
function refuses(complaint) {
  there.commit("Changed");
  there.git("tag", "--force", "--annotate", `v${VERSION}`, "--message", "Changed");
  isRefused(complaint);
}

function isRefused(...complaints) {
  const { code, output } = there.script("release.mjs");
  assert.equal(code, 1, output);
  const [, list] = output.split("This cannot be published yet:\n");
  const said = list.split(/^- /m).slice(1);
  assert.equal(said.length, complaints.length, output);
  complaints.forEach((complaint, at) => assert.match(said[at], complaint));
  assert.doesNotMatch(output, /npm publish/);
}

test("after the checks the tests run before the build, and failing tests end the release", () => {
  const { code, output } = there.script("release.mjs");
  assert.equal(code, 1);
  assert.match(output, /npm test ran\n[^]*cannot be published yet:\n- npm test failed/);
});

test("if a version differs, all versions are listed", () => {
  for (const [file, from, to] of [
    ["js/package.json", `"version": "${VERSION}"`, '"version": "4.5.7"'],
    ["Cargo.toml", /(\[workspace\.package\]\nversion = ).*/, '$1"4.5.7"'],
    ["Cargo.lock", /(name = "teams-device-diagnostics-simulator"\nversion = ).*/, '$1"4.5.7"'],
    ["CHANGELOG.md", `## ${VERSION} `, "## 4.5.7 "],
  ]) {
    there.git("reset", "--quiet", "--hard", ready);
    there.edit(file, from, to);
    there.commit("Changed");
    // Both versions have a tag here, so that only the difference is reported.
    for (const tag of [`v${VERSION}`, "v4.5.7"]) there.git("tag", "--force", tag);
    isRefused(new RegExp(`versions differ: .*4\\.5\\.7 in ${file}`));
  }
});

test("a changelog without a section", () => {
  there.write("CHANGELOG.md", "# Changelog\n");
  there.commit("Changed");
  there.git("tag", "--force", `v${VERSION}`);
  isRefused(/versions differ: .*none in CHANGELOG\.md/, /CHANGELOG\.md has no section/);
});

test("an empty section", () => {
  there.write("CHANGELOG.md", `# Changelog\n\n## ${VERSION} (${day(Date.now())})\n\n## 4.5.5 (2026-01-01)\n\n- Old.\n`);
  refuses(/does not say what is new in 4\.5\.6/);
});

test("an invalid date, or one in the future", () => {
  for (const [date, complaint] of /** @type {[string, RegExp][]} */ ([
    ["unreleased", /has the date “unreleased” for 4\.5\.6: write the day/],
    ["2026-02-30", /has the date “2026-02-30”/],
    ["2026-13-01", /has the date “2026-13-01”/],
    [day(Date.now() + 2 * DAY), /in the future/],
  ])) {
    there.git("reset", "--quiet", "--hard", ready);
    there.edit("CHANGELOG.md", HEADING, dated(date));
    refuses(complaint);
  }
});

test("a work tree with changes", () => {
  there.write("notes.txt", "new");
  isRefused(/not clean[^]*\?\? notes\.txt/);
  there.git("clean", "--quiet", "--force");
  there.edit("README.md", "#", "# ");
  isRefused(/not clean[^]* M README\.md/);
});

test("without a tag the script says how to make it", () => {
  there.git("tag", "--delete", `v${VERSION}`);
  isRefused(/Tag v4\.5\.6 is missing\. Create it: git tag -a v4\.5\.6 -m/);
});

test("a tag at another commit", () => {
  there.commit("Later");
  const head = there.git("rev-parse", "HEAD").slice(0, 10);
  isRefused(new RegExp(`The tag v4\\.5\\.6 is at ${ready.slice(0, 10)}, not at this commit, ${head}`));
});

test("all problems are reported at once", () => {
  there.edit("CHANGELOG.md", HEADING, dated("unreleased"));
  there.git("tag", "--delete", `v${VERSION}`);
  isRefused(/“unreleased”/, /not clean/, /is missing/);
});
