// Runtimes without a page: Node, Deno, Bun and Cloudflare's workerd.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE, calls, job } from "../shared/customer.mjs";
import { NODES, node, nodeVersion, program, version } from "./programs.mjs";

/** Runs both kinds of module with `command`. @type {(...command: [string, ...string[]]) => import("./installed-package.mjs").Environment["ways"]} */
const modules = (...command) => ({
  "`import`": (place) => {
    place.write("job.mjs", job(place.baseUrl));
    return place.call(...command, "job.mjs");
  },
  "`require`": (place) => {
    place.write("job.cjs", job(place.baseUrl, { require: true }));
    return place.call(...command, "job.cjs");
  },
});

/** @type {import("./installed-package.mjs").Environment[]} */
export const servers = [
  ...NODES.map((major) => ({
    environment: "Node",
    version: nodeVersion(major),
    absent: !node(major) && `npm has no Node ${major} for ${process.platform}-${process.arch}`,
    ways: modules(node(major) ?? "node"),
  })),
  { environment: "Deno", version: version("deno"), ways: modules(program("deno"), "run", "--allow-net", "--allow-read") },
  { environment: "Bun", version: version("bun"), ways: modules(program("bun")) },
  {
    environment: "Cloudflare workerd",
    version: version("workerd"),
    ways: { [`\`import\`, the wasm compiled beforehand (Wrangler ${version("wrangler")})`]: inWorkerd },
  },
];

/** @param {import("./installed-package.mjs").Place} place */
async function inWorkerd(place) {
  const date = "2026-11-01";
  place.write(
    "workerd/worker.js",
    `import { runDiagnostics, waitForOperation } from "${PACKAGE}";
export default {
  async fetch() {
    ${calls(place.baseUrl)}
    return new Response(operation.status);
  },
};`,
  );
  place.write("workerd/wrangler.json", JSON.stringify({ name: "customer", main: "worker.js", compatibility_date: date }));
  await place.call(program("wrangler"), "deploy", "--dry-run", "--outdir", "out", "--config", "workerd/wrangler.json");
  const wasm = readdirSync(join(place.folder, "workerd", "out")).find((name) => name.endsWith(".wasm"));
  place.write(
    "workerd/out/config.capnp",
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "${wasm}", wasm = embed "${wasm}")],
      compatibilityDate = "${date}",
      globalOutbound = "network",
    )),
    (name = "network", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);`,
  );
  const { url, stop } = await place.start(/"port":(\d+)/, program("workerd"), "serve", "--control-fd=1", "workerd/out/config.capnp");
  const response = await fetch(url).finally(stop);
  return response.text();
}
