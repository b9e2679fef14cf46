// Pages on broken sockets, in Chromium and Firefox. Both send a request again by themselves, even a POST, if a reused connection breaks
// before the response comes; Chromium also after half of the header fields.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "../../scripts/simulator.mjs";
import { openInChromium, openInFirefox, startBrowser } from "./browsers.mjs";
import { testEveryAnswer } from "./every-answer.mjs";
import { LIMIT, assertNothingStarted, start, testEveryFault } from "./every-client.mjs";
import { UNSENT } from "./faults.mjs";
import { START } from "./graph.mjs";

for (const [name, openIn] of Object.entries({ Chromium: openInChromium, Firefox: openInFirefox })) {
  describe(`in ${name}`, { concurrency: 12 }, () => {
    let browser;
    before(async () => {
      browser = await startBrowser(openIn);
    });
    after(() => browser?.end());
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
      const client = await open(t, { origin: simulator.url });
      const options = { baseUrl: `${simulator.url}/beta`, pollInterval: 50 };
      const { value: location } = await client.start("a-token-of-the-test", "successful", options);
      const { value, said, events } = await client.follow(location, options);
      assert.equal(value?.state, "successful", said);
      assert.ok(new Set(events.map(({ status }) => status)).size > 1, "it was seen on its way");
      const received = await (await fetch(`${simulator.url}/simulator/requests`)).json();
      assert.equal(received.filter(({ method }) => method === "GET").length, events.length, "each poll reached the service");
    });

    testEveryFault(open, { sendsAgain: true });
    testEveryAnswer(open);
  });
}
