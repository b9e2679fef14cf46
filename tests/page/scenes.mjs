// Every state of the page, and how a user gets there. The appearance and accessibility of each is tested.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIENT, LOGIN, playLogin, pressSignIn, signIn } from "./login.mjs";

/** Devices whose state does not change while a screenshot is taken. */
const STILL = [
  {
    id: "throttled-for-long",
    deviceType: "teamsRoom",
    healthStatus: "healthy",
    activityState: "busy",
    manufacturer: "Contoso",
    model: "Room Kit Mini",
    currentUser: "Room Zagreb",
    scenario: { postFaults: [{ response: { status: 429, retryAfter: "315" } }] },
  },
];

function still() {
  const file = join(mkdtempSync(join(tmpdir(), "scenes-")), "devices.json");
  writeFileSync(file, JSON.stringify(STILL));
  return ["--devices", file];
}

/** Devices for every outcome of a run, and the headings of the outcomes. */
export const ENDS = {
  successful: "Diagnostics succeeded",
  failed: "Diagnostics failed",
  cancelled: "Diagnostics were cancelled",
  withdrawn: "Diagnostics were not started",
  "poll-forbidden": "The run continues, but is not followed",
  conflict: "An operation is already queued",
};

/**
 * @typedef {import("./browser.mjs").Watched} Watched
 * @typedef {{ name: string, options?: import("./browser.mjs").Options, reach: (watched: Watched) => Promise<unknown> }} Scene
 *
 * @type {Scene[]}
 */
