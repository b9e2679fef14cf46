// The appearance and accessibility of every state: WCAG 2.2 AA in light, dark and forced colours, and nothing cut off at 360 px.
// Screenshots for people to judge are in target/screenshots.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe } from "node:test";
import { fileURLToPath } from "node:url";
import { pageTest } from "./browser.mjs";
import { ENDS, SCENES } from "./scenes.mjs";

const SCREENSHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1440, height: 900 };
const THEMES = { light: { colorScheme: "light" }, dark: { colorScheme: "dark" }, forced: { colorScheme: "dark", forcedColors: "active" } };

describe("every state", { concurrency: 3 }, () => {
  for (const { name, options, reach } of SCENES) {
    pageTest(
      name,
      async (watched) => {
        await reach(watched);
        await checkAppearance(watched, name);
        if (name === "ended") await screenshotEnds(watched);
      },
      { ...options, viewport: WIDE, reducedMotion: "reduce" },
    );
  }
});

pageTest("the checks of the states find problems", async ({ page, portal }) => {
  await portal.isListed();
  await page.evaluate(() => {
    const field = Object.assign(document.createElement("input"), { type: "text" });
    const wide = Object.assign(document.createElement("p"), { className: "about", textContent: "x".repeat(500) });
    wide.style.color = "#ddd";
    wide.style.backgroundColor = "#fff";
    document.querySelector("main section")?.append(field, wide);
  });
  const found = (await violations(page)).join("\n");
  assert.match(found, /^label: /m);
  assert.match(found, /^color-contrast: /m);
  await assert.rejects(portal.fitsTheWidth(), /scrolls sideways/);
});

pageTest("with reduced motion there is no continuous animation", async ({ page, portal }) => {
  await portal.run("queued");
  await portal.entry("queued", "Queued");
  const endless = () =>
    page.evaluate(() => document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().endTime === Infinity).length);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  assert.ok((await endless()) > 0, "else this would show nothing");
  await page.emulateMedia({ reducedMotion: "reduce" });
  assert.equal(await endless(), 0);
});

async function checkAppearance({ page, portal }, name) {
  for (const [width, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    await page.setViewportSize(viewport);
    for (const [theme, media] of Object.entries(THEMES)) {
      if (width === "narrow" && theme === "forced") continue;
      await page.emulateMedia({ forcedColors: "none", ...media });
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: `${SCREENSHOTS}${name}-${width}-${theme}.png`, fullPage: true });
      await portal.fitsTheWidth();
      // Nothing that changes with the width has other colours.
      if (width === "wide" || theme === "light") assert.deepEqual(await violations(page), [], `${name}, ${width}, ${theme}`);
    }
  }
}

async function screenshotEnds({ page, portal }) {
  for (const [name, { width }] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    // High enough that the sticky header hides no part of a card.
    await page.setViewportSize({ width, height: 2_000 });
    for (const theme of ["light", "dark"]) {
      await page.emulateMedia({ ...THEMES[theme], forcedColors: "none" });
      for (const id of Object.keys(ENDS))
        await (await portal.article(id)).screenshot({ path: `${SCREENSHOTS}ended-${id}-${name}-${theme}.png` });
    }
  }
}

/** The findings of axe, which is loaded through the browser's debugger, because the page's policy does not apply to that. */
async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async (values) => {
    const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] });
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`,
    );
  }, RULES);
}
