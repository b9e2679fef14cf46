// Signing in with Microsoft's own library, in its pop-up window.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { GRAPH, pageTest } from "./browser.mjs";
import { CLIENT, LOGIN, TENANT, playLogin, signIn } from "./login.mjs";

async function journey({ page, portal, origin }) {
  const ofLogin = await playLogin(page.context());
  const requested = [];
  page.on("request", (request) => requested.push(new URL(request.url()).pathname));
  const before = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  assert.ok(!before.some((name) => name.includes("msal")), "nobody who does not sign in downloads MSAL");
  await signIn(page);
  await page.getByText("Signed in as ada@contoso.example", { exact: true }).waitFor();
  assert.equal(page.context().pages().length, 1, "the window has closed itself");
  const [authorize] = ofLogin.filter((entry) => typeof entry === "object");
  assert.deepEqual([authorize.client_id, authorize.response_type, authorize.code_challenge_method], [CLIENT, "code", "S256"]);
  assert.ok(authorize.scope.split(" ").includes(`${GRAPH}/.default`));
  await portal.run("successful");
  await portal.outcome("successful", "Diagnostics succeeded");
  const requests = await (await fetch(`${origin}/simulator/requests`)).json();
  const used = requests.filter(({ method, target }) => method === "POST" || target.includes("/operations/"));
  assert.ok(used.length >= 2 && used.every(({ headers }) => headers.authorization.startsWith("Bearer access-token-number-")));
  const kept = await page.evaluate(async () =>
    [
      document.documentElement.outerHTML,
      document.cookie,
      location.href,
      ...Object.entries({ ...localStorage, ...sessionStorage }).map((entry) => entry.join("=")),
      JSON.stringify(await indexedDB.databases()),
    ].join("\n"),
  );
  for (const secret of ["access-token-number", "a-refresh-token", "a-code"]) assert.ok(!kept.includes(secret), secret);
  const remembered = `teams-device-diagnostics/applications=${JSON.stringify({ global: { clientId: CLIENT, tenant: TENANT } })}`;
  assert.ok(kept.includes(remembered));
  assert.ok(!kept.replace(remembered, "").includes(CLIENT), "the application is kept once");
  assert.equal(await page.locator("iframe").count(), 0);
}

describe("signing in", () => {
  pageTest("on a plain web server leads to a run with MSAL's token, and leaves nothing behind", journey, { plain: true, known: [LOGIN] });

  pageTest(
    "works under the header fields of the simulator's server too",
    async (watched) => {
      await watched.page.getByRole("combobox", { name: "Graph" }).selectOption("Global");
      await journey(watched);
      assert.equal(await watched.page.getByRole("banner").getByText("Simulated", { exact: true }).isVisible(), false);
    },
    { known: [LOGIN, GRAPH] },
  );

  pageTest(
    "again lets runs go on that were paused because the sign-in ended",
    async ({ page, portal, sent }) => {
      await playLogin(page.context());
      await signIn(page);
      await page.getByText("Signed in as ada@contoso.example", { exact: true }).waitFor();
      await portal.isListed();
      await page.route("**/operations/*", (route) =>
        route.request().headers().authorization === "Bearer access-token-number-1"
          ? route.fulfill({ status: 401, headers: { "access-control-allow-origin": "*" } })
          : route.fallback(),
      );
      await portal.run("successful");
      const banner = page.getByRole("region", { name: "Your sign-in ended – 1 run is paused" });
      await banner.getByRole("button", { name: "Sign in again" }).click();
      await portal.outcome("successful", "Diagnostics succeeded");
      assert.equal(await banner.count(), 0);
      assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
    },
    { plain: true, known: [LOGIN] },
  );

  pageTest(
    "that is refused shows why, as text",
    async ({ page }) => {
      await playLogin(page.context(), { refuses: true });
      await signIn(page);
      await page.getByText(/AADSTS65004[^]*<b>now<\/b>/).waitFor();
      await page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor();
    },
    { plain: true, known: [LOGIN] },
  );

  pageTest(
    "can be followed by signing out, after which a token is needed again",
    async ({ page, portal, sent }) => {
      await playLogin(page.context());
      await signIn(page);
      await portal.isListed();
      await page.getByRole("button", { name: "Sign out" }).click();
      const before = [...sent];
      await portal.button("List devices").click();
      await page.getByText(/^Sign in first/).waitFor();
      assert.deepEqual(sent, before);
    },
    { plain: true, known: [LOGIN] },
  );

  pageTest("ends on a page that says so when nobody is signing in", async ({ page }) => {
    await page.goto(new URL("signed-in.html", page.url()).href);
    await page.getByText("No sign-in is in progress. You can close this window.").waitFor();
  });
});
