// What a user does and sees on the page. Elements are found by their accessible role and name, not by the markup.

import assert from "node:assert/strict";

/** The time limit for states that a run must reach first: polls are up to two seconds apart. */
const PATIENCE = { timeout: 30_000 };

export class Portal {
  /** The names of the devices, by id; undefined until they are read. @type {Map<string, string> | undefined} */
  names = undefined;

  /**
   * @param {import("playwright-core").Page} page
   * @param {string} origin of the simulator
   */
  constructor(page, origin) {
    this.page = page;
    this.origin = origin;
  }

  /** @param {string | RegExp} name */
  button(name) {
    return this.page.getByRole("button", { name });
  }

  get table() {
    return this.page.getByRole("table", { name: "Devices" });
  }

  get rows() {
    return this.table.getByRole("row").filter({ has: this.page.getByRole("cell") });
  }

  /** A device's checkbox. @param {string} name */
  checkbox(name) {
    return this.table.getByRole("checkbox", { name, exact: true });
  }

  /** A device's row. @param {string} name */
  row(name) {
    return this.rows.filter({ has: this.page.getByRole("checkbox", { name, exact: true }) });
  }

  get runButton() {
    return this.button(/^Run diagnostics/);
  }

  get tokenField() {
    return this.page.getByRole("textbox", { name: "Access token" });
  }

  /** Shows the field for a token, as a user does. */
  async openOtherWays() {
    const access = this.page.getByRole("region", { name: "Access" });
    const change = access.getByRole("button", { name: "Change", exact: true });
    if ((await change.count()) > 0 && (await change.getAttribute("aria-expanded")) === "false") await change.click();
    const ways = access.getByRole("group");
    if ((await ways.getAttribute("open")) === null) await ways.locator("summary").click();
    await this.tokenField.waitFor();
  }

  /** @param {string} title */
  async chooseGraph(title) {
    const change = this.page.getByRole("button", { name: "Change", exact: true });
    if ((await change.count()) > 0 && (await change.getAttribute("aria-expanded")) === "false") await change.click();
    await this.page.getByRole("combobox", { name: "Graph" }).selectOption(title);
  }

  /** Gives an access token, with which the page reads the list of a cloud at once. @param {string} text */
  async giveToken(text) {
    await this.openOtherWays();
    await this.tokenField.fill(text);
    await this.tokenField.press("Enter");
  }

  get announcements() {
    return this.page.getByRole("status");
  }

  /** @param {{ simulated: boolean }} expected */
  async isReady({ simulated }) {
    await this.page.getByRole("heading", { name: "Teams device diagnostics", level: 1 }).waitFor();
    await this.page.getByRole("combobox", { name: "Graph" }).waitFor();
    if (simulated) await this.page.getByRole("combobox", { name: "Simulated tenant" }).waitFor();
  }

  async isListed() {
    await this.rows.first().waitFor();
  }

  /** The names of the devices of the simulated tenant, by id. */
  async allNames() {
    return (this.names ??= await this.#readNames());
  }

  /** The name of a device of the simulated tenant on the page. @param {string} id */
  async name(id) {
    return (await this.allNames()).get(id) ?? id;
  }

  async #readNames() {
    /** @type {Map<string, string>} */
    const names = new Map();
    let next = "/teamwork/devices?$top=50";
    while (next) {
      const response = await fetch(`${this.origin}/beta${next}`, { headers: { authorization: "Bearer any" } });
      const page = await response.json();
      for (const { id, currentUser } of page.value ?? []) names.set(id, currentUser?.displayName ?? id);
      next = page["@odata.nextLink"];
    }
    return names;
  }

  /** @param {...string} ids */
  async select(...ids) {
    await this.isListed();
    for (const id of ids) await this.checkbox(await this.name(id)).check();
  }

  /** Runs diagnostics on devices of the list. @param {...string} ids */
  async run(...ids) {
    await this.select(...ids);
    await this.runButton.click();
    if (ids.length >= 5) await this.dialog(ids.length).getByRole("button", { name: "Run", exact: true }).click();
  }

  /** The question before a run. @param {number} count of devices */
  dialog(count) {
    return this.page.getByRole("dialog", { name: `Run diagnostics on ${count.toLocaleString("en")} devices?` });
  }

