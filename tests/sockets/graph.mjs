// The simulated Graph behind a fault proxy, with functions that read the records of both.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { startSimulator } from "../../scripts/simulator.mjs";
import { startFaultProxy } from "./fault-proxy.mjs";

export const DEVICE = "slow";
export const START = { method: "POST", path: /\/runDiagnostics$/ };
export const POLL = { method: "GET", path: /\/operations\/[^/]+$/ };
export const LIST = { method: "GET", path: /\/operations$/ };

/**
 * Starts a simulated Graph whose network breaks according to the rules.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("./fault-proxy.mjs").Rule[]} rules
 * @param {{ paceMs?: number }} [settings]
 */
export async function startGraph(t, rules, { paceMs = 30 } = {}) {
  // The run of this device blocks another for 20 times the pace: as long as a browser's second POST may take.
  const simulator = await startSimulator(["--port", "0", "--pace-ms", String(paceMs)]);
  t.after(simulator.stop);
  const { origin, exchanges } = await startFaultProxy(t, simulator.url, rules);
  const token = `secret-${crypto.randomUUID()}`;
  const baseUrl = `${origin}/beta`;
  const operations = `/teamwork/devices/${DEVICE}/operations`;

  return {
    origin,
    baseUrl,
    token,
    exchanges,

    /** The locations of the started runs, from the service. */
    async started() {
      const response = await fetch(`${simulator.url}/beta${operations}`, { headers: { authorization: "Bearer of-the-test" } });
      /** @type {{ value: { id: string }[] }} */
      const { value } = await response.json();
      return value.map(({ id }) => `${baseUrl}${operations}/${id}`);
    },

    /** The number of POSTs that the service received. */
    async posts() {
      /** @type {{ method: string }[]} */
      const received = await (await fetch(`${simulator.url}/simulator/requests`)).json();
      return received.filter(({ method }) => method === "POST").length;
    },

    /**
     * The requests of a kind that the client sent, with their client-request-id. A request that a browser sends again has the same id.
     *
     * @param {{ method: string, path: RegExp }} kind
     */
    sent({ method, path }) {
      const ofThatKind = exchanges.filter((exchange) => exchange.method === method && path.test(exchange.path));
      return ofThatKind.map((exchange) => ({ ...exchange, id: /^client-request-id: (.+)\r$/im.exec(exchange.text)?.[1] }));
    },

    /** Asserts that every request except preflights has the token in its header field, and nowhere else. */
    assertTokenStayed() {
      for (const { method, path, text } of exchanges) {
        const [before, ...after] = text.split(token);
        assert.equal(after.length, method === "OPTIONS" ? 0 : 1, `${method} ${path}`);
        if (after.length === 1) assert.match(before, /\r\nauthorization: Bearer $/i);
      }
    },

    /** Asserts that within a second every connection is idle or closed. Preflights do not count, because the browser sends them itself. */
    async assertQuiet() {
      /** @param {import("./fault-proxy.mjs").Exchange} exchange */
      const isOpen = ({ method, ended }) => method !== "OPTIONS" && ended === undefined;
      const open = () => exchanges.filter(isOpen).map(({ method, path }) => `${method} ${path}`);
      for (let waited = 0; waited < 1_000 && open().length > 0; waited += 10) await pause(10);
      assert.deepEqual(open(), []);
    },
  };
}
