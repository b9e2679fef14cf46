// The first thing that an administrator sees: what the page is for, and one button that leads to the list of devices.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { GRAPH, pageTest } from "./browser.mjs";
import { CLIENT, LOGIN, TENANT, playLogin, pressSignIn, signIn } from "./login.mjs";

const OTHER = "99999999-8888-4777-8666-555555555555";
const SIGNED_IN = "Signed in as ada@contoso.example";
const CLOUD = { plain: true, known: [LOGIN] };

const signInButton = (page) => page.getByRole("button", { name: "Sign in with Microsoft" });
const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);
/** The text of what the button signs in with. */
const application = (page) => page.getByText(/^Application /).innerText();

/** Replaces the configuration file, and opens the page anew. */
async function configured(page, text, query = "") {
  await page.route("**/config.json", (route) => route.fulfill({ contentType: "application/json", body: text }));
  await page.goto(new URL(query, page.url()).href);
}

/** Opens the page anew, with an application in its address. */
const addressed = (page, query) => page.goto(new URL(query, page.url()).href);

describe("the front door", () => {
  for (const viewport of [
    { width: 360, height: 740 },
    { width: 1280, height: 800 },
  ]) {
    pageTest(
      `says what the page is for and what to press, at ${viewport.width} px`,
      async ({ page }) => {
        await page.getByText("Start diagnostics on Teams devices, and know when the logs are ready.").waitFor();
        const box = await signInButton(page).boundingBox();
        assert.ok(box && box.y + box.height < viewport.height, "the button is in sight");
        assert.equal(await page.getByRole("textbox", { name: "Access token" }).count(), 0);
        assert.equal(await page.getByRole("textbox", { name: "Client id" }).count(), 0);
      },
      { plain: true, viewport },
    );
  }

  pageTest(
    "asks for an application if none is known, and says what is wrong beside its field",
    async ({ page }) => {
      await pressSignIn(page);
      const [client, tenant] = ["Client id", "Tenant"].map((name) => page.getByRole("textbox", { name }));
      assert.ok(await isFocused(client));
      await page.getByText(new URL("signed-in.html", page.url()).href).waitFor();
      assert.match(
        (await page.getByRole("link", { name: "How to register one" }).getAttribute("href")) ?? "",
        /^https:\/\/learn\.microsoft\.com\//,
      );
      for (const wrong of ["", "my application", "https://elsewhere.example", `${CLIENT}/x`]) {
        await client.fill(wrong);
        await client.press("Enter");
        await page.getByText(/^This is no client id/).waitFor();
        assert.ok(await isFocused(client));
      }
      await client.fill(CLIENT);
      for (const wrong of ["common", "../elsewhere", "contoso.example/x", "a b"]) {
        await tenant.fill(wrong);
        await tenant.press("Enter");
        await page.getByText(/^This is no tenant/).waitFor();
        assert.ok(await isFocused(tenant));
        assert.equal(await tenant.getAttribute("aria-invalid"), "true");
      }
      assert.equal(page.context().pages().length, 1);
    },
    { plain: true },
  );

  pageTest(
    "leads to the list with one press, with the application of the last sign-in",
    async ({ page, portal }) => {
      const requests = await playLogin(page.context());
      await signIn(page);
      await portal.isListed();
      await page.reload();
      assert.match(await application(page), new RegExp(`${CLIENT}, tenant ${TENANT}, as last time`));
      await pressSignIn(page);
      await portal.isListed();
      await page.getByText(SIGNED_IN, { exact: true }).waitFor();
      assert.equal(requests.filter((entry) => typeof entry === "object").length, 2);
      const access = page.getByRole("region", { name: "Access" });
      assert.match(await access.innerText(), /^Signed in as ada@contoso.example\s*(· )?Global\s*Sign out\s*Change$/);
    },
    CLOUD,
  );

  pageTest(
    "forgets an application with which nobody could sign in",
    async ({ page }) => {
      await playLogin(page.context(), { refuses: true });
      await signIn(page);
      await page.getByText(/AADSTS65004/).waitFor();
      assert.equal(await page.evaluate(() => localStorage.length), 0);
    },
    CLOUD,
  );

  pageTest(
    "prefers the configuration file to the address, and the address to the last sign-in",
    async ({ page }) => {
      await page.evaluate(
        (kept) => localStorage.setItem("teams-device-diagnostics/applications", kept),
        `{"global":{"clientId":"${OTHER}","tenant":"old.example"}}`,
      );
      await page.reload();
      assert.match(await application(page), /old\.example, as last time/);
      await addressed(page, `?client_id=${CLIENT}&tenant=link.example`);
      assert.match(await application(page), /link\.example, from the link that opened this page\. Sign in only if you know/);
      await configured(page, JSON.stringify({ clientId: CLIENT, tenant: "file.example" }), `?client_id=${OTHER}&tenant=link.example`);
      assert.match(await application(page), /file\.example, as configured for this page/);
      await configured(page, JSON.stringify({ clientId: CLIENT, cloud: "china" }), "?");
      assert.equal(await page.getByRole("combobox", { name: "Graph" }).inputValue(), "china");
      assert.match(await application(page), /tenant organizations, as configured/);
      await page.getByRole("button", { name: "Use another application" }).click();
      assert.ok(await isFocused(page.getByRole("textbox", { name: "Client id" })));
      await page.getByRole("button", { name: "Cancel" }).click();
      assert.match(await application(page), /as configured/);
    },
    { plain: true },
  );

  pageTest(
    "says that its configuration cannot be used, and works all the same",
    async ({ page, portal }) => {
      for (const text of ["{", "7", "null", '{"clientId":"mine"}', `{"clientId":"${CLIENT}","tenant":"../x"}`, '{"cloud":"mine"}']) {
        await configured(page, text);
        await page
          .getByRole("alert")
          .getByText(/^The configuration of this page, config\.json, cannot be used/)
          .waitFor();
      }
      await portal.giveToken("a-token");
      await portal.isListed();
    },
    { plain: true },
  );

  pageTest(
    "takes no harm from its address",
    async ({ page }) => {
      const hostile = [
        "?client_id=<img src=x onerror=alert(1)>",
        `?client_id=${CLIENT}&tenant=//elsewhere.example/x`,
        `?client_id=${CLIENT}&tenant=x%23@elsewhere.example`,
        "?tenant=contoso.example",
        `?client_id=${CLIENT}&cloud=https://elsewhere.example`,
        "?cloud=__proto__",
      ];
      for (const query of hostile) {
        await addressed(page, query);
        await page
          .getByRole("alert")
          .getByText(/^The link that opened this page names no usable application/)
          .waitFor();
        assert.equal(await page.getByText(/^Application /).count(), 0, query);
      }
      assert.equal(await page.locator("img").count(), 0);
    },
    { plain: true },
  );

  pageTest(
    "opens one window, however often it is pressed",
    async ({ page, portal }) => {
      await playLogin(page.context(), { lingers: true });
      await addressed(page, `?client_id=${CLIENT}&tenant=${TENANT}`);
      const opened = page.waitForEvent("popup");
      await pressSignIn(page);
      const popup = await opened;
      await popup.getByRole("link", { name: "Continue" }).waitFor();
      await pressSignIn(page);
      await pressSignIn(page);
      assert.equal(page.context().pages().length, 2);
      await popup.close();
      const again = page.waitForEvent("popup");
      await pressSignIn(page);
      await (await again).getByRole("link", { name: "Continue" }).click();
      await page.getByText(SIGNED_IN, { exact: true }).waitFor();
      await portal.isListed();
      assert.equal(page.context().pages().length, 1);
    },
    CLOUD,
  );

  pageTest(
    "replaces the window when another application is entered",
    async ({ page }) => {
      const requests = await playLogin(page.context(), { lingers: true });
      await addressed(page, `?client_id=${OTHER}&tenant=${TENANT}`);
      await pressSignIn(page);
      await page.getByText(/^Go on in Microsoft's window/).waitFor();
      await page.getByRole("button", { name: "Use another application" }).click();
      await page.getByRole("textbox", { name: "Client id" }).fill(CLIENT);
      await page.getByRole("textbox", { name: "Tenant" }).fill(TENANT);
      const opened = page.waitForEvent("popup");
      await pressSignIn(page);
      await (await opened).getByRole("link", { name: "Continue" }).click();
      await page.getByText(SIGNED_IN, { exact: true }).waitFor();
      assert.equal(page.context().pages().length, 1);
      const [, last] = requests.filter((entry) => typeof entry === "object");
      assert.equal(last?.client_id, CLIENT);
    },
    CLOUD,
  );

  pageTest(
    "says that the browser blocked the window, and opens it at the next press",
    async ({ page, portal }) => {
      await playLogin(page.context());
      await addressed(page, `?client_id=${CLIENT}&tenant=${TENANT}`);
      await page.evaluate(() => {
        const { open } = window;
        window.open = () => {
          window.open = open;
          return null;
        };
      });
      await pressSignIn(page);
      await page
        .getByRole("alert")
        .getByText(/^The browser blocked Microsoft's window/)
        .waitFor();
      await pressSignIn(page);
      await portal.isListed();
    },
    CLOUD,
  );

  pageTest(
    "opens no window by itself when a sign-in must be renewed: the runs wait for a press, and share it",
    async ({ page, portal, sent }) => {
      let renews = true;
      const requests = await playLogin(page.context(), { renews: () => renews });
      await signIn(page);
      await portal.run("successful", "bare");
      await portal.entry("bare", /Queued|Scheduled/);
      renews = false;
      const banner = page.getByRole("region", { name: "Your sign-in ended – 2 runs are paused" });
      await banner.waitFor({ timeout: 20_000 });
      assert.equal(page.context().pages().length, 1);
      renews = true;
      await banner.getByRole("button", { name: "Sign in again" }).click();
      for (const id of ["successful", "bare"]) await portal.outcome(id, "Diagnostics succeeded");
      assert.equal(await banner.count(), 0);
      assert.equal(sent.filter((call) => call.startsWith("POST")).length, 2);
      const windows = requests.filter((entry) => typeof entry === "object");
      assert.deepEqual([windows.length, windows[1].login_hint], [2, "ada@contoso.example"]);
    },
    { ...CLOUD, paceMs: 2_500, provokes: true },
  );

  pageTest(
    "lets runs from before a reload go on with one press",
    async ({ page, portal, sent }) => {
      await playLogin(page.context());
      await signIn(page);
      await portal.run("slow");
      await portal.entry("slow", /Queued|Scheduled/);
      await page.reload();
      const banner = page.getByRole("region", { name: "Sign in to go on – 1 run is paused" });
      await banner.getByRole("button", { name: "Sign in again" }).click();
      await portal.entry("slow", "Resumed after a reload");
      await portal.isListed();
      assert.equal(await banner.count(), 0);
      assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
    },
    { ...CLOUD, paceMs: 1_000 },
  );

  pageTest(
    "leads from a list that is refused to another sign-in, and not to ids",
    async ({ page, portal }) => {
      let renews = true;
      await playLogin(page.context(), { renews: () => renews });
      await signIn(page);
      await portal.isListed();
      renews = false;
      await portal.button("List devices").click();
      const group = page.getByRole("group", { name: "Your sign-in ended" });
      await group.waitFor();
      assert.doesNotMatch(await group.innerText(), /paste|ids|cause|options\./);
      renews = true;
      await group.getByRole("button", { name: "Sign in again" }).click();
      await group.waitFor({ state: "detached" });
      await page.getByText(/^Listed at/).waitFor();
    },
    { ...CLOUD, provokes: true },
  );

  pageTest(
    "reads the list with a token that is given under Other ways, and becomes one line",
    async ({ page, portal, sent }) => {
      const lists = () => sent.filter((call) => call.startsWith("GET /beta/teamwork/devices")).length;
      await portal.openOtherWays();
      await portal.tokenField.pressSequentially("a-token");
      assert.equal(lists(), 0, "a token in the making is not sent");
      await portal.tokenField.press("Enter");
      await portal.isListed();
      assert.equal(await portal.tokenField.count(), 0);
      const change = page.getByRole("button", { name: "Change" });
      assert.ok(await isFocused(change), "the focus stays in place");
      assert.match(await page.getByRole("region", { name: "Access" }).innerText(), /^Access token given\s*(· )?Global\s*Change$/);
      await change.press("Enter");
      await signInButton(page).waitFor();
      assert.ok(await isFocused(change));
      await portal.openOtherWays();
      await portal.tokenField.fill("expired");
      await page.keyboard.press("Tab");
      const group = page.getByRole("group", { name: "The token is not accepted" });
      await group.getByRole("button", { name: "Paste another token" }).click();
      assert.ok(await isFocused(portal.tokenField));
      await page.keyboard.press("ControlOrMeta+X");
      await page.keyboard.insertText("another-token");
      await page.keyboard.press("Enter");
      await page.getByText("Access token given").waitFor();
    },
    { plain: true },
  );

  pageTest(
    "reads the list as soon as a token is pasted",
    async ({ page, portal }) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.evaluate(() => navigator.clipboard.writeText(" Bearer a-token\n"));
      await portal.openOtherWays();
      await portal.tokenField.press("ControlOrMeta+V");
      await portal.isListed();
    },
    { plain: true },
  );

  pageTest(
    "takes a token instead of a sign-in",
    async ({ page, portal, origin }) => {
      await playLogin(page.context());
      await signIn(page);
      await portal.isListed();
      await portal.giveToken("a-token-of-another");
      await page.getByText("Access token given").waitFor();
      const requests = await (await fetch(`${origin}/simulator/requests`)).json();
      assert.equal(requests.at(-1).headers.authorization, "Bearer a-token-of-another");
    },
    CLOUD,
  );

  pageTest("has a strip for the simulated Graph, which says that nothing is real", async ({ page, portal }) => {
    await page.getByText(/^Nothing here is real\. Each device shows/).waitFor();
    assert.equal(await signInButton(page).count(), 0);
    await portal.openOtherWays();
    assert.match(await page.getByRole("region", { name: "Access" }).innerText(), /expired[^]*no-roles[^]*read-only/);
    await portal.chooseGraph("Global");
    await signInButton(page).waitFor();
  });

  pageTest(
    "downloads MSAL when somebody is about to press",
    async ({ page }) => {
      const library = page.waitForRequest("**/msal-browser.js");
      await signInButton(page).focus();
      await library;
      assert.equal(page.context().pages().length, 1);
    },
    { plain: true },
  );

  pageTest(
    "says that Microsoft's sign-in could not be downloaded, and tries again",
    async ({ page, portal }) => {
      await playLogin(page.context());
      await page.route("**/msal-browser.js*", (route) => route.abort("connectionfailed"));
      await addressed(page, `?client_id=${CLIENT}&tenant=${TENANT}`);
      await pressSignIn(page);
      await page.getByText("Microsoft's sign-in could not be downloaded. Check the connection, and try again.").waitFor();
      assert.equal(page.context().pages().length, 1, "no empty window stays open");
      await page.unroute("**/msal-browser.js*");
      await pressSignIn(page);
      await portal.isListed();
    },
    { ...CLOUD, known: [LOGIN, GRAPH], provokes: true },
  );
});
