// A copy of the sources in another folder, with its own repository and target folder. It can be built and released there independently of
// this folder.
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { CARGO_HOME, ROOT } from "../../scripts/tools.mjs";
import { PACKAGE } from "./customer.mjs";

// These are not copied, because they were built, installed or found here.
const LEFT_OUT = ["target", "node_modules", ".git", "dist", "corpus"];

/** Links the installed packages one by one, except the package itself: the build of the copy creates that link. @param {string} from @param {string} to */
function linkEach(from, to) {
  mkdirSync(to);
  for (const name of readdirSync(from)) if (name !== PACKAGE) symlinkSync(join(from, name), join(to, name));
}

export function elsewhere() {
  const above = realpathSync(mkdtempSync(join(tmpdir(), "elsewhere-")));
  const folder = join(above, "sources");
  cpSync(ROOT, folder, { recursive: true, filter: (path) => path === ROOT || !LEFT_OUT.includes(basename(path)) });
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const packages of ["", ...workspaces].map((workspace) => join(workspace, "node_modules"))) {
    if (existsSync(join(ROOT, packages))) linkEach(join(ROOT, packages), join(folder, packages));
  }
  // The same crates under another path, with room for another configuration.
  const cargoHome = join(above, "cargo");
  mkdirSync(cargoHome);
  for (const name of readdirSync(CARGO_HOME)) {
    // Not links to the user's files, because a test may write into these.
    if (/^(config|credentials)/.test(name)) cpSync(join(CARGO_HOME, name), join(cargoHome, name));
    else symlinkSync(join(CARGO_HOME, name), join(cargoHome, name));
  }

  const nobody = { NAME: "Nobody", EMAIL: "nobody@example.com" };
  const persons = ["AUTHOR", "COMMITTER"].flatMap((role) => Object.entries(nobody).map(([what, value]) => [`GIT_${role}_${what}`, value]));
  // Overrides the target folders of the user's configuration.
  const target = join(folder, "target");
  const env = {
    ...process.env,
    CARGO_HOME: cargoHome,
    CARGO_TARGET_DIR: target,
    CARGO_BUILD_BUILD_DIR: target,
    GIT_CONFIG_GLOBAL: "/dev/null",
    ...Object.fromEntries(persons),
  };
  /** @param {...string} args */
  const git = (...args) => execFileSync("git", args, { cwd: folder, env, encoding: "utf8" }).trim();
  git("init", "--quiet");
  appendFileSync(join(folder, ".git", "info", "exclude"), "node_modules\n");
  /** @param {string} message */
  const commit = (message) => {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", message);
  };
  commit("The sources");

  /**
   * Runs Node there; returns `stdout`, `stderr`, and both as `output`.
   *
   * @param {string[]} args
   * @param {Record<string, string | undefined>} [more] variables; undefined removes one from the environment
   */
  const node = (args, more = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      env: { ...env, ...more },
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    return { code: status, stdout, stderr, output: stdout + stderr };
  };

  return {
    folder,
    cargoHome,
    node,
    git,
    commit,
    /** Replaces a text, which must be present. @param {string} name @param {string | RegExp} from @param {string} to */
    edit(name, from, to) {
      const file = join(folder, name);
      const before = readFileSync(file, "utf8");
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${relative(ROOT, file)} has no ${from}`);
      writeFileSync(file, after);
    },
    /** @param {string} name @param {string | NodeJS.ArrayBufferView} content */
    write: (name, content) => writeFileSync(join(folder, name), content),
    /** @param {string} name */
    makeFolder: (name) => mkdirSync(join(above, name), { recursive: true }) ?? join(above, name),
    /** Runs a script of the copy. @param {string} name @param {...string} args */
    script: (name, ...args) => node([join("scripts", name), ...args]),
    remove: () => rmSync(above, { recursive: true }),
  };
}

/** The heading of the newest section of the changelog. */
export const HEADING = /^## (\S+) \(.*\)$/m;
/** The same heading with a date. @param {string} day */
export const dated = (day) => `## $1 (${day})`;
