// The guarantees of the page about tokens, markup and other servers. Every test of the page checks that its policy is not violated and that
// no other server gets a request.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { matched } from "../../scripts/tools.mjs";
import { present } from "../shared/present.mjs";
import { AT_ONCE, GRAPH, pageTest, startSimulator, WWW } from "./browser.mjs";

const TOKEN = "a-token-that-nobody-may-see";

/** The content of everything that a page can store something in, as text. */
const places = (page) =>
  page.evaluate(async () => {
    /** @template Result @param {IDBRequest<Result>} request @returns {Promise<Result>} */
    const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const rows = async (/** @type {string} */ name) => {
      const database = await done(indexedDB.open(name));
      const names = [...database.objectStoreNames];
      const transaction = database.transaction(names);
      return Promise.all(names.map((name) => done(transaction.objectStore(name).getAll())));
    };
    const values = [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes].map(({ value }) => value));
    return [
      document.documentElement.outerHTML,
      ...values,
      location.href,
      document.cookie,
      JSON.stringify(history.state),
      window.name,
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      JSON.stringify(await Promise.all((await indexedDB.databases()).map(({ name }) => rows(name ?? "")))),
      JSON.stringify(await caches.keys()),
      JSON.stringify(performance.getEntries()),
      JSON.stringify(await navigator.serviceWorker.getRegistrations()),
    ].join("\n");
  });

