// A customer who copies the examples into a folder with the packed package, and with stand-ins for packages that need a tenant.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transformSync } from "esbuild";
import { ROOT } from "../../scripts/tools.mjs";
import { installPackage } from "../shared/customer.mjs";

export const STAND_INS = fileURLToPath(new URL("stand-ins/", import.meta.url));

const MODULES = join(ROOT, "node_modules");

/** Sends a program's requests for Graph to the simulator; any other address is an error. */
const SURROUNDINGS = `
const { GRAPH, SIMULATOR, STORED } = process.env;
const real = globalThis.fetch;
globalThis.fetch = async (url, init) => {
  if (!String(url).startsWith(GRAPH + "/")) throw new Error("requested " + url);
  const response = await real(SIMULATOR + String(url).slice(GRAPH.length), init);
  setTimeout(() => globalThis.responded?.(), 100);
  return response;
};
const stored = new Map(STORED ? [["diagnostics", STORED]] : []);
globalThis.sessionStorage = {
  getItem: (name) => stored.get(name) ?? null,
  setItem: (name, text) => (console.log("stored", text), stored.set(name, text)),
  removeItem: (name) => (console.log("removed", name), stored.delete(name)),
};
`;

/** Creates the folder. */
export function customer() {
  const { folder, remove } = installPackage();
  writeFileSync(join(folder, "surroundings.mjs"), SURROUNDINGS);
  for (const name of ["msal-browser", "identity"]) {
    const home = join(folder, "node_modules", "@azure", name);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), JSON.stringify({ name: `@azure/${name}`, type: "module", exports: "./index.js" }));
    writeFileSync(join(home, "index.js"), javascript(readFileSync(join(STAND_INS, `${name}.ts`), "utf8")));
  }
  return { folder, remove };
}

/**
 * Checks files of the folder with strict types, also JavaScript, against the installed package and the real types of other packages.
 *
 * @param {string} folder
 * @param {string[]} files
 * @returns {Promise<string>} the output of tsc, which is empty if there are no errors
 */
export async function typeCheck(folder, files) {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
    jsx: "react-jsx",
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable"],
    module: "preserve",
    types: ["node"],
    typeRoots: [join(MODULES, "@types")],
    paths: {
      "teams-device-diagnostics": [join(folder, "node_modules", "teams-device-diagnostics", "index.d.ts")],
      "teams-device-diagnostics/errors": [join(folder, "node_modules", "teams-device-diagnostics", "errors.d.ts")],
      "teams-device-diagnostics/init": [join(folder, "node_modules", "teams-device-diagnostics", "init.d.ts")],
      "teams-device-diagnostics/simulator": [join(folder, "node_modules", "teams-device-diagnostics", "simulator.d.ts")],
      "*": [join(MODULES, "@types", "*"), join(MODULES, "*")],
    },
  };
  // Not tsconfig.json: bundlers would follow its paths to the types.
  const config = join(folder, "check.json");
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  const { stdout } = await exited(join(MODULES, ".bin", "tsc"), ["-p", config, "--pretty", "false"], {});
  return stdout;
}

/**
 * Runs a program of the folder in Node until it ends.
 *
 * @param {string} folder
 * @param {string} file
 * @param {string} text
 * @param {{ args?: string[], [variable: string]: any }} [options] its arguments, and additional environment variables
 */
export function runInNode(folder, file, text, { args = [], ...env } = {}) {
  writeFileSync(join(folder, file), javascript(text));
  const options = { cwd: folder, env: { ...process.env, ...env }, timeout: 60_000 };
  return exited(process.execPath, ["--import", "./surroundings.mjs", file, ...args], options);
}

/** @param {string} text */
const javascript = (text) => transformSync(text, { loader: "ts", format: "esm", target: "node20" }).code;

/** @param {string} program @param {string[]} args @param {import("node:child_process").ExecFileOptions} options */
const exited = (program, args, options) =>
  promisify(execFile)(program, args, { ...options, encoding: "utf8" }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout: stdout.trim(), stderr }),
    ({ code, stdout, stderr }) => ({ code: code ?? -1, stdout: (stdout ?? "").trim(), stderr: stderr ?? "" }),
  );
