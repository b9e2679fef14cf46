// Installs the peers that the tests do not need, and reads their versions.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installNpmPackages } from "../../scripts/npm-packages.mjs";
import { PEERS } from "./peers.mjs";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

export const installPeers = () => installNpmPackages(FOLDER, "the peers of the benches");

/** The versions of a peer's packages, as text. @param {string} peer */
export function versions(peer) {
  /** @param {string} name @returns {string} */
  const version = (name) => {
    for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
      const file = join(folder, name, "package.json");
      if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).version;
    }
    throw new Error(`${name} is not installed`);
  };
  return PEERS[peer].packages.map((name) => `${name} ${version(name)}`).join(", ");
}
