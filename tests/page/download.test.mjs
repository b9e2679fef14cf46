// The package is downloaded when it is first needed. If that fails, the page says so and can try again.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";

const PACKAGE = "**/teams-device-diagnostics.js*";
const TOLD = /could not be downloaded\. Check the connection, and try again\./;

/** Records the requests for the package that a page sends from now on. */
function requested(page) {
  const addresses = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname === "/teams-device-diagnostics.js") addresses.push(pathname + search);
  });
  return addresses;
}

/** Gives a token and pastes ids, which selects them. Without a list, devices are shown by their ids. */
async function paste({ portal }, ...ids) {
  portal.names = new Map();
  await portal.giveToken("a-token");
  await portal.paste(ids.join(" "));
}

describe("the package", AT_ONCE, () => {
  pageTest(
    "comes with the first list, once",
    async ({ page, portal }) => {
      const addresses = requested(page);
      await page.reload();
      await portal.isReady({ simulated: false });
      await portal.paste("successful");
      await page.waitForLoadState("networkidle");
      assert.deepEqual(addresses, [], "neither opening the page nor preparing a run needs it");
      await portal.giveToken("a-token");
      // The pasted id is a row already. With the list it gets the name that the run is found by.
      await portal.checkbox(await portal.name("successful")).waitFor();
      await portal.runButton.click();
      await portal.outcome("successful", "Diagnostics succeeded");
      assert.deepEqual(addresses, ["/teams-device-diagnostics.js"]);
    },
    { plain: true },
  );

  pageTest(
    "that cannot be downloaded leads to an error of the list, which can be read again",
    async ({ page, portal, sent }) => {
      const addresses = requested(page);
      await page.route(PACKAGE, (route) => route.abort("connectionfailed"));
      const list = portal.button("List devices");
      const group = page.getByRole("group", { name: "The devices could not be listed" });
      await portal.giveToken("a-token");
      await group.getByText(TOLD).waitFor();
      assert.match(await portal.announcements.innerText(), /could not be listed/);
      await list.click();
      await page.waitForFunction(() => document.querySelectorAll("[role=status] p").length === 2);
      await group.getByText(TOLD).waitFor();
      assert.deepEqual(sent, []);
      await page.unroute(PACKAGE);
      await list.click();
      await portal.isListed();
      assert.equal(new Set(addresses).size, 3, "each attempt has an address of its own");
    },
    { plain: true, provokes: true },
  );

  pageTest(
    "that cannot be downloaded leads to an error of the run, which can be started later",
    async (watched) => {
      const { page, portal, sent } = watched;
      await page.route(PACKAGE, (route) => route.abort("connectionfailed"));
      await paste(watched, "successful", "bare");
      await portal.runButton.click();
      for (const id of ["successful", "bare"]) {
        const article = await portal.outcome(id, "Diagnostics were not started");
        await article.getByText(TOLD).waitFor();
      }
      assert.deepEqual([...sent], []);
      await page.unroute(PACKAGE);
      await portal.press("successful", "Run again");
      await portal.outcome("successful", "Diagnostics succeeded");
      assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
    },
    { plain: true, provokes: true },
  );

  pageTest(
    "that cannot be downloaded loses no run from before a reload",
    async ({ page, portal, sent }) => {
      await portal.giveToken("a-token");
      await portal.run("slow");
      await portal.entry("slow", /Queued|Scheduled/);
      await page.route(PACKAGE, (route) => route.abort("connectionfailed"));
      await page.reload();
      await portal.giveToken("a-token");
      const article = await portal.outcome("slow", "The run continues, but is not followed");
      await article.getByText(TOLD).waitFor();
      await page.unroute(PACKAGE);
      await portal.press("slow", "Go on waiting");
      await portal.outcome("slow", "Diagnostics succeeded");
      assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
    },
    { plain: true, provokes: true, paceMs: 300 },
  );

  pageTest(
    "is no longer awaited after the user has stopped waiting",
    async (watched) => {
      const { page, portal, sent } = watched;
      let release;
      const released = new Promise((resolve) => (release = resolve));
      await page.route(PACKAGE, (route) => released.then(() => route.continue()));
      await paste(watched, "successful");
      await portal.runButton.click();
      await portal.press("successful", "Take back");
      const article = await portal.outcome("successful", "Diagnostics were taken back");
      await article.getByText("Nothing was sent to the device.").waitFor();
      release();
      await portal.press("successful", "Run again");
      await portal.outcome("successful", "Diagnostics succeeded");
      assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
    },
    { plain: true },
  );
});

pageTest(
  "the simulated Graph that could not be downloaded comes with its tenants when the list is read again",
  async ({ page, portal, sent }) => {
    await page.route("**/simulator.js*", (route) => route.abort("connectionfailed"));
    await page.getByRole("combobox", { name: "Graph" }).selectOption("Simulated");
    await page.getByText("The simulated Graph could not be downloaded. Check the connection, and try again.").waitFor();
    await page.unroute("**/simulator.js*");
    await portal.button("List devices").click();
    await portal.isListed();
    assert.equal(await page.getByRole("combobox", { name: "Simulated tenant" }).count(), 1);
    assert.deepEqual(sent, []);
  },
  { plain: true, provokes: true },
);
