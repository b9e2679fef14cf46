// What a browser downloads for the same job with each peer, as docs/size.md shows it.
import { writeGenerated } from "../../scripts/generated.mjs";
import { bundlePeer } from "./bundle.mjs";
import { installPeers, versions } from "./install.mjs";
import { PEERS } from "./peers.mjs";

/**
 * @typedef {{ raw: number, gzip: number, brotli: number }} Sizes
 *
 * @param {Record<string, Sizes>} own the sizes of this package's parts
 * @param {(bytes: Uint8Array) => Sizes} sizes
 */
export async function writePeerSizes(own, sizes) {
  await installPeers();
  /** @type {[string, Sizes][]} */
  const rows = [
    ["**this package**, wasm beside its glue", own["wasm + glue"]],
    ["**this package**, one file", own["index.js"]],
  ];
  for (const [peer, { name }] of Object.entries(PEERS)) {
    if (peer === "package") continue;
    const what = versions(peer);
    rows.push([what ? `${name} (${what})` : name, sizes(await bundlePeer(peer))]);
  }
  rows.sort(([, one], [, other]) => one.brotli - other.brotli);
  /** @param {number} bytes */
  const number = (bytes) => bytes.toLocaleString("en");
  const lines = rows.map(([name, { raw, gzip, brotli }]) => `| ${name} | ${number(raw)} | ${number(gzip)} | ${number(brotli)} |`);
  const table = ["| | minified | gzip | brotli |", "|---|---:|---:|---:|", ...lines].join("\n");
  console.log(`\nFor the same job, in bytes\n${table}`);
  await writeGenerated("size.md", "peers", table);
}
