// The runs that the page resumes after a reload, without a browser.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { resumableRuns } from "../../www/src/resumable-runs.js";

describe("unfinished runs", () => {
  const origin = "http://127.0.0.1:8787";
  const record = (number, more) => ({
    version: /** @type {const} */ (1),
    deviceId: `d-${number}`,
    state: /** @type {const} */ ("running"),
    time: `2026-01-02T03:04:0${number}.000Z`,
    location: `${origin}/beta/${number}`,
    attempts: 1,
    ...more,
  });
  const run = (number, more) => ({ record: record(number, undefined), baseUrl: `${origin}/beta`, ...more });
  const numbers = () => resumableRuns.all().map(({ record }) => record.location?.at(-1));

  /** Replaces the globals of a page for one test. */
  function inTab(t, kept = new Map()) {
    const sessionStorage = {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, text) => kept.set(name, text),
      removeItem: (name) => kept.delete(name),
      key: (at) => [...kept.keys()][at],
      get length() {
        return kept.size;
      },
    };
    Object.assign(globalThis, { sessionStorage, location: new URL(origin) });
    t.after(() => {
      for (const name of ["sessionStorage", "location"]) Reflect.deleteProperty(globalThis, name);
    });
    return kept;
  }

  test("are stored once each, until they are removed", (t) => {
    const kept = inTab(t);
    resumableRuns.remember(run(2, { deviceName: "Room" }));
    resumableRuns.remember(run(1));
    resumableRuns.remember(run(1, { deviceName: "Renamed" }));
    assert.deepEqual(
      resumableRuns.all().map(({ record, deviceName }) => [record.deviceId, deviceName]),
      [
        ["d-1", "Renamed"],
        ["d-2", "Room"],
      ],
      "oldest first",
    );
    resumableRuns.remember({ record: record(1, undefined), cloud: "china" });
    assert.equal(resumableRuns.all().length, 3, "another Graph may have a device of the same id");
    resumableRuns.forget("d-1", { cloud: "china" });
    resumableRuns.forget("d-2", run(2));
    resumableRuns.forget("d-1", run(1));
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
      { record: { location: "x" } },
      run(1, { deviceName: 7 }),
      run(2, { baseUrl: "https://elsewhere.example/beta" }),
      run(3, { baseUrl: "/beta" }),
      run(4, { cloud: "global" }),
      run(5, { baseUrl: undefined, cloud: "mine" }),
      run(1, { record: record(1, { version: 2 }) }),
      run(1, { record: record(1, { state: "ended" }) }),
      run(1, { record: record(1, { location: undefined }) }),
      run(1, { record: record(1, { time: "soon" }) }),
      run(6),
      run(7, { baseUrl: undefined, cloud: "china" }),
      run(8, { record: record(8, { state: "starting", location: undefined }) }),
    ];
    kept.clear();
    for (const [at, run] of runs.entries()) kept.set(`${key}${at}`, JSON.stringify(run));
    kept.set(`${key}left`, JSON.stringify(run(9, { record: record(9, { state: "waiting", location: undefined }) })));
    kept.set("of another page", JSON.stringify(run(9)));
    assert.deepEqual(numbers(), ["6", "7", undefined, undefined]);
  });

  test("are lost, without an error, where nothing can be stored", (t) => {
    inTab(t);
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    Object.assign(globalThis.sessionStorage, { getItem: refuse, setItem: refuse, removeItem: refuse });
    resumableRuns.remember(run(1));
    resumableRuns.forget("d-1", run(1));
    assert.deepEqual(resumableRuns.all(), []);
  });
});
