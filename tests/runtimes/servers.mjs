// Runtimes without a page: Node, Deno, Bun and Cloudflare's workerd.

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
function inWorkerd(place) {
  return place.inWorkerd(
    "workerd",
    `import { runDiagnostics, waitForOperation } from "${PACKAGE}";
export default {
  async fetch() {
    ${calls(place.baseUrl)}
    return new Response(operation.status);
  },
};`,
  );
}