export const SCENES = [
  { name: "list", reach: ({ portal }) => portal.isListed() },
  {
    name: "list-reading",
    options: { tenant: "slow" },
    reach: ({ page }) => page.getByRole("progressbar", { name: "Reading the list" }).waitFor(),
  },
  {
    name: "list-empty",
    options: { tenant: "empty" },
    reach: ({ page }) => page.getByRole("heading", { name: "The list is empty" }).waitFor(),
  },
  {
    name: "list-forbidden",
    options: { tenant: "forbidden" },
    reach: ({ page }) => page.getByRole("group", { name: "Listing is not permitted" }).waitFor(),
  },
  {
    name: "list-failed",
    options: { tenant: "failing" },
    reach: ({ page }) => page.getByRole("group", { name: "The devices could not be listed" }).waitFor({ timeout: 40_000 }),
  },
  {
    name: "list-nothing-found",
    reach: async ({ page, portal }) => {
      await portal.isListed();
      await page.getByRole("searchbox", { name: "Search devices" }).fill("no such room");
      await page.getByText("No device matches").waitFor();
    },
  },
  {
    name: "list-markup",
    options: { tenant: "markup", paceMs: 100 },
    reach: async ({ page, portal }) => {
      await portal.isListed();
      await page.getByRole("checkbox", { name: "Select all shown" }).check();
      await portal.runButton.click();
      await portal.dialog(5).getByRole("button", { name: "Run", exact: true }).click();
      await page.getByRole("gridcell", { name: "Failed" }).waitFor();
      await page.getByRole("gridcell", { name: "Succeeded" }).waitFor();
    },
  },
  {
    name: "selected",
    reach: async ({ page, portal }) => {
      await portal.select("successful", "queued", "slow");
      await page.getByText(/offline at last contact/).waitFor();
    },
  },
  {
    name: "confirm",
    options: { tenant: "many" },
    reach: async ({ page, portal }) => {
      await portal.isListed();
      await page.getByRole("combobox", { name: "Health" }).selectOption("Offline");
      await page.getByRole("checkbox", { name: "Select all shown" }).check();
      await portal.runButton.click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "sorted",
    reach: async ({ page, portal }) => {
      await portal.run("successful", "failed");
      await portal.outcome("failed", "Diagnostics failed");
      await portal.outcome("successful", "Diagnostics succeeded");
      await page.getByRole("button", { name: "Last run" }).click();
    },
  },
  {
    name: "added",
    reach: async ({ page, portal }) => {
      await portal.isListed();
      await portal.paste("the lobby (0f3ce432-e432-4f3c-82e4-3c0f32e43c0f), please");
      await page
        .getByText(/added and selected\. Ignored/)
        .last()
        .waitFor();
    },
  },
  {
    name: "saved-selections",
    reach: async ({ page, portal }) => {
      await portal.select("successful", "failed");
      for (const name of ["Lobbies of Vienna", "Rooms that fail on Mondays after the update of the week before"]) {
        await portal.button("Saved selections").click();
        await page.getByRole("textbox", { name: "Name" }).fill(name);
        await portal.button("Save 2 devices").click();
        await page.getByRole("textbox", { name: "Name" }).waitFor({ state: "hidden" });
      }
      await portal.button("Saved selections").click();
      await page.getByRole("textbox", { name: "Name" }).waitFor();
    },
  },
  {
    name: "ids-refused",
    options: { tenant: "empty" },
    reach: async ({ page, portal }) => {
      await page.getByRole("heading", { name: "The list is empty" }).waitFor();
      await portal.paste(" , ");
      await page.getByText("There is no device id in this text.").waitFor();
    },
  },
  {
    name: "no-token",
    options: { plain: true },
    reach: async ({ page, portal }) => {
      await portal.openOtherWays();
      await portal.button("List devices").click();
      await page.getByText(/^Sign in first/).waitFor();
    },
  },
  {
    name: "front-door",
    options: { plain: true },
    reach: ({ page }) => page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor(),
  },
  {
    name: "front-door-asks",
    options: { plain: true },
    reach: async ({ page }) => {
      await pressSignIn(page);
      await page.getByRole("textbox", { name: "Client id" }).fill("my application");
      await pressSignIn(page);
      await page.getByText(/^This is no client id/).waitFor();
    },
  },
  {
    name: "front-door-known",
    options: { plain: true },
    reach: async ({ page }) => {
      await page.goto(`${page.url()}?client_id=${CLIENT}&tenant=contoso.example`);
      await page.getByText(/from the link that opened this page/).waitFor();
    },
  },
  {
    name: "list-unauthorized",
    options: { plain: true },
    reach: async ({ page, portal }) => {
      await portal.giveToken("expired");
      await page.getByRole("group", { name: "The token is not accepted" }).waitFor();
    },
  },
  {
    name: "access-changed",
    options: { plain: true },
    reach: async ({ portal }) => {
      await portal.giveToken("a-token");
      await portal.isListed();
      await portal.openOtherWays();
    },
  },
  {
    name: "signed-in",
    options: { plain: true, known: [LOGIN] },
    reach: async ({ page, portal }) => {
      await playLogin(page.context());
      await signIn(page);
      await page.getByText("Signed in as ada@contoso.example", { exact: true }).waitFor();
      await portal.isListed();
    },
  },
  {
    name: "running",
    options: { paceMs: 60_000 },
    reach: async ({ page, portal }) => {
      await portal.run("queued", "slow");
      await portal.entry("queued", "Queued");
      await page
        .getByText(/Next poll in/)
        .first()
        .waitFor();
    },
  },
  {
    name: "throttled",
    options: { flags: still() },
    reach: async ({ portal }) => {
      await portal.run("throttled-for-long");
      await portal.entry("throttled-for-long", "Throttled");
    },
  },
  {
    name: "stopped",
    reach: async ({ portal }) => {
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      await portal.press("queued", "Stop waiting");
      await portal.outcome("queued", "You stopped waiting");
    },
  },
  {
    name: "paused",
    reach: async ({ page, portal }) => {
      await portal.isListed();
      await portal.giveToken("expired");
      await portal.run("successful", "slow");
      await page.getByRole("region", { name: /^Your sign-in ended/ }).waitFor();
    },
  },
  {
    name: "ended",
    // This scene takes by far the longest.
    options: { timeout: 120_000 },
    reach: async ({ portal }) => {
      await portal.run(...Object.keys(ENDS));
      for (const [id, title] of Object.entries(ENDS)) await portal.outcome(id, title);
    },
  },
  {
    name: "not-downloaded",
    options: { plain: true, provokes: true },
    reach: async ({ page, portal }) => {
      await page.route("**/teams-device-diagnostics.js*", (route) => route.abort("connectionfailed"));
      await portal.giveToken("a-token");
      await page.getByRole("group", { name: "The devices could not be listed" }).waitFor();
      await portal.paste("room-1");
      await portal.runButton.click();
      await page.getByRole("heading", { name: "Diagnostics were not started" }).waitFor();
    },
  },
  {
    name: "code",
    reach: async ({ portal }) => {
      await portal.run("queued");
      await portal.open("queued", "Show the code");
    },
  },
  {
    name: "exchange",
    reach: async ({ portal }) => {
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      await portal.open("queued", "HTTP exchange");
    },
  },
  {
    name: "unfinished",
    options: { plain: true },
    reach: async ({ page, portal }) => {
      await portal.giveToken("a-token");
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      await page.reload();
      await page.getByRole("region", { name: "Sign in to go on – 1 run is paused" }).waitFor();
    },
  },
  {
    name: "history",
    options: { paceMs: 100 },
    reach: async ({ page, portal }) => {
      await portal.run("successful", "failed");
      await page.getByText("2 of 2 ended · 1 failed", { exact: true }).waitFor({ timeout: 30_000 });
      await portal.run("bare");
      await page.getByText("3 of 3 ended · 1 failed", { exact: true }).waitFor({ timeout: 30_000 });
      await page.reload();
      await page.getByText("3 of 3 ended · 1 failed", { exact: true }).waitFor();
      await page.getByText("History · 2 batches").click();
      await page.getByRole("button", { name: "Forget all that have ended" }).waitFor();
    },
  },
];
