// Devices that the user adds: what the page says of a text or a file, what it takes from several files, and how devices are removed again.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";

const GUID = "0f3ce432-e432-4f3c-82e4-3c0f32e43c0f";
const input = (page) => page.getByLabel("CSV export of the Teams admin center");
/** @param {string} name @param {string | Buffer} text */
const file = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

describe("added devices", AT_ONCE, () => {
  pageTest("of a text are said, and so is what was ignored", async ({ page, portal }) => {
    await portal.isListed();
    await portal.paste("Please run the diagnostics on the lobby.");
    await page.getByText(/There is no device id in this text.*“Please”, “run”/).waitFor();
    assert.equal(await page.getByRole("textbox", { name: "Device ids" }).inputValue(), "Please run the diagnostics on the lobby.");
    await portal.paste(`the lobby (${GUID}), please`);
    await page.getByText("1 device added and selected. Ignored, because it is no device id: “the”, “lobby”, “please”.").last().waitFor();
    assert.ok(await portal.checkbox(GUID).isChecked());
    await portal.announcements.getByText(/1 device added and selected/).waitFor();
  });

  pageTest("of several files have their names, and a file without ids is named", async ({ page, portal }) => {
    await portal.isListed();
    await input(page).setInputFiles([
      file("a.csv", "Name,Device Id,Model,User\nLobby,late,Kit 2,Ada\n"),
      file("b.csv", "Serial\n1\n"),
      file("c.csv", Buffer.from(`\uFEFFGeräte-ID;Gerätename\r\n${GUID};Büro\r\nTotal: 2;\r\n`, "utf16le")),
    ]);
    await page
      .locator("#devices")
      .getByText(/2 devices added and selected.*“Total: 2”.*b\.csv: This file has no column/)
      .waitFor();
    assert.match(await portal.row("Büro").innerText(), new RegExp(GUID));
    await portal.button("Run diagnostics on 2 devices").waitFor();
    const [, late] = await portal.rows.allInnerTexts();
    assert.ok(!late.includes("Ada"), "the list knows the device, and the list is right");
  });

  pageTest("can be removed one by one, by key, and all together", async ({ page, portal }) => {
    await portal.isListed();
    const before = await portal.rows.count();
    await portal.paste("room-1 room-2 room-3 room-4");
    assert.equal(await portal.rows.count(), before + 4);
    await portal.button("Remove room-2").click();
    await portal.button("Run diagnostics on 3 devices").waitFor();
    await portal.checkbox("room-1").focus();
    await page.keyboard.press("Delete");
    await portal.checkbox("room-1").waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "room-3");
    await portal.button("Remove 2 added devices").click();
    assert.equal(await portal.rows.count(), before);
    await portal.checkbox("Room Vienna").focus();
    await page.keyboard.press("Delete");
    assert.equal(await portal.rows.count(), before, "what Graph listed stays");
  });

  pageTest("of a file with twenty thousand rows come at once", async ({ page, portal }) => {
    await portal.isListed();
    const rows = Array.from(
      { length: 20_000 },
      (_, at) => `"Room ${at}, north",${GUID.slice(0, -5)}${String(at).padStart(5, "0")},Contoso`,
    );
    const client = await page.context().newCDPSession(page);
    await client.send("Performance.enable");
    const work = async () => (await client.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
    const start = await work();
    await input(page).setInputFiles(file("all.csv", ["Name,Device Id,Manufacturer", ...rows].join("\r\n")));
    await portal.button("Run diagnostics on 20,000 devices").waitFor();
    console.log(`a file of 20,000 rows: ${Math.round(1_000 * ((await work()) - start))} ms of work until its devices are selected`);
    assert.ok((await page.locator("tbody tr").count()) < 100);
  });

  pageTest(
    "of a file need what reads files, which is downloaded then; a failure is said in words",
    async ({ page, portal }) => {
      await portal.isListed();
      await page.route("**/device-files.js*", (route) => route.abort("connectionfailed"), { times: 1 });
      await input(page).setInputFiles(file("a.csv", "Device Id\nroom-1\n"));
      await page.getByText(/that reads files could not be downloaded/).waitFor();
      await input(page).setInputFiles(file("a.csv", "Device Id\nroom-1\n"));
      await portal.checkbox("room-1").waitFor();
    },
    { provokes: true },
  );
});
