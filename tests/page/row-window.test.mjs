// Which rows are in the document, and what is computed again, without a browser.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { partsOf } from "../../www/src/row-window.js";
import { memoised } from "../../www/src/memoised.js";

describe("the rows in the document", () => {
  test("are always as high as all rows, in their order, with what is in view and the row of the focus", () => {
    const visible = 12;
    for (const count of [0, 1, 12, 100, 101, 500, 3_000])
      for (const first of [0, 1, 40, 99, 2_990, 5_000])
        for (const stop of [0, 57, count - 1]) {
          const where = JSON.stringify({ count, first, stop });
          const parts = partsOf({ count, first, visible, stop: Math.min(stop, count - 1) });
          const rows = parts.flatMap((part) => ("row" in part ? part.row : []));
          const gaps = parts.reduce((sum, part) => sum + ("gap" in part ? part.gap : 0), 0);
          assert.equal(rows.length + gaps, count, where);
          assert.deepEqual(
            rows,
            [...new Set(rows)].sort((a, b) => a - b),
            where,
          );
          const top = Math.max(0, Math.min(first, count - visible));
          for (let row = top; row < Math.min(count, top + visible); row++) assert.ok(rows.includes(row), where);
          if (count > 0) assert.ok(rows.includes(Math.min(stop, count - 1)), where);
          assert.ok(rows.length <= 100, where);
        }
  });
});

test("a memoised result is computed again only for other values", () => {
  let times = 0;
  const sum = memoised((/** @type {number} */ a, /** @type {number} */ b) => {
    times += 1;
    return a + b;
  });
  assert.deepEqual([sum(1, 2), sum(1, 2), sum(2, 2), sum(1, 2)], [3, 3, 4, 3]);
  assert.equal(times, 3);
});
