// The choice of devices: the list and its states, filters, selection by mouse and keyboard, and ids that are pasted or read from a file.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";

const focusedName = (page) =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
const selectedText = async (portal) => (await portal.runButton.innerText()).trim();

/** The names of the selected devices, in the order of the list. */
const selected = (portal) =>
  portal.table.getByRole("checkbox").evaluateAll((boxes) =>
    boxes
      .slice(1)
      .filter(({ checked }) => checked)
      .map((box) => box.getAttribute("aria-label")),
  );

describe("the list", AT_ONCE, () => {
  pageTest("has a row for each device with what Graph knows of it, over all pages", async ({ page, portal }) => {
    await portal.isListed();
    assert.equal(await portal.rows.count(), (await portal.allNames()).size);
    const text = await portal.row("Emre Moreau").innerText();
    assert.match(text, /Emre Moreau[^]*Display[^]*Northwind Display 8[^]*Offline[^]*Unavailable[^]*2 days ago/);
    assert.equal(await page.getByRole("complementary", { name: "State of the API" }).isVisible(), true);
    assert.equal(await page.getByRole("banner").getByText("Simulated", { exact: true }).isVisible(), true);
    await page.getByText(/can be ten minutes old/).waitFor();
  });

  // A regression test: each device of a second reading rendered all rows again, which took three quarters of a minute.
  pageTest(
    "of three thousand devices is read a second time",
    async ({ page, portal }) => {
      const progress = page.getByRole("progressbar", { name: "Reading the list" });
      await portal.isListed();
      await progress.waitFor({ state: "hidden" });
      const device = (id) => ({
        id: `d${id}`,
        deviceType: "teamsRoom",
        healthStatus: "healthy",
        currentUser: { displayName: `Room ${id}` },
      });
      let pages = 0;
      await page.route("**/teamwork/devices?*", (route) => {
        pages += 1;
        const first = Number(new URL(route.request().url()).searchParams.get("$skiptoken") ?? 0);
        const value = Array.from({ length: 50 }, (_, at) => device(first + at));
        const more = first + 50 < 3_000 && { "@odata.nextLink": `/teamwork/devices?$top=50&$skiptoken=${first + 50}` };
        return route.fulfill({ json: { value, ...more } });
      });
      for (let time = 0; time < 2; time++) {
        await portal.button("List devices").click();
        await progress.waitFor();
        await progress.waitFor({ state: "hidden", timeout: 25_000 });
        assert.equal(pages, (time + 1) * 60);
      }
    },
    { timeout: 90_000 },
  );

  pageTest("can be searched and narrowed by kind and health", async ({ page, portal }) => {
    await portal.isListed();
    const all = await portal.rows.count();
    await page.getByRole("combobox", { name: "Health" }).selectOption("Offline");
    assert.deepEqual(await portal.rows.getByRole("rowheader").allInnerTexts(), ["Emre Moreau\nqueued"]);
    await page.getByRole("combobox", { name: "Type" }).selectOption("Teams Room");
    await page.getByRole("button", { name: "Show all devices" }).click();
    assert.equal(await portal.rows.count(), all);
    await page.getByRole("combobox", { name: "Type" }).selectOption("Teams Room");
    const rooms = await portal.rows.allInnerTexts();
    assert.ok(rooms.length > 3 && rooms.length < all && rooms.every((text) => text.includes("Teams Room")));
    await page.getByRole("searchbox", { name: "Search devices" }).fill("vienna north");
    assert.equal(await portal.rows.count(), 1);
    await page.getByRole("searchbox", { name: "Search devices" }).fill("nothing is called so");
    assert.equal(await portal.rows.count(), 0);
    await page.getByText("No device matches").waitFor();
  });

  pageTest("selects the shown devices, and says how many selected ones are hidden", async ({ page, portal }) => {
    await portal.isListed();
    assert.equal(await portal.runButton.getAttribute("aria-disabled"), "true");
    await portal.select("successful");
    assert.equal(await selectedText(portal), "Run diagnostics on 1 device");
    await page.getByRole("combobox", { name: "Type" }).selectOption("SIP device");
    const sip = await portal.rows.count();
    const header = page.getByRole("checkbox", { name: "Select all shown" });
    await header.check();
    assert.equal(await selectedText(portal), `Run diagnostics on ${sip + 1} devices`);
    await page.getByText(/1 of them not shown/).waitFor();
    await portal.table.getByRole("checkbox").nth(1).uncheck();
    assert.equal(await header.evaluate((box) => /** @type {HTMLInputElement} */ (box).indeterminate), true);
    await header.check();
    await header.uncheck();
    assert.equal(await selectedText(portal), "Run diagnostics on 1 device");
  });

  pageTest(
    "of five hundred devices is read over ten pages",
    async ({ page, portal, sent }) => {
      await page.getByText("500 devices", { exact: true }).last().waitFor();
      assert.equal(await portal.table.getAttribute("aria-rowcount"), "501");
      assert.ok(sent.filter((call) => call === "GET /beta/teamwork/devices").length >= 10);
      await page.getByRole("checkbox", { name: "Select all shown" }).check();
      assert.equal(await selectedText(portal), "Run diagnostics on 500 devices");
      await portal.runButton.click();
      await portal
        .dialog(500)
        .getByText(/offline/)
        .waitFor();
      await portal.dialog(500).getByRole("button", { name: "Not now" }).click();
    },
    { tenant: "many" },
  );

  pageTest(
    "that is empty says what to do",
    async ({ page, portal, sent }) => {
      await page.getByRole("heading", { name: "The list is empty" }).waitFor();
      await portal.paste("room-1");
      await portal.runButton.click();
      assert.match(await (await portal.outcome("room-1", "Diagnostics were not started")).innerText(), /The device is not known/);
      assert.equal(sent.at(-1), "POST /beta/teamwork/devices/room-1/runDiagnostics");
    },
    { tenant: "empty" },
  );

  pageTest(
    "that is forbidden names the permission, and ids run all the same",
    async ({ page, portal }) => {
      const group = page.getByRole("group", { name: "Listing is not permitted" });
      await group.waitFor();
      assert.match(await group.innerText(), /TeamworkDevice\.Read\.All[^]*paste device ids[^]*request-id/);
      await portal.paste("successful failed");
      await portal.runButton.click();
      await portal.outcome("successful", "Diagnostics succeeded");
      await portal.outcome("failed", "Diagnostics failed");
      await portal.chooseTenant("catalogue");
      // The pasted ids are rows already.
      await group.waitFor({ state: "detached" });
      await portal.isListed();
    },
    { tenant: "forbidden" },
  );

  pageTest(
    "that fails says so after its retries, and can be read again",
    async ({ page, portal }) => {
      const group = page.getByRole("group", { name: "The devices could not be listed" });
      await group.waitFor({ timeout: 40_000 });
      assert.match(await group.innerText(), /500[^]*paste device ids/);
      await fetch(`${portal.origin}/simulator/tenant?tenant=catalogue`, { method: "POST" });
      await portal.button("List devices").click();
      await portal.isListed();
    },
    { tenant: "failing" },
  );

  pageTest(
    "that is slow shows its progress, and is not needed for a run",
    async ({ page, portal }) => {
      await page.getByRole("progressbar", { name: "Reading the list" }).waitFor();
      await portal.paste("successful");
      await portal.runButton.click();
      await page.getByRole("article", { name: "successful" }).getByRole("heading", { name: "Diagnostics succeeded" }).waitFor();
      await page.getByText(/^Listed at/).waitFor({ timeout: 20_000 });
    },
    { tenant: "slow" },
  );
});

