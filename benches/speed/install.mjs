// Installs the peers that the tests do not need anyway, when they are missing or others.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { must } from "../../scripts/tools.mjs";
import { PEERS } from "./peers.mjs";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

export async function installPeers() {
  const { packages } = JSON.parse(readFileSync(join(FOLDER, "package-lock.json"), "utf8"));
  const hidden = join(FOLDER, "node_modules", ".package-lock.json");
  const present = existsSync(hidden) ? JSON.parse(readFileSync(hidden, "utf8")).packages : {};
  if (Object.entries(packages).every(([path, { version }]) => path === "" || present[path]?.version === version)) return;
  console.log("set-up: installing the peers (npm ci in benches/speed)");
  await must("npm", ["ci", "--no-audit", "--no-fund"], { cwd: FOLDER, quiet: true });
}

/** The versions that a peer runs with, as text. */
export function versions(peer) {
  const version = (name) => {
    for (const folder of createRequire(import.meta.url).resolve.paths(name)) {
      const file = join(folder, name, "package.json");
      if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).version;
    }
    throw new Error(`${name} is not installed`);
  };
  return PEERS[peer].packages.map((name) => `${name} ${version(name)}`).join(", ");
}
