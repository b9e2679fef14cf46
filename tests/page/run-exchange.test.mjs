// How the requests of a fleet are divided among its runs, without a browser.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deviceInUrl, dividedFetch } from "../../www/src/run-exchange.js";

const GRAPH = "https://graph.microsoft.com/beta/teamwork/devices";

describe("the requests of a fleet", () => {
  test("name their device as a segment or as a key", () => {
    /** @type {[string, string | undefined][]} */
    const urls = [
      [`${GRAPH}/d-1/runDiagnostics`, "d-1"],
      [`${GRAPH}/d-1`, "d-1"],
      [`${GRAPH}/a%2Fb%20%27c%27/operations?$top=50`, "a/b 'c'"],
      [`${GRAPH}('d-1')/operations('o-1')`, "d-1"],
      [`${GRAPH}(%27d-1%27)/operations`, "d-1"],
      [`${GRAPH}('it''s')/operations`, "it's"],
      [`${GRAPH}/50%/operations`, "50%"],
      [`${GRAPH}?$top=50`, undefined],
      ["https://graph.microsoft.com/beta/users/d-1", undefined],
    ];
    for (const [url, deviceId] of urls) assert.equal(deviceInUrl(url), deviceId, url);
  });

  test("go to the fetch of their run, and others to the common one", async () => {
    /** @type {string[]} */
    const went = [];
    const fetchOf = (name) => async (input) => {
      went.push(`${name} ${input instanceof Request ? input.url : input}`);
      return new Response();
    };
    const fetch = dividedFetch((deviceId) => (deviceId === "d-1" ? fetchOf(deviceId) : undefined), fetchOf("other"));
    await fetch(`${GRAPH}/d-1`);
    await fetch(new Request(`${GRAPH}/d-1/operations`));
    await fetch(`${GRAPH}/d-2`);
    await fetch("https://graph.microsoft.com/beta/other");
    assert.deepEqual(
      went.map((line) => line.split(" ")[0]),
      ["d-1", "d-1", "other", "other"],
    );
  });
});
