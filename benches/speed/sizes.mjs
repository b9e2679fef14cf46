// npm run size:peers: writes into docs/size.md what a browser downloads with each peer, for the same job.
import { writeGenerated } from "../../scripts/generated.mjs";
import { measure, sizesOf } from "../../scripts/size.mjs";
import { bundlePeer } from "./bundle.mjs";
import { installPeers, versions } from "./install.mjs";
import { PEERS } from "./peers.mjs";

await installPeers();
const own = await measure();
/** @type {[string, ReturnType<typeof sizesOf>][]} */
const rows = [
  ["**this package**, wasm beside its glue", own["wasm + glue"]],
  ["**this package**, one file", own["index.js"]],
];
for (const [peer, { name }] of Object.entries(PEERS)) {
  if (peer === "package") continue;
  const what = versions(peer);
  rows.push([what ? `${name} (${what})` : name, sizesOf(await bundlePeer(peer))]);
}
rows.sort(([, one], [, other]) => one.brotli - other.brotli);
/** @param {number} bytes */
const number = (bytes) => bytes.toLocaleString("en");
const lines = rows.map(([name, { raw, gzip, brotli }]) => `| ${name} | ${number(raw)} | ${number(gzip)} | ${number(brotli)} |`);
const table = ["| | minified | gzip | brotli |", "|---|---:|---:|---:|", ...lines].join("\n");
console.log(`\nFor the same job, in bytes\n${table}`);
await writeGenerated("size.md", "peers", table);