describe("the page", AT_ONCE, () => {
  pageTest(
    "shows markup in Graph's texts as text, everywhere",
    async ({ page, portal }) => {
      await portal.isListed();
      const ids = [...(await portal.allNames()).keys()];
      assert.equal(ids.length, 5);
      await page.getByRole("checkbox", { name: "Select all shown" }).check();
      await portal.runButton.click();
      await portal.dialog(5).getByRole("button", { name: "Run", exact: true }).click();
      /** @param {string} what */
      const run = (what) =>
        present(
          ids.find((id) => id.endsWith(what)),
          what,
        );
      await portal.outcome(run("succeeds"), "Diagnostics succeeded");
      assert.match(await (await portal.outcome(run("fails"), "Diagnostics failed")).innerText(), /<script>[^]*<img src=x onerror/);
      assert.match(
        await (await portal.outcome(run("is occupied"), "An operation is already queued")).innerText(),
        /queued by <img src=x onerror/,
      );
      await portal.outcome(run("is refused"), "Diagnostics were not started");
      assert.match(await portal.supportDetails(run("is refused")), /403: <script>[^]*<img src=x onerror/);
      await portal.entry(run("is offline"), "<img src=x");
      for (const name of ["Show the code", "HTTP exchange"]) {
        const dialog = await portal.open(run("fails"), name);
        assert.match(present(await dialog.textContent(), "the dialog"), /onerror/);
        await portal.closeDialog();
      }
      assert.equal(await page.locator("img, b, script:not([src]), a[href^='javascript']").count(), 0);
      assert.match(await page.title(), /Teams device diagnostics$/);
    },
    { tenant: "markup", paceMs: 700 },
  );

  pageTest("has the token in its field and nowhere else", async ({ page, portal }) => {
    await portal.isListed();
    await portal.giveToken(TOKEN);
    await portal.button("List devices").click();
    await portal.isListed();
    await portal.run("successful", "failed", "conflict", "echo");
    await portal.outcome("successful", "Diagnostics succeeded");
    await portal.outcome("failed", "Diagnostics failed");
    await portal.outcome("conflict", "An operation is already queued");
    await portal.outcome("echo", "Diagnostics were not started");
    const sent = await (await fetch(`${portal.origin}/simulator/requests`)).json();
    assert.ok(sent.some(({ headers }) => headers.authorization === `Bearer ${TOKEN}`));
    for (const { target, headers } of sent) {
      assert.ok(!target.includes(TOKEN) && !JSON.stringify({ ...headers, authorization: "" }).includes(TOKEN));
    }
    for (const id of ["successful", "echo"]) {
      await portal.open(id, "HTTP exchange");
      assert.ok(!(await places(page)).includes(TOKEN), id);
      await portal.closeDialog();
    }
    await page.reload();
    await portal.isListed();
    await portal.openOtherWays();
    assert.equal(await portal.tokenField.inputValue(), "");
  });

  pageTest("accepts a token with its scheme, but not as a device id", async ({ page, portal, origin }) => {
    await portal.isListed();
    await portal.giveToken(` Bearer ${TOKEN}\n`);
    await portal.run("successful");
    await portal.outcome("successful", "Diagnostics succeeded");
    const requests = await (await fetch(`${origin}/simulator/requests`)).json();
    assert.equal(requests.find(({ method }) => method === "POST").headers.authorization, `Bearer ${TOKEN}`);
    await portal.paste("eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.c2ln");
    await page.getByText(/looks like an access token/).waitFor();
    assert.ok(!(await places(page)).includes("eyJhbGciOiJub25lIn0"));
    assert.equal(await portal.runs.getByRole("rowheader").count(), 1);
  });

  pageTest(
    "sends a token only to the Graph that it was given for",
    async ({ page, portal, sent }) => {
      await portal.giveToken(TOKEN);
      await portal.isListed();
      const before = [...sent];
      await portal.chooseGraph("China (21Vianet)");
      await portal.openOtherWays();
      assert.equal(await portal.tokenField.inputValue(), "");
      await portal.button("List devices").click();
      await page.getByText(/^Sign in first/).waitFor();
      await portal.paste("room");
      await portal.runButton.click();
      assert.equal(await page.getByRole("article").count(), 0);
      assert.deepEqual(sent, before);
    },
    { plain: true },
  );

  const CLOUDS = {
    Global: GRAPH,
    "US Government L4": "https://graph.microsoft.us",
    "US Government L5 (DoD)": "https://dod-graph.microsoft.us",
    "China (21Vianet)": "https://microsoftgraph.chinacloudapi.cn",
  };
  pageTest(
    "sends requests to the chosen Graph, with the token for that Graph",
    async ({ page, portal, origin }) => {
      const requests = [];
      await page.context().route(/^https:\/\/[^/]*(graph|chinacloudapi)/, async (route) => {
        const url = new URL(route.request().url());
        requests.push([url.origin, route.request().headers().authorization]);
        await route.fulfill({ response: await route.fetch({ url: origin + url.pathname + url.search }) });
      });
      for (const cloud of Object.keys(CLOUDS)) {
        await portal.chooseGraph(cloud);
        await page.getByRole("heading", { name: "No devices yet" }).waitFor();
        assert.equal(await portal.rows.count(), 0, "devices of another Graph are not offered");
        await portal.giveToken(`a-token-for ${cloud}`.replace(/\W+/g, "-"));
        await page.getByText(/^Listed at/).waitFor();
      }
      const expected = Object.entries(CLOUDS).map(([cloud, graph]) => `${graph} Bearer a-token-for-${cloud.replace(/\W+/g, "-")}`);
      assert.deepEqual([...new Set(requests.filter(([, token]) => token).map((pair) => pair.join(" ")))], expected);
    },
    { plain: true, known: Object.values(CLOUDS) },
  );

  pageTest(
    "works as a static folder on any web server, where it begins with no simulation",
    async ({ page, portal, sent }) => {
      await page.waitForLoadState("networkidle");
      const options = page.getByRole("combobox", { name: "Graph" }).getByRole("option");
      const offered = ["Global", "US Government L4", "US Government L5 (DoD)", "China (21Vianet)", "Simulated"];
      assert.deepEqual(await options.allTextContents(), offered);
      assert.equal(await page.getByRole("combobox", { name: "Simulated tenant" }).count(), 0);
      assert.equal(await page.getByText("Simulated", { exact: true }).filter({ visible: true }).count(), 0);
      await portal.giveToken(TOKEN);
      await portal.run("successful");
      await portal.outcome("successful", "Diagnostics succeeded");
      assert.ok(sent.includes("POST /beta/teamwork/devices/successful/runDiagnostics"));
    },
    { plain: true },
  );

  pageTest(
    "simulates Graph by itself on a static host, and sends nothing to anybody",
    async ({ page, portal, sent }) => {
      await page.getByRole("combobox", { name: "Graph" }).selectOption("Simulated");
      await page.getByText(/^Listed at/).waitFor();
      assert.equal(await page.getByRole("banner").getByText("Simulated", { exact: true }).isVisible(), true);
      await portal.run("successful", "failed", "throttled", "poll-redirect");
      await portal.outcome("successful", "Diagnostics succeeded");
      await portal.outcome("failed", "Diagnostics failed");
      await portal.outcome("throttled", "Diagnostics succeeded");
      await portal.outcome("poll-redirect", "Diagnostics succeeded");
      await page.getByRole("combobox", { name: "Simulated tenant" }).selectOption("Markup in every text");
      await page.getByText(/^Listed at/).waitFor();
      assert.deepEqual(sent, []);
    },
    { plain: true },
  );

  pageTest(
    "refuses scripts, styles and markup that are not its own",
    async ({ page }) => {
      const refused = await page.evaluate(async () => {
        const seen = [];
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => seen.push(effectiveDirective));
        const tried = (attempt) => {
          try {
            attempt();
          } catch {}
        };
        tried(() => (document.createElement("div").innerHTML = "<b>x</b>"));
        tried(() => document.body.append(Object.assign(document.createElement("img"), { src: "https://elsewhere.example/x" })));
        tried(() => document.body.append(Object.assign(document.createElement("style"), { textContent: "a {}" })));
        await fetch("https://elsewhere.example/").catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 200));
        return [...new Set(seen)].sort();
      });
      assert.deepEqual(refused, ["connect-src", "img-src", "require-trusted-types-for", "style-src-elem"]);
    },
    { provokes: true },
  );

  test("has one policy, in its documents and from the simulator", async () => {
    const rules = (policy) =>
      policy
        .split(";")
        .map((rule) => rule.trim().split(/\s+/).sort().join(" "))
        .sort();
    const { origin, stop } = await startSimulator();
    const header = rules((await fetch(origin)).headers.get("content-security-policy"));
    stop();
    const documents = await Promise.all(["index.html", "signed-in.html"].map((name) => readFile(join(WWW, name), "utf8")));
    const [page, signedIn] = documents.map((text) => rules(matched(/http-equiv="Content-Security-Policy" content="([^"]+)"/, text)[1]));
    // A policy in the document cannot say who may frame it.
    assert.deepEqual(
      header.filter((rule) => !rule.includes("frame-ancestors")),
      page,
    );
    assert.ok(header.includes("'none' frame-ancestors"));
    for (const rule of ["'none' default-src", "'script' require-trusted-types-for", "'none' trusted-types", "'none' base-uri"]) {
      assert.ok(page.includes(rule) && signedIn.includes(rule), rule);
    }
    assert.deepEqual(
      page.filter((rule) => /unsafe-inline|unsafe-eval'|\*|http:|data:/.test(rule.replace("'wasm-unsafe-eval'", ""))),
      [],
    );
    for (const text of documents) assert.doesNotMatch(text, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:\/\/[^" ;]*\.(js|css)/);
  });
});
