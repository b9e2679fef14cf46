// Checks whether this commit can be published.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "./run.mjs";
import { ROOT } from "./tools.mjs";

const NAME = "teams-device-diagnostics";

/** @returns {Promise<{ version: string, problems: string[] }>} each problem is a sentence that says what to do about it */
export async function releasable() {
  const [cargo, lock, manifest, changelog] = await Promise.all(["Cargo.toml", "Cargo.lock", "js/package.json", "CHANGELOG.md"].map(text));
  const newest = newestSection(changelog);
  const { version } = JSON.parse(manifest);
  const versions = {
    "Cargo.toml": /^\[workspace\.package\]\nversion = "(.+)"$/m.exec(cargo)?.[1],
    ...Object.fromEntries(ofWorkspace(lock).map(([crate, version]) => [`Cargo.lock (${crate})`, version])),
    "js/package.json": version,
    "CHANGELOG.md": newest?.version,
  };
  return {
    version,
    problems: [...difference(versions), ...wrongSection(newest), ...(await changes()), ...(await wrongTag(version))],
  };
}

/** @param {string} name */
const text = (name) => readFile(join(ROOT, name), "utf8");

/** The crates of the workspace in a lock file: those without a source. @param {string} lock */
function ofWorkspace(lock) {
  return [...lock.matchAll(/^name = "(.+)"\nversion = "(.+)"\n(?!source)/gm)].map(([, name, version]) => [name, version]);
}

/** @param {Record<string, string | undefined>} versions */
function difference(versions) {
  if (new Set(Object.values(versions)).size === 1) return [];
  const all = Object.entries(versions).map(([where, version]) => `${version ?? "none"} in ${where}`);
  return [`The versions differ: ${all.join(", ")}`];
}

/** @param {string} changelog */
function newestSection(changelog) {
  const [, version, date, body] = /^## (\S+) \((.*)\)\n([^]*?)(?=^## |$(?![^]))/m.exec(changelog) ?? [];
  return version === undefined ? undefined : { version, date, body };
}

/** @param {ReturnType<typeof newestSection>} section */
function wrongSection(section) {
  if (!section) return ["CHANGELOG.md has no section such as “## 1.2.3 (2026-01-31)”"];
  const { version, date, body } = section;
  const time = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(date) : Number.NaN;
  // `Date.parse` reads a day that does not exist as another day, or fails.
  const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
  const problems = [];
  if (!exists) problems.push(`CHANGELOG.md has the date “${date}” for ${version}: write the day of the release, such as ${today()}`);
  else if (date > today()) problems.push(`CHANGELOG.md has the date ${date} for ${version}, which is in the future`);
  if (!/^- \S/m.test(body)) problems.push(`CHANGELOG.md does not say what is new in ${version}`);
  return problems;
}

const today = () => new Date().toISOString().slice(0, 10);

async function changes() {
  const changed = (await must("git", ["status", "--porcelain"], { quiet: true })).trimEnd();
  return changed ? [`The work tree is not clean; commit or remove:\n${changed}`] : [];
}

/** @param {string} version */
async function wrongTag(version) {
  const tag = `v${version}`;
  const make = `-a ${tag} -m "${NAME} ${version}"`;
  /** @param {string} name */
  const commit = async (name) =>
    (await run("git", ["rev-parse", "--quiet", "--verify", `${name}^{commit}`], { quiet: true })).stdout.trim();
  const [tagged, head] = await Promise.all([commit(`refs/tags/${tag}`), commit("HEAD")]);
  if (tagged === head) return [];
  if (!tagged) return [`Tag ${tag} is missing. Create it: git tag ${make}`];
  return [
    `The tag ${tag} is at ${tagged.slice(0, 10)}, not at this commit, ${head.slice(0, 10)}. Raise the version. If it was never published, move the tag instead: git tag -f ${make}`,
  ];
}
