// Node's fetch on broken sockets. It never sends a request again by itself, so the count of the service is exact.

import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import * as customer from "./customer.mjs";
import { testEveryResponse } from "./every-response.mjs";
import { LIMIT, assertFound, assertNothingStarted, start, testEveryFault } from "./every-client.mjs";
import { BROKEN, UNSENT } from "./faults.mjs";
import { DEVICE, START } from "./graph.mjs";

/** Every request of this process. @type {{ headers: unknown, origin: string }[]} */
const requests = [];
subscribe("undici:request:create", (message) => {
  requests.push(/** @type {{ request: { headers: unknown, origin: string } }} */ (message).request);
});

/** @type {import("./every-client.mjs").Open} */
async function openHere(_t, { token, origin }) {
  const strangers = async () => {
    const withToken = requests.filter(({ headers }) => String(headers).includes(token));
    return withToken.map((request) => request.origin).filter((reached) => reached !== origin);
  };
  return { ...customer, strangers };
}

/** The same on a connection that another request has left open, as after preflights in browsers. @type {import("./every-client.mjs").Open} */
async function openOnKeptConnection(t, graph) {
  const headers = { authorization: `Bearer ${graph.token}` };
  await (await fetch(`${graph.baseUrl}/teamwork/devices/${DEVICE}`, { headers })).text();
  await pause(50);
  return openHere(t, graph);
}

describe("in Node", { concurrency: 12 }, () => {
  for (const fault of [...UNSENT, ...BROKEN].filter(({ name }) => /^a (reset|close) /.test(name))) {
    test(`starting: ${fault.name} on a reused connection does not lead to a second start`, LIMIT, async (t) => {
      const { graph, outcome } = await start(t, openOnKeptConnection, { ...START, fault });
      const [first, post] = graph.exchanges;
      assert.equal(post.connection, first.connection);
      await (UNSENT.includes(fault) ? assertNothingStarted : assertFound)(graph, outcome, fault);
    });
  }

  testEveryFault(openHere, { sendsAgain: false });
  testEveryResponse(openHere);
});
