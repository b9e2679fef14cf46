// How the page shows values of Graph, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { activityTitle, ago, healthText, typeTitle } from "../../www/src/device-words.js";
import { clock, exactTime } from "../../www/src/format.js";

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

test("a tooltip says in which zone its time is", () => {
  assert.match(exactTime("2026-11-27T12:00:00Z"), /2026.*:\d\d:00.* (UTC|GMT|[A-Z]{3,5})/);
  assert.equal(exactTime("some day"), "some day");
});

test("a time is so long ago", () => {
  const now = Date.parse("2026-11-27T12:00:00Z");
  const words = [0, 29, 60, 59 * 60, 3_600, 47 * 3_600, 48 * 3_600].map((seconds) =>
    ago(new Date(now - seconds * 1_000).toISOString(), now),
  );
  assert.deepEqual(words, ["just now", "just now", "1 min ago", "59 min ago", "1 h ago", "47 h ago", "2 days ago"]);
  assert.equal(ago("some day", now), "some day");
});
