// The runs that the page resumes after a reload, without a browser.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { resumableRuns } from "../../www/src/resumable-runs.js";

describe("unfinished runs", () => {
  const origin = "http://127.0.0.1:8787";
  const run = (number, more) => ({ location: `${origin}/beta/${number}`, deviceId: "d", baseUrl: `${origin}/beta`, ...more });

  /** Replaces the globals of a page for one test. */
  function inTab(t, kept = new Map()) {
    const sessionStorage = {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, text) => kept.set(name, text),
      removeItem: (name) => kept.delete(name),
    };
    Object.assign(globalThis, { sessionStorage, location: new URL(origin) });
    t.after(() => {
      for (const name of ["sessionStorage", "location"]) Reflect.deleteProperty(globalThis, name);
    });
    return kept;
  }

  test("are stored once each, until they are removed", (t) => {
    const kept = inTab(t);
    resumableRuns.remember(run(1));
    resumableRuns.remember(run(2, { deviceName: "Room", startedAt: "2026-01-02T03:04:05.000Z" }));
    resumableRuns.remember(run(1, { deviceName: "Renamed" }));
    assert.deepEqual(
      resumableRuns.all().map(({ location, deviceName }) => [location.at(-1), deviceName]),
      [
        ["2", "Room"],
        ["1", "Renamed"],
      ],
    );
    resumableRuns.forget(run(2).location);
    resumableRuns.forget(run(1).location);
    assert.deepEqual([resumableRuns.all(), kept.size], [[], 0]);
  });

  test("contain only the known members", (t) => {
    const kept = inTab(t);
    resumableRuns.remember({ ...run(1), token: "secret" });
    assert.ok(![...kept.values()].join().includes("secret"));
  });

  test("that are not runs, or name an unknown service, are ignored", (t) => {
    const kept = inTab(t);
    resumableRuns.remember(run(1));
    const [key] = kept.keys();
    for (const junk of ["", "{", "null", "7", '{"a":1}']) {
      kept.set(key, junk);
      assert.deepEqual(resumableRuns.all(), [], junk);
    }
    const runs = [
      null,
      7,
      {},
      { location: "x" },
      run(1, { deviceName: 7 }),
      run(2, { baseUrl: "https://elsewhere.example/beta" }),
      run(3, { baseUrl: "/beta" }),
      run(4, { cloud: "global" }),
      run(5, { baseUrl: undefined, cloud: "mine" }),
      run(6),
      run(7, { baseUrl: undefined, cloud: "china" }),
    ];
    kept.set(key, JSON.stringify(runs));
    assert.deepEqual(
      resumableRuns.all().map(({ location }) => location.at(-1)),
      ["6", "7"],
    );
  });

  test("are lost, without an error, where nothing can be stored", (t) => {
    inTab(t);
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    Object.assign(globalThis.sessionStorage, { getItem: refuse, setItem: refuse, removeItem: refuse });
    resumableRuns.remember(run(1));
    resumableRuns.forget(run(1).location);
    assert.deepEqual(resumableRuns.all(), []);
  });
});
