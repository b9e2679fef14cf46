// The peers of the speed benchmark do the whole job: until the operation has ended, with as many requests as this package needs. Peers that
// only the benchmark installs (ky, kiota) are checked by the benchmark itself.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "../../benches/speed/peers.mjs";
import { REQUESTS_PER_OPERATION, device, devices, token } from "../../benches/speed/tenant.mjs";
import { startSimulator } from "./simulator.mjs";

for (const peer of ["package", "fetch", "fetch-careful", "graph-client", "core-lro", "socket"]) {
  test(`${peer} starts diagnostics and waits until they were successful`, { timeout: 20_000 }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "peers-"));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, "devices.json");
    await writeFile(file, JSON.stringify(devices()));
    const { origin } = await startSimulator(t, "--devices", file);
    const { client } = await load(peer);
    const { status } = await client({ baseUrl: `${origin}/beta`, token, pollInterval: 1 })(device(0));
    assert.equal(status, "Successful");
    const requests = await (await fetch(`${origin}/simulator/requests`)).json();
    assert.deepEqual(
      requests.map(({ method }) => method),
      ["POST", ...Array(REQUESTS_PER_OPERATION - 1).fill("GET")],
    );
    for (const { headers } of requests) assert.equal(headers.authorization, `Bearer ${token}`);
  });
}
