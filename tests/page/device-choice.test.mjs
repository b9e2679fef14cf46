// Which devices are chosen by what their last run came to, and selections that are kept under names.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";

const names = (portal) => portal.rows.getByRole("checkbox").evaluateAll((boxes) => boxes.map((box) => box.getAttribute("aria-label")));

describe("the last run of a device", AT_ONCE, () => {
  pageTest("is in its row with a link to the run, and narrows and sorts the list", async ({ page, portal }) => {
    await portal.run("successful", "failed");
    await portal.outcome("failed", "Diagnostics failed");
    await portal.outcome("successful", "Diagnostics succeeded");
    const badge = portal.row("Room Oslo").getByRole("link", { name: "Failed" });
    assert.match((await badge.getAttribute("href")) ?? "", /^#batch\/[^/]+\/run\/\d+$/);
    const filter = page.getByRole("combobox", { name: "Last run" });
    await filter.selectOption("Diagnostics failed");
    assert.deepEqual(await names(portal), ["Room Oslo"]);
    await filter.selectOption("No run yet");
    const others = await names(portal);
    assert.ok(others.length > 10 && !others.includes("Room Oslo") && !others.includes("Room Vienna"));
    await filter.selectOption("Any last run");
    await portal.button("Last run").click();
    assert.deepEqual((await names(portal)).slice(0, 2), ["Room Oslo", "Room Vienna"]);
    await portal.button("Select failed").click();
    await portal.button("Run diagnostics on 1 device").click();
    await portal.row("Room Oslo").getByRole("link", { name: "Failed" }).waitFor();
    assert.equal(await portal.rows.getByRole("link", { name: "Succeeded" }).count(), 1);
  });

  pageTest("has nothing to select while none has failed", async ({ portal }) => {
    await portal.isListed();
    assert.equal(await portal.button("Select failed").getAttribute("aria-disabled"), "true");
    await portal.select("successful");
    await portal.button("Select failed").click({ force: true });
    await portal.button("Run diagnostics on 1 device").waitFor();
  });
});

describe("a saved selection", AT_ONCE, () => {
  pageTest("is kept under its name over a reload, chosen and removed", async ({ page, portal }) => {
    await portal.select("successful", "failed");
    await portal.paste("not-listed");
    const save = async (name) => {
      await portal.button("Saved selections").click();
      await page.getByRole("textbox", { name: "Name" }).fill(name);
      await portal.button("Save 3 devices").click();
      await page.getByRole("textbox", { name: "Name" }).waitFor({ state: "hidden" });
    };
    await save("Monday");
    await save("Lobbies");
    await page.reload();
    await portal.isListed();
    await portal.select("slow");
    await portal.button("Saved selections").click();
    await portal.button("Monday: 3 devices").click();
    await portal.button("Run diagnostics on 3 devices").waitFor();
    assert.ok(await portal.checkbox("not-listed").isChecked(), "what the list has not is added");
    assert.ok(!(await portal.checkbox("Room Lima").isChecked()));
    await portal.button("Saved selections").click();
    await portal.button("Remove the selection Monday").click();
    await portal.button("Monday: 3 devices").waitFor({ state: "hidden" });
    await portal.button("Lobbies: 3 devices").waitFor();
    assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage }))).includes("Monday"));
  });
});