describe("by keyboard", AT_ONCE, () => {
  pageTest("rows and ranges of rows can be reached and selected", async ({ page, portal }) => {
    await portal.isListed();
    const { keyboard } = page;
    await portal.checkbox("Room Vienna").focus();
    await keyboard.press("ArrowDown");
    assert.equal(await focusedName(page), "Room Oslo");
    await keyboard.press("Space");
    assert.deepEqual(await selected(portal), ["Room Oslo"]);
    await keyboard.press("Shift+ArrowDown");
    await keyboard.press("Shift+ArrowDown");
    assert.deepEqual(await selected(portal), ["Room Oslo", "Chidi Novak", "Room Lima"]);
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    await keyboard.press("Shift+Space");
    assert.equal((await selected(portal)).at(-1), "Room Tunis");
    await keyboard.press("End");
    const last = await portal.rows.last().getByRole("checkbox").getAttribute("aria-label");
    assert.equal(await focusedName(page), last);
    await keyboard.press("Home");
    assert.equal(await focusedName(page), "Room Vienna");
    await keyboard.press("ControlOrMeta+A");
    await portal.button(`Run diagnostics on ${await portal.rows.count()} devices`).waitFor();
  });

  pageTest("the Tab key stops once at the rows", async ({ page, portal }) => {
    await portal.isListed();
    await page.getByRole("button", { name: "Last run" }).focus();
    await page.keyboard.press("Tab");
    assert.equal(await focusedName(page), "Room Vienna");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.closest("table")), null);
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focusedName(page), "Room Oslo", "and is left and entered at the same row");
  });

  pageTest(
    "the focused element is always visible, on a narrow page too",
    async ({ page, portal }) => {
      await portal.run("failed");
      await portal.outcome("failed", "Diagnostics failed");
      // At least one of its points is not covered.
      const hidden = () =>
        page.evaluate(() => {
          const focused = document.activeElement;
          if (focused === null || focused === document.body) return undefined;
          const { left, top, width, height } = focused.getBoundingClientRect();
          const isSeen = [0.1, 0.5, 0.9].some((part) => focused.contains(document.elementFromPoint(left + width / 2, top + height * part)));
          return isSeen ? undefined : `${focused.tagName} ${focused.textContent?.slice(0, 40)}`;
        });
      const walk = async (key, times) => {
        for (let stops = 0; stops < times; stops++) {
          await page.keyboard.press(key);
          assert.equal(await hidden(), undefined, `${key} ${stops}`);
        }
      };
      await walk("Tab", 30);
      await walk("Shift+Tab", 30);
      await portal.rows.first().getByRole("checkbox").focus();
      await walk("ArrowDown", 20);
      await walk("ArrowUp", 20);
    },
    { viewport: { width: 360, height: 640 } },
  );

  pageTest(
    "a whole journey needs nothing else, and the focus is never lost",
    async ({ page, portal }) => {
      await portal.isListed();
      const { keyboard } = page;
      const isSomewhere = () => page.evaluate(() => document.activeElement !== document.body && document.activeElement !== null);
      const tabTo = async (name) => {
        for (let stops = 0; stops < 60; stops++) {
          await keyboard.press("Tab");
          if ((await focusedName(page))?.trim() === name) return;
        }
        assert.fail(`Tab does not lead to ${name}`);
      };
      await tabTo("Room Vienna");
      await keyboard.press("Space");
      await page.getByRole("combobox", { name: "Graph" }).focus();
      await tabTo("Run diagnostics on 1 device");
      await keyboard.press("Enter");
      await portal.entry("successful", "Queued");
      assert.ok(await isSomewhere(), "after the start");
      await tabTo("Stop waiting");
      await keyboard.press("Enter");
      await portal.outcome("successful", "You stopped waiting");
      assert.ok(await isSomewhere(), "after the button has gone");
      await tabTo("Go on waiting");
      await keyboard.press("Enter");
      await portal.entry("successful", "Waiting again");
      assert.ok(await isSomewhere());
      await portal.outcome("successful", "Diagnostics succeeded");
      assert.ok(await isSomewhere());
      await tabTo("Show the code");
      await keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      assert.equal((await focusedName(page))?.trim(), "Show the code", "the focus is back");
      await tabTo("Remove");
      await keyboard.press("Enter");
      await page.getByText("Nothing has been run yet").waitFor();
      assert.ok(await isSomewhere(), "after the card has gone");
    },
    { paceMs: 2_500 },
  );
});

