// How the page shows values of Graph, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { activityTitle, healthText, typeTitle } from "../../www/src/device-words.js";
import { clock } from "../../www/src/format.js";

test("values of Graph's such as constructor are shown like any unknown value", () => {
  for (const word of ["constructor", "__proto__", "toString"]) {
    assert.deepEqual([typeTitle(word), activityTitle(word)], [typeTitle(word), typeTitle(word)]);
    assert.equal(typeof typeTitle(word), "string");
    assert.deepEqual(healthText(word), { title: typeTitle(word), icon: "unknown", tone: "quiet" });
  }
});

test("a time of another day has its date", () => {
  const at = new Date(2026, 10, 27, 23, 58, 1);
  assert.equal(clock(at, new Date(2026, 10, 27, 23, 59)), at.toLocaleTimeString());
  assert.match(clock(at, new Date(2026, 10, 28, 0, 1)), /2026/);
});
