// Pages on broken sockets, in Chromium and Firefox. Both send a request again by themselves, even a POST, if a reused connection breaks
// before the response comes; Chromium also after half of the header fields.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "../../scripts/simulator.mjs";
import { present } from "../shared/present.mjs";
import { openInChromium, openInFirefox, startBrowser } from "./browsers.mjs";
import { testEveryResponse } from "./every-response.mjs";
import { LIMIT, assertNothingStarted, start, testEveryFault } from "./every-client.mjs";
import { UNSENT } from "./faults.mjs";
import { START } from "./graph.mjs";

for (const [name, openIn] of Object.entries({ Chromium: openInChromium, Firefox: openInFirefox })) {
  describe(`in ${name}`, { concurrency: 12 }, () => {
    /** @type {Awaited<ReturnType<typeof startBrowser>>} */
    let browser;
    before(async () => {
      browser = await startBrowser(openIn);
    });
    after(() => browser?.end());
    /** @type {import("./every-client.mjs").Open} */
    const open = (t, graph) => browser.open(t, graph);

    for (const fault of UNSENT) {
      test(`starting: after ${fault.name}, of a preflight, no run is claimed`, LIMIT, async (t) => {
        const { graph, outcome } = await start(t, open, { ...START, method: "OPTIONS", fault });
        const [location] = await graph.started();
        // Firefox sends a preflight again.
        if (graph.sent(START).length > 0) assert.equal(outcome.value, location, outcome.said);
        else await assertNothingStarted(graph, outcome, fault);
      });
    }

    test("polls see the end of the operation although their responses may be cached for a minute", LIMIT, async (t) => {
      const simulator = await startSimulator(["--port", "0", "--pace-ms", "200", "--cacheable"]);
      t.after(simulator.stop);
      const baseUrl = `${simulator.url}/beta`;
      const token = "a-token-of-the-test";
      const client = await open(t, { origin: simulator.url, baseUrl, token });
      const options = { baseUrl, pollInterval: 50 };
      const { value: location } = await client.start(token, "successful", options);
      const { value, said, events } = await client.follow(present(location, "location"), options);
      assert.equal(value?.state, "successful", said);
      assert.ok(new Set(events.map((event) => event.type === "status" && event.status)).size > 1, "it was seen on its way");
      /** @type {{ method: string }[]} */
      const received = await (await fetch(`${simulator.url}/simulator/requests`)).json();
      assert.equal(received.filter(({ method }) => method === "GET").length, events.length, "each poll reached the service");
    });

    testEveryFault(open, { sendsAgain: true });
    testEveryResponse(open);
  });
}
