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
 * @param {LoginOptions} [options]
 *
 * @typedef {object} LoginOptions
 * @property {boolean} [refuses] whether the user declines
 * @property {boolean} [lingers] whether the window waits for a click on Continue
 * @property {() => boolean} [renews] whether a new token can be had without the user; if given, every token is about to expire
 */
export async function playLogin(context, { refuses = false, lingers = false, renews } = {}) {
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
        expires_in: renews ? 60 : 3_600,
        ext_expires_in: renews ? 60 : 3_600,
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
      const go = lingers
        ? `<a href="${there.replaceAll("&", "&amp;")}">Continue</a>`
        : `<script>location.replace(${JSON.stringify(there)})</script>`;
      return route.fulfill({ contentType: "text/html", body: `<!doctype html><title>Login</title>${go}` });
    }
    const isRenewal = /grant_type=refresh_token/.test(route.request().postData() ?? "");
    if (isRenewal && renews?.() === false)
      return route.fulfill({ status: 400, headers, json: { error: "interaction_required", error_description: "AADSTS50079: Sign in." } });
    const document = documents[path]?.();
    return document ? route.fulfill({ json: document, headers }) : route.fulfill({ status: 404, headers, body: "" });
  });
  return requests;
}

/** @param {import("playwright-core").Page} page */
export const pressSignIn = (page) => page.getByRole("button", { name: "Sign in with Microsoft" }).click();

/** Signs in as a user does, who has to enter the application. @param {import("playwright-core").Page} page */
export async function signIn(page) {
  await pressSignIn(page);
  await page.getByRole("textbox", { name: "Client id" }).fill(CLIENT);
  await page.getByRole("textbox", { name: "Tenant" }).fill(TENANT);
  await pressSignIn(page);
}
