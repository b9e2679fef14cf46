// A stand-in for Microsoft's login host, with what its library requests for a sign-in. No request leaves the machine.

import { GRAPH } from "./browser.mjs";

export const LOGIN = "https://login.microsoftonline.com";
export const CLIENT = "11111111-2222-4333-8444-555555555555";
export const TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

/** @param {unknown} value */
const base64url = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/**
 * Responds instead of the login host, and records the requests, with the parameters of a sign-in.
 *
 * @param {import("playwright-core").BrowserContext} context
 * @param {{ refuses?: boolean }} [options]
 */
export async function playLogin(context, { refuses = false } = {}) {
  /** @type {(string | Record<string, string>)[]} */
  const requests = [];
  let nonce = "";
  let tokens = 0;
  const authority = `${LOGIN}/${TENANT}`;
  /** @type {Record<string, () => object>} */
  const documents = {
    "/v2.0/.well-known/openid-configuration": () => ({
      issuer: `${authority}/v2.0`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    }),
    "/oauth2/v2.0/token": () => {
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        aud: CLIENT,
        iss: `${authority}/v2.0`,
        iat: now,
        nbf: now,
        exp: now + 3_600,
        nonce,
        tid: TENANT,
        oid: "o-1",
        sub: "s-1",
        name: "Ada Okafor",
        preferred_username: "ada@contoso.example",
        ver: "2.0",
      };
      return {
        token_type: "Bearer",
        scope: `${GRAPH}/.default openid profile offline_access`,
        expires_in: 3_600,
        ext_expires_in: 3_600,
        access_token: `access-token-number-${(tokens += 1)}`,
        refresh_token: "a-refresh-token-that-nobody-may-see",
        id_token: `${base64url({ alg: "none", typ: "JWT" })}.${base64url(claims)}.`,
        client_info: base64url({ uid: "o-1", utid: TENANT }),
      };
    },
  };
  await context.route(`${LOGIN}/**`, async (route) => {
    const url = new URL(route.request().url());
    const path = url.pathname.replace(`/${TENANT}`, "");
    requests.push(`${route.request().method()} ${path}`);
    const headers = { "access-control-allow-origin": "*" };
    if (path === "/oauth2/v2.0/authorize") {
      nonce = url.searchParams.get("nonce") ?? "";
      requests.push(Object.fromEntries(url.searchParams));
      const state = url.searchParams.get("state") ?? "";
      /** @type {Record<string, string>} */
      const response = refuses
        ? { error: "access_denied", error_description: "AADSTS65004: User declined to consent <b>now</b>.", state }
        : { code: "a-code", client_info: base64url({ uid: "o-1", utid: TENANT }), state };
      // Like the host, it puts the response into the fragment, which only the page sees.
      const there = `${url.searchParams.get("redirect_uri")}#${new URLSearchParams(response)}`;
      return route.fulfill({
        contentType: "text/html",
        body: `<!doctype html><title>Login</title><script>location.replace(${JSON.stringify(there)})</script>`,
      });
    }
    const document = documents[path]?.();
    return document ? route.fulfill({ json: document, headers }) : route.fulfill({ status: 404, headers, body: "" });
  });
  return requests;
}

/** Signs in as a user does. @param {import("playwright-core").Page} page */
export async function signIn(page) {
  await page.getByText("Or sign in with Microsoft").click();
  await page.getByRole("textbox", { name: "Client id" }).fill(CLIENT);
  await page.getByRole("textbox", { name: "Tenant" }).fill(TENANT);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}
