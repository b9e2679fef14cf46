// How the page looks: nothing is cut off at 360 px, and screenshots for a person to judge lie in target/screenshots.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { entry, outcome, pageTest, run } from "./browser.mjs";

const SCREENSHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
const VIEWPORTS = { narrow: { width: 360, height: 740 }, wide: { width: 1280, height: 800 } };

for (const [width, viewport] of Object.entries(VIEWPORTS)) {
  for (const colorScheme of ["light", "dark"]) {
    pageTest(`${width}, ${colorScheme}`, async ({ page }) => {
      const look = async (name) => {
        await page.screenshot({ path: `${SCREENSHOTS}${name}-${width}-${colorScheme}.png`, fullPage: true });
        const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(scrollWidth <= viewport.width, `${name} scrolls sideways: ${scrollWidth} px`);
      };
      await look("empty");
      await run(page, "");
      await page.getByText(/^Device ID must/).waitFor();
      await look("invalid");
      await run(page, "queued");
      await entry(page, "Queued");
      await look("running");
      await page.getByRole("button", { name: "Cancel" }).click();
      await outcome(page, "You stopped waiting");
      await look("stopped");
      await run(page, "successful");
      await outcome(page, "Diagnostics succeeded");
      await look("successful");
      await run(page, "failed");
      await outcome(page, "Diagnostics failed");
      await look("failed");
      await run(page, "foreign-location");
      await outcome(page, "The outcome is not known");
      await look("foreign-location");
    }, { viewport, colorScheme, reducedMotion: "reduce" });
  }
}

pageTest("forced colours", async ({ page }) => {
  await run(page, "successful");
  await outcome(page, "Diagnostics succeeded");
  await page.screenshot({ path: `${SCREENSHOTS}successful-forced-colors.png`, fullPage: true });
}, { forcedColors: "active" });
