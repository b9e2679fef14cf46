// Signing in with Microsoft's own library, in its window; Microsoft's login host is played here. No request leaves the machine.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { GRAPH, pageTest } from "./browser.mjs";

const LOGIN = "https://login.microsoftonline.com";
const CLIENT = "11111111-2222-4333-8444-555555555555";
const TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const base64url = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** Answers in the login host's place; tells what it was asked for. */
async function playLogin(context, { refuses = false } = {}) {
  const asked = [];
  let nonce = "";
  let tokens = 0;
  const authority = `${LOGIN}/${TENANT}`;
  const documents = {
    "/v2.0/.well-known/openid-configuration": () => ({
      issuer: `${authority}/v2.0`, authorization_endpoint: `${authority}/oauth2/v2.0/authorize`, token_endpoint: `${authority}/oauth2/v2.0/token`,
      end_session_endpoint: `${authority}/oauth2/v2.0/logout`, jwks_uri: `${authority}/discovery/v2.0/keys`,
    }),
    "/oauth2/v2.0/token": () => {
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        aud: CLIENT, iss: `${authority}/v2.0`, iat: now, nbf: now, exp: now + 3_600, nonce, tid: TENANT, oid: "o-1", sub: "s-1",
        name: "Ada Okafor", preferred_username: "ada@contoso.example", ver: "2.0",
      };
      return {
        token_type: "Bearer", scope: `${GRAPH}/.default openid profile offline_access`, expires_in: 3_600, ext_expires_in: 3_600,
        access_token: `access-token-number-${(tokens += 1)}`, refresh_token: "a-refresh-token-that-nobody-may-see",
        id_token: `${base64url({ alg: "none", typ: "JWT" })}.${base64url(claims)}.`, client_info: base64url({ uid: "o-1", utid: TENANT }),
      };
    },
  };
  await context.route(`${LOGIN}/**`, async (route) => {
    const url = new URL(route.request().url());
    const path = url.pathname.replace(`/${TENANT}`, "");
    asked.push(`${route.request().method()} ${path}`);
    const headers = { "access-control-allow-origin": "*" };
    if (path === "/oauth2/v2.0/authorize") {
      nonce = url.searchParams.get("nonce");
      asked.push(Object.fromEntries(url.searchParams));
      const answer = refuses
        ? { error: "access_denied", error_description: "AADSTS65004: User declined to consent <b>now</b>.", state: url.searchParams.get("state") }
        : { code: "a-code", client_info: base64url({ uid: "o-1", utid: TENANT }), state: url.searchParams.get("state") };
      // As the host does: the answer is in the fragment, for the page only.
      const there = `${url.searchParams.get("redirect_uri")}#${new URLSearchParams(answer)}`;
      return route.fulfill({ contentType: "text/html", body: `<!doctype html><title>Login</title><script>location.replace(${JSON.stringify(there)})</script>` });
    }
    const document = documents[path]?.();
    return document ? route.fulfill({ json: document, headers }) : route.fulfill({ status: 404, headers, body: "" });
  });
  return asked;
}

async function signIn(page) {
  await page.getByText("Or sign in with Microsoft").click();
  await page.getByRole("textbox", { name: "Client id" }).fill(CLIENT);
  await page.getByRole("textbox", { name: "Tenant" }).fill(TENANT);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function journey({ page, portal, origin }) {
  const asked = await playLogin(page.context());
  const requested = [];
  page.on("request", (request) => requested.push(new URL(request.url()).pathname));
  const before = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  assert.ok(!before.some((name) => name.includes("msal")), "nobody who does not sign in downloads MSAL");
  await signIn(page);
  await page.getByText("Signed in as ada@contoso.example", { exact: true }).waitFor();
  assert.equal(page.context().pages().length, 1, "the window has closed itself");
  const authorize = asked.find((entry) => entry.client_id);
  assert.deepEqual([authorize.client_id, authorize.response_type, authorize.code_challenge_method], [CLIENT, "code", "S256"]);
  assert.ok(authorize.scope.split(" ").includes(`${GRAPH}/.default`));
  await portal.button("List devices").click();
  await portal.run("successful");
  await portal.outcome("successful", "Diagnostics succeeded");
  const requests = await (await fetch(`${origin}/simulator/requests`)).json();
  const used = requests.filter(({ method, target }) => method === "POST" || target.includes("/operations/"));
  assert.ok(used.length >= 2 && used.every(({ headers }) => headers.authorization.startsWith("Bearer access-token-number-")));
  const kept = await page.evaluate(async () =>
    [document.documentElement.outerHTML, document.cookie, location.href, ...Object.values({ ...localStorage, ...sessionStorage }),
      JSON.stringify(await indexedDB.databases())].join("\n"));
  for (const secret of ["access-token-number", "a-refresh-token", "a-code", CLIENT, TENANT]) assert.ok(!kept.includes(secret), secret);
  assert.equal(await page.locator("iframe").count(), 0);
}

describe("signing in", () => {
  pageTest("on a plain web server leads to a run with MSAL's token, and leaves nothing behind", journey, { plain: true, known: [LOGIN] });

  pageTest("works under the header fields of the simulator's server too", async (watched) => {
    await watched.page.getByRole("combobox", { name: "Graph" }).selectOption("Global");
    await journey(watched);
    assert.equal(await watched.page.getByRole("banner").getByText("Simulated", { exact: true }).isVisible(), false);
  }, { known: [LOGIN, GRAPH] });

  pageTest("that is refused says why, as text", async ({ page }) => {
    await playLogin(page.context(), { refuses: true });
    await signIn(page);
    await page.getByText(/AADSTS65004[^]*<b>now<\/b>/).waitFor();
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  }, { plain: true, known: [LOGIN] });

  pageTest("can be ended: then a token is asked for again", async ({ page, portal, sent }) => {
    await playLogin(page.context());
    await signIn(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await portal.button("List devices").click();
    await page.getByText(/^Access token must/).waitFor();
    assert.deepEqual(sent, []);
  }, { plain: true, known: [LOGIN] });

  pageTest("needs a client id and a tenant", async ({ page }) => {
    await page.getByText("Or sign in with Microsoft").click();
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    assert.ok(await page.getByRole("textbox", { name: "Client id" }).evaluate((field) => field === document.activeElement));
  }, { plain: true });
});
