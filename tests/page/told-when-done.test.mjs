// How a user who looks elsewhere learns that runs have ended: the icon of the tab, and a notification for those who want one.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";

/** Replaces the notifications of the browser, which a headless one does not show. @param {import("playwright-core").Page} page @param {NotificationPermission} answer of the user */
const notifying = (page, answer) =>
  page.addInitScript((answer) => {
    window.notified = [];
    const Fake = class {
      static permission = localStorage.getItem("answered") ?? "default";
      static async requestPermission() {
        localStorage.setItem("answered", answer);
        return (Fake.permission = answer);
      }
      constructor(title, { body }) {
        window.notified.push(`${title}: ${body}`);
      }
      close() {}
    };
    Object.defineProperty(globalThis, "Notification", { value: Fake });
    Object.defineProperty(document, "hidden", { get: () => window.isHidden === true });
  }, answer);

const icon = (page) => page.evaluate(() => document.querySelector("link[rel=icon]")?.getAttribute("href"));

describe("the end of the runs", AT_ONCE, () => {
  pageTest(
    "is shown by the icon of the tab",
    async ({ page, portal }) => {
      assert.equal(await icon(page), "./favicon.svg");
      await portal.run("successful");
      await portal.entry("successful", "Started");
      assert.equal(await icon(page), "./favicon-running.svg");
      await portal.outcome("successful", "Diagnostics succeeded");
      assert.equal(await icon(page), "./favicon-done.svg");
      await portal.run("failed");
      await portal.outcome("failed", "Diagnostics failed");
      assert.equal(await icon(page), "./favicon-failed.svg");
      assert.match(await page.title(), /^2 of 2 · 1 failed/);
      for (const state of ["running", "done", "failed"])
        assert.equal((await fetch(new URL(`favicon-${state}.svg`, page.url()))).status, 200);
    },
    { paceMs: 300 },
  );

  pageTest(
    "is notified once while the page is out of sight, if the user has asked for it",
    async ({ page, portal }) => {
      await notifying(page, "granted");
      await page.reload();
      await portal.run("successful", "failed");
      const choice = page.getByRole("checkbox", { name: "Notify me at the end" });
      assert.equal(await choice.isChecked(), false);
      await choice.check();
      await page.evaluate(() => (window.isHidden = true));
      await page.getByText("2 of 2 ended · 1 failed", { exact: true }).waitFor({ timeout: 30_000 });
      assert.deepEqual(await page.evaluate(() => window.notified), ["All runs have ended: 2 of 2 ended · 1 failed"]);
      await page.reload();
      await portal.run("successful");
      await choice.waitFor();
      assert.equal(await choice.isChecked(), true, "over a reload");
      await page.getByText("3 of 3 ended · 1 failed", { exact: true }).waitFor({ timeout: 30_000 });
      assert.deepEqual(await page.evaluate(() => window.notified), [], "not while somebody looks");
    },
    { paceMs: 500 },
  );

  pageTest(
    "is not notified where the browser forbids it, and the page says so",
    async ({ page, portal }) => {
      await notifying(page, "denied");
      await page.reload();
      await portal.run("successful");
      await page.getByRole("checkbox", { name: "Notify me at the end" }).click();
      await page.getByText("This browser forbids notifications of this page.").waitFor();
    },
    { paceMs: 1_000 },
  );
});