describe("without the list", AT_ONCE, () => {
  const CSV = '\uFEFF"Display name";"Device Id";"State"\r\n"Lobby";"bare";"online"\r\n"Room ""1""";"late";"offline"\r\n';

  pageTest("ids can be pasted; duplicates are dropped", async ({ page, portal }) => {
    await portal.isListed();
    const before = await portal.rows.count();
    await portal.paste("room-1, room-2;room-1\nsuccessful");
    assert.equal(await selectedText(portal), "Run diagnostics on 3 devices");
    assert.equal(await portal.rows.count(), before + 2, "one is in the list already");
    assert.equal(await page.getByRole("textbox", { name: "Device ids" }).inputValue(), "");
    await portal.paste(" ,; ");
    await page.getByText("There is no device id in this text.").waitFor();
    assert.equal(await page.getByRole("textbox", { name: "Device ids" }).getAttribute("aria-invalid"), "true");
  });

  pageTest(
    "the admin center's export can be chosen",
    async ({ page, portal }) => {
      await page.getByRole("group", { name: "Listing is not permitted" }).waitFor();
      const input = page.getByLabel("CSV export of the Teams admin center");
      await input.setInputFiles({ name: "devices.csv", mimeType: "text/csv", buffer: Buffer.from(CSV) });
      await portal.checkbox("Lobby").waitFor();
      assert.equal(await selectedText(portal), "Run diagnostics on 2 devices");
      await portal.runButton.click();
      await portal.outcome("Lobby", "Diagnostics succeeded");
      await portal.outcome('Room "1"', "Diagnostics succeeded");
    },
    { tenant: "forbidden" },
  );

  pageTest(
    "the admin center's export can be dropped, and another file is refused in words",
    async ({ page, portal }) => {
      const input = page.getByLabel("CSV export of the Teams admin center");
      await input.waitFor();
      const drop = (text) =>
        input.evaluate((target, text) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([text], "devices.csv", { type: "text/csv" }));
          for (const type of ["dragenter", "dragover", "drop"]) {
            const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
            target.dispatchEvent(event);
            if (type === "drop" && !event.defaultPrevented) throw new Error("the browser would open the file");
          }
        }, text);
      await drop("Name,Serial\na,b\n");
      await page.getByText(/no column "Device Id"/).waitFor();
      await drop(CSV);
      await portal.checkbox('Room "1"').waitFor();
      assert.equal(await page.getByText(/no column "Device Id"/).count(), 0);
      assert.equal(await selectedText(portal), "Run diagnostics on 2 devices");
    },
    { tenant: "empty" },
  );
});