  /** Types ids into the box, and adds them. @param {string} text */
  async paste(text) {
    await this.page.getByRole("textbox", { name: "Device ids" }).fill(text);
    await this.button("Add ids").click();
  }

  get runs() {
    return this.page.getByRole("grid", { name: "Runs" });
  }

  /** The newest run of a device in the table of runs, in which only the lines in sight are. @param {string} id */
  async line(id) {
    const name = this.page.getByRole("rowheader", { name: await this.name(id), exact: true });
    const line = this.runs.getByRole("row").filter({ has: name }).first();
    for (const direction of [1, -1]) {
      for (let tries = 0; tries < 30 && (await this.runs.count()) > 0 && (await line.count()) === 0; tries++) {
        const moved = await this.runs.evaluate((table, direction) => {
          const box = /** @type {HTMLElement} */ (table.closest(".run-box"));
          const before = box.scrollTop;
          box.scrollTop += direction * (box.clientHeight - 60);
          return before !== box.scrollTop;
        }, direction);
        await this.page.waitForTimeout(30);
        if (!moved) break;
      }
    }
    return line;
  }

  /** The details of a run, whose line is chosen in the table. @param {string} id */
  async article(id) {
    const article = this.page.getByRole("article", { name: await this.name(id), exact: true });
    // On narrow screens the details are a dialog over the table.
    if (await this.page.locator("#run-dialog[open]").count()) {
      if ((await article.count()) > 0) return article;
      await this.page.keyboard.press("Escape");
    }
    const line = await this.line(id);
    await line.waitFor();
    if ((await line.getAttribute("aria-selected")) !== "true" || (await article.count()) === 0) await line.click();
    return article;
  }

  /** Resolves to the details of a run when they have the heading of the outcome. @param {string} id @param {string | RegExp} title */
  async outcome(id, title) {
    const article = await this.article(id);
    await article.getByRole("heading", { name: title }).waitFor(PATIENCE);
    return article;
  }

  /** What is under "Details for support" of a run. @param {string} id */
  async supportDetails(id) {
    const details = (await this.article(id)).getByRole("group").filter({ hasText: "Details for support" });
    if ((await details.getAttribute("open")) === null) await details.getByText("Details for support").click();
    return details.innerText();
  }

  /** The text of a run's timeline, entry by entry. @param {string} id */
  async timeline(id) {
    const article = await this.article(id);
    return article.getByRole("list", { name: "Timeline" }).getByRole("listitem").allInnerTexts();
  }

  /** Resolves to an entry of a run's timeline when it appears. @param {string} id @param {string | RegExp} text */
  async entry(id, text) {
    const article = await this.article(id);
    const found = article.getByRole("list", { name: "Timeline" }).getByRole("listitem").filter({ hasText: text }).first();
    await found.waitFor(PATIENCE);
    return found;
  }

  /** Presses a button of a run. @param {string} id @param {string} name */
  async press(id, name) {
    await (await this.article(id)).getByRole("button", { name, exact: true }).click();
  }

  /** Presses a button for all runs. @param {string} name */
  async pressForAll(name) {
    await this.page.getByRole("toolbar", { name: "All runs" }).getByRole("button", { name, exact: true }).click();
  }

  /** Opens a dialog of a run. @param {string} id @param {string} name of the button */
  async open(id, name) {
    await this.press(id, name);
    const dialog = this.page.getByRole("dialog");
    await dialog.waitFor();
    return dialog;
  }

  async closeDialog() {
    await this.page.keyboard.press("Escape");
    await this.page.getByRole("dialog").waitFor({ state: "hidden" });
  }

  /** The file that the browser saves when a button is pressed. @param {string | RegExp} name */
  async download(name) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.button(name).click()]);
    /** @type {Buffer[]} */
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    return { file: download.suggestedFilename(), text: Buffer.concat(chunks).toString("utf8") };
  }

  /** Chooses another tenant of the simulator. @param {string} name as the simulator calls it */
  async chooseTenant(name) {
    await this.page.getByRole("combobox", { name: "Simulated tenant" }).selectOption(name);
  }

  /** Whether the page can be read without horizontal scrolling. */
  async fitsTheWidth() {
    const [needed, there] = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(needed <= there, `scrolls sideways: ${needed} px in ${there} px`);
  }
}
