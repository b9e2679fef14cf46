// On a page with zone.js, which Angular uses, all functions that a caller passes run in the caller's zone.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { assertOwnContexts } from "./checks.mjs";
import { openSite } from "./site.mjs";

const LIMIT = { timeout: 120_000 };
const html = `<!doctype html><script src="/node_modules/zone.js/bundles/zone.umd.js"></script><script type="module">
  window.customer = import("/tests/context/zones-page.mjs");
</script>`;

let site;
before(async () => {
  site = await openSite({ "/": { html } });
});
after(() => site?.close());

describe("on a page with zone.js", { concurrency: 2 }, () => {
  test("every caller's functions run in its own zone", LIMIT, async (t) => {
    const { page } = await site.open(t, "/");
    const callEverybody = () => page.evaluate(async () => (await window.customer).callEverybody());
    // The first calls of the page, which load the wasm, and later ones.
    assertOwnContexts(await callEverybody());
    assertOwnContexts(await callEverybody());
  });

  test("a pause that an event of the page ends goes on in the caller's zone", LIMIT, async (t) => {
    const { page, setOffline } = await site.open(t, "/");
    const zones = page.evaluate(async () => (await window.customer).waitForWakeUp());
    const polls = () => page.evaluate(async () => (await window.customer).polls());
    while ((await polls()) === 0) await pause(20);
    // A pause lasts at least a second, even if an event ends it early.
    await pause(1_100);
    await setOffline(true);
    await setOffline(false);
    assert.deepEqual(await zones, ["sleeper", "sleeper", "sleeper", "sleeper"]);
  });
});
