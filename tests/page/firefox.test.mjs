// The main journey in Firefox: list, select with the keyboard, run, success, and a reload in the middle of a run.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { launchFirefox } from "../shared/firefox.mjs";
import { startSimulator } from "./browser.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const KEYS = { Space: " ", Shift: "\uE008", Down: "\uE015", Tab: "\uE004", Enter: "\uE007", Escape: "\uE00C" };
const CANDIDATES = {
  button: "button",
  checkbox: "input[type=checkbox]",
  article: "article",
  combobox: "select",
  textbox: "input[type=text], textarea",
  heading: "h1, h2, h3, h4",
  region: "section",
  dialog: "dialog[open]",
};

let firefox;
let simulator;
before(async () => {
  // Does not wait for the page, so that problems during loading are recorded.
  [firefox, simulator] = await Promise.all([launchFirefox({ pageLoadStrategy: "none" }), startSimulator({ paceMs: 300 })]);
});
after(async () => {
  await firefox?.close();
  simulator?.stop();
});

const script = (text, ...args) => firefox.send("POST", "/execute/sync", { script: text, args });

/** Opens the page, and records its problems. */
async function open() {
  await script("window.left = true");
  await firefox.send("POST", "/url", { url: simulator.origin });
  await until(() => script("return !window.left && location.href.startsWith(arguments[0])", simulator.origin));
  await listen();
}

const listen = () =>
  script(`
  if (window.problems) return;
  window.problems = [];
  document.addEventListener("securitypolicyviolation", (event) => problems.push(event.violatedDirective + " " + event.blockedURI));
  addEventListener("error", (event) => problems.push(event.message));
  addEventListener("unhandledrejection", (event) => problems.push(String(event.reason)));`);

/** The element with a role and accessible name, as Firefox computes them; within a run, if one is given. */
async function find(role, name, within) {
  return until(async () => {
    const elements = await firefox.send("POST", `${within ? `/element/${within}` : ""}/elements`, {
      using: "css selector",
      value: CANDIDATES[role],
    });
    for (const { [ELEMENT]: id } of elements) {
      const label = await firefox.send("GET", `/element/${id}/computedlabel`).catch(() => undefined);
      if (label === name && (await firefox.send("GET", `/element/${id}/computedrole`)) === role) return id;
    }
  }, `${role} "${name}"`);
}

const press = async (role, name, within) => firefox.send("POST", `/element/${await find(role, name, within)}/click`, {});
const text = (id) => firefox.send("GET", `/element/${id}/text`);
const type = async (id, ...keys) => firefox.send("POST", `/element/${id}/value`, { text: keys.join("") });
const focused = async () => (await firefox.send("GET", "/element/active"))[ELEMENT];
const focusedName = async () => firefox.send("GET", `/element/${await focused()}/computedlabel`);

async function until(holds, what = "") {
  for (const end = Date.now() + 30_000; ; await pause(50)) {
    const found = await Promise.resolve(holds()).catch(() => undefined);
    if (found) return found;
    if (Date.now() > end) assert.fail(`did not come about: ${what}`);
  }
}

describe("in Firefox", () => {
  test("a device is listed and selected, and its run is followed until it ends", { timeout: 60_000 }, async () => {
    await open();
    await press("checkbox", "Room Vienna");
    await press("button", "Run diagnostics on 1 device");
    const article = await find("article", "Room Vienna");
    await find("heading", "Diagnostics succeeded", article);
    assert.match(await text(article), /The logs are ready[^]*Started[^]*Successful/);
    await press("button", "HTTP exchange", article);
    assert.match(
      await text(await find("dialog", "HTTP exchange: Room Vienna")),
      /authorization: Bearer \[token\][^]*HTTP\/1\.1 202[^]*Successful/,
    );
    await type(await focused(), KEYS.Escape);
    await until(async () => (await focusedName()) === "HTTP exchange", "the focus is back");
    assert.deepEqual(await script("return problems"), []);
  });

  test("rows can be reached and selected with the keyboard", { timeout: 60_000 }, async () => {
    await open();
    const first = await find("checkbox", "Room Vienna");
    await script("arguments[0].focus()", { [ELEMENT]: first });
    const selected = () => script("return [...document.querySelectorAll('tbody input:checked')].map((box) => box.ariaLabel)");
    await type(first, KEYS.Down);
    assert.equal(await focusedName(), "Room Oslo");
    await type(await focused(), KEYS.Space);
    await until(async () => (await selected()).join() === "Room Oslo", "Space selects");
    await type(await focused(), KEYS.Down);
    await type(await focused(), KEYS.Down);
    await type(await focused(), KEYS.Shift, KEYS.Space);
    await until(async () => (await selected()).join() === "Room Oslo,Chidi Novak,Room Lima", "Shift+Space selects a range");
    await type(await focused(), KEYS.Shift, KEYS.Down);
    await until(async () => (await selected()).length === 4, "Shift+Down widens it");
    assert.deepEqual(await script("return problems"), []);
  });

  test("a reload during a run resumes it, and the wait can be stopped", { timeout: 60_000 }, async () => {
    await open();
    await press("checkbox", "Emre Moreau");
    await press("button", "Run diagnostics on 1 device");
    await until(async () => /Queued/.test(await text(await find("article", "Emre Moreau"))), "Queued");
    await script("window.left = true");
    await firefox.send("POST", "/refresh", {});
    await until(() => script("return !window.left"), "the page is another");
    await listen();
    const article = await find("article", "Emre Moreau");
    assert.match(await text(article), /Resumed after a reload/);
    await press("button", "Stop waiting", article);
    await find("heading", "You stopped waiting", article);
    assert.notEqual(await script("return document.activeElement === document.body"), true, "the focus is not lost");
    const requests = await (await fetch(`${simulator.origin}/simulator/requests`)).json();
    assert.equal(requests.filter(({ method, target }) => method === "POST" && target.includes("/queued/")).length, 1);
    assert.deepEqual(await script("return problems"), []);
  });
});
