// The code that the page shows for a run, checked by TypeScript and run in Node.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { batchSnippet, nodeSnippet, portalSnippet } from "../../www/src/snippets.js";
import { customer, runInNode, typeCheck } from "../readme/customer.mjs";
import { startSimulator } from "../simulator/simulator.mjs";

describe("the code that is shown", { timeout: 120_000 }, () => {
  const ODD = `Room "1" \\ \${x} '2'`;
  let home;
  before(() => {
    home = customer();
  });
  after(() => home?.remove());

  test("compiles strictly for every cloud, whatever a device is called", async () => {
    const services = [
      {},
      { cloud: "global" },
      { cloud: "usGovL4" },
      { cloud: "usGovL5" },
      { cloud: "china" },
      { baseUrl: "http://127.0.0.1:1/beta" },
    ];
    const files = services.flatMap((service, number) => {
      const made = { deviceId: ODD, ...service };
      const texts = {
        [`portal-${number}.ts`]: portalSnippet(made),
        [`node-${number}.mjs`]: nodeSnippet(made),
        [`node-${number}.mts`]: nodeSnippet(made),
        [`batch-${number}.mts`]: batchSnippet({ deviceIds: [ODD, "d-2"], ...service }),
      };
      for (const [file, text] of Object.entries(texts)) writeFileSync(join(home.folder, file), text);
      return Object.keys(texts);
    });
    assert.equal(await typeCheck(home.folder, files), "");
    writeFileSync(join(home.folder, "mistake.ts"), portalSnippet({ deviceId: "d", cloud: "mine" }));
    assert.match(await typeCheck(home.folder, ["mistake.ts"]), /error TS2322/, "a mistake is found");
  });

  test("signs in at the authority of the cloud, and leaves out defaults", () => {
    assert.match(portalSnippet({ deviceId: "d", cloud: "china" }), /login\.partner\.microsoftonline\.cn\/organizations".*cloud: "china"/s);
    assert.match(
      nodeSnippet({ deviceId: "d", cloud: "usGovL5" }),
      /authorityHost: "https:\/\/login\.microsoftonline\.us".*cloud: "usGovL5"/s,
    );
    assert.doesNotMatch(portalSnippet({ deviceId: "d", cloud: "global" }), /cloud/);
    assert.doesNotMatch(nodeSnippet({ deviceId: "d" }), /cloud|authorityHost|, \)/);
  });

  test("for a batch runs every device in one call", async (t) => {
    const { origin } = await startSimulator(t);
    const text = batchSnippet({ deviceIds: ["successful", "failed"], baseUrl: `${origin}/beta` });
    const { stdout, stderr } = await runInNode(home.folder, "batch.run.mjs", text, { GRAPH: origin, SIMULATOR: origin });
    assert.match(stdout, /^successful successful/m, stderr.slice(-2_000));
    assert.match(stdout, /^failed failed \S/m);
    assert.match(
      batchSnippet({ deviceIds: Array.from({ length: 50 }, (_, number) => `d-${number}`) }),
      /"d-19",\n {2}\/\/ and 30 more\n\];/,
    );
  });

  for (const [name, code, printed] of /** @type {[string, typeof nodeSnippet, RegExp][]} */ ([
    [
      "Node",
      nodeSnippet,
      /^Started: http\S+\n(credential .*\n|\w+\n)*Successful\nSuccessful - download the logs in the Teams admin center$/,
    ],
    ["a portal", portalSnippet, /^msal https:\/\/login[^]*\nstarted\n[^]*status\n[^]*The logs are in the Teams admin center\.$/],
  ])) {
    test(`for ${name} does that run`, async (t) => {
      const { origin } = await startSimulator(t);
      const text = code({ deviceId: "successful", baseUrl: `${origin}/beta` });
      const { stdout, stderr } = await runInNode(home.folder, "shown.run.mjs", text, { GRAPH: origin, SIMULATOR: origin });
      assert.match(stdout.replace(/^(credential .*\n)+/, ""), printed, stderr.slice(-2_000));
      const requests = await (await fetch(`${origin}/simulator/requests`)).json();
      assert.equal(requests[0].target, "/beta/teamwork/devices/successful/runDiagnostics");
    });
  }
});
