// The actions of the user, each as one method.

import { csvReport, jsonReport, supportText } from "./report.js";
import { deviceOf, isOffline } from "./devices.js";
import { fileRead, ignoredText } from "./device-import.js";
import { idsFromText } from "./device-ids.js";
import { calls } from "./diagnostics.js";
import { NotDownloaded } from "./download.js";
import { isDiagnosticsError } from "./errors.js";
import { canGoOn, isWorthAgain } from "./outcome.js";
import { isUnsent, isWaitedFor, reportRow } from "./run.js";
import { shownRuns } from "./run-totals.js";
import { savedSelections } from "./saved-selections.js";
import { address, isSimulated } from "./service.js";
import { enterTenant, fetchOf, tenants } from "./simulation.js";
import { signIn, signInProblem } from "./sign-in.js";
import { count } from "./format.js";

/** @import { Access, Account } from "./access.js" */
/** @import { Device, KnownDevice } from "./devices.js" */
/** @import { Run } from "./run.js" */
/** @import { Runs } from "./runs.js" */
/** @import { SavedSelection } from "./saved-selections.js" */
/** @import { Service } from "./service.js" */
/** @import { Dialog, Store } from "./store.js" */

/** From this number of devices on, a run must be confirmed. */
const MANY = 5;
const COPIED_MS = 4_000;
/** The time between two updates of the progress while the list is read. */
const LIST_GREW_MS = 100;

const NO_ID_IN_TEXT = "There is no device id in this text.";
const NO_ID_IN_FILE = 'The column "Device Id" of this file is empty.';

/** What was read from texts or files. @typedef {{ devices: KnownDevice[], ignored: string[], problems: string[] }} Read */

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

export class Actions {
  #store;
  #access;
  #runs;
  #reading = new AbortController();
  /** The latest sign-in. Results of earlier ones are ignored. @type {Promise<Account> | undefined} */
  #signIn;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #copied;

  /** @param {Store} store @param {Access} access @param {Runs} runs */
  constructor(store, access, runs) {
    this.#store = store;
    this.#access = access;
    this.#runs = runs;
    store.selectionsSaved(savedSelections.all());
  }

  /** @param {string} id */
  chooseService(id) {
    const service = this.#store.state.services.find((service) => service.id === id);
    if (service === undefined) return;
    this.#reading.abort();
    this.#signIn = undefined;
    const account = this.#access.account(service);
    this.#store.serviceChosen(service, account === undefined ? { kind: "out" } : { kind: "in", name: account.name });
    if (service.isInPage) void this.#openSimulation(service);
  }

  /** Shows the devices of the simulated Graph in this page. @param {Service} service */
  async #openSimulation(service) {
    try {
      const known = await tenants(service);
      if (this.#store.state.service !== service || !known) return;
      this.#store.tenantsRead(known);
      await this.readList();
    } catch (error) {
      if (this.#store.state.service === service) this.#store.accessRefused(error instanceof Error ? error.message : String(error));
    }
  }

  /** Chooses a simulated tenant. The simulated Graph forgets its operations, and so does the page. @param {string} tenant */
  async chooseTenant(tenant) {
    this.#reading.abort();
    this.#runs.remove(this.#store.state.runs.filter(({ service }) => isSimulated(service)));
    await enterTenant(this.#store.state.service, tenant);
    this.#store.tenantEntered(tenant);
    await this.readList();
  }

  /** @param {string} token as pasted, perhaps with the `Bearer` of a header field */
  pasteToken(token) {
    this.#access.paste(this.#store.state.service, token.trim().replace(/^bearer\s+/i, ""));
    if (token !== "") this.#store.accessRefused("");
  }

  /** @param {{ clientId: string, tenant: string }} application */
  async signIn(application) {
    const { service } = this.#store.state;
    const attempt = signIn(service, application);
    this.#signIn = attempt;
    this.#store.signInChanged({ kind: "signingIn" });
    try {
      const account = await attempt;
      if (this.#signIn !== attempt) return;
      this.#access.signIn(service, { ...account, application });
      this.#store.signInChanged({ kind: "in", name: account.name });
      this.#store.announced(`Signed in as ${account.name}.`);
    } catch (error) {
      // A later sign-in or another Graph has replaced this one.
      if (this.#signIn !== attempt) return;
      this.#store.signInChanged({ kind: "out" });
      this.#store.accessRefused(signInProblem(error));
    }
  }

  /** Leads to what a service needs for the paused runs: another token in its field, or another sign-in. @param {Service} service */
  async mendAccess(service) {
    if (service.id !== this.#store.state.service.id) this.chooseService(service.id);
    const application = this.#access.account(service)?.application;
    if (application !== undefined) return this.signIn(application);
    // The field of another Graph appears with the next update.
    await Promise.resolve();
    const field = document.getElementById("token");
    if (field instanceof HTMLInputElement) {
      field.focus();
      field.select();
    }
  }

  signOut() {
    this.#access.signOut(this.#store.state.service);
    this.#store.signInChanged({ kind: "out" });
  }

  async readList() {
    if (!this.#isAccessThere()) return;
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const { service, tenants } = this.#store.state;
    // The simulated Graph could not be downloaded when it was chosen.
    if (service.isInPage && tenants === undefined) return this.#openSimulation(service);
    this.#store.listBegun();
    /** @type {Device[]} */
    const devices = [];
    let shownAt = performance.now();
    try {
      const { listDevices } = await calls(signal);
      for await (const document of listDevices(this.#access.tokenFor(service), { ...address(service), fetch: fetchOf(service), signal })) {
        const device = deviceOf(document);
        if (device !== undefined) devices.push(device);
        // Each update renders the whole table again.
        if (performance.now() - shownAt < LIST_GREW_MS) continue;
        shownAt = performance.now();
        this.#store.listGrew(devices.length);
      }
      if (signal.aborted) return;
      this.#store.listRead(devices);
      this.#store.announced(devices.length === 0 ? "The list is empty." : `${count(devices.length, "device")} listed.`);
    } catch (error) {
      if (signal.aborted) return;
      if (isDiagnosticsError(error)) this.#store.listFailed(error.message, error);
      else this.#store.listFailed(error instanceof NotDownloaded ? error.message : String(error));
      this.#store.announced("The devices could not be listed.");
    }
  }

  /** @param {string} text @returns {boolean} whether there were any */
  addIds(text) {
    try {
      const { ids, ignored } = idsFromText(text);
      return this.#add({ devices: ids.map((id) => ({ id })), ignored, problems: [] }, NO_ID_IN_TEXT);
    } catch (error) {
      return this.#add({ devices: [], ignored: [], problems: [messageOf(error)] }, "");
    }
  }

  /** @param {File[]} files */
  async addFiles(files) {
    /** @type {Read} */
    const all = { devices: [], ignored: [], problems: [] };
    for (const file of files) {
      const { devices = [], ignored = [], problem } = await fileRead(file);
      all.devices = all.devices.concat(devices);
      all.ignored = all.ignored.concat(ignored);
      if (problem !== undefined) all.problems.push(files.length === 1 ? problem : `${file.name}: ${problem}`);
    }
    this.#add(all, NO_ID_IN_FILE);
  }

  /** Saves the selected devices under a name. @param {string} name @returns {boolean} whether they are saved */
  saveSelection(name) {
    const devices = this.#store.chosen().map((device) => ({ id: device.id, name: device.name }));
    if (name === "" || devices.length === 0) return false;
    const isKept = savedSelections.save({ name, service: this.#store.state.service.id, devices });
    this.#store.selectionsSaved(savedSelections.all());
    this.#store.announced(isKept ? `${count(devices.length, "device")} saved as ${name}.` : "This browser does not keep selections.");
    return isKept;
  }

  /** Selects the devices of a saved selection, and no others. Those that the list has not are added. @param {SavedSelection} selection */
  chooseSelection({ name, devices }) {
    this.#store.selectionCleared();
    this.#store.devicesAdded(devices);
    this.#store.announced(`${name}: ${count(devices.length, "device")} selected.`);
  }

  /** @param {SavedSelection} selection */
  removeSelection(selection) {
    savedSelections.remove(selection);
    this.#store.selectionsSaved(savedSelections.all());
    this.#store.announced(`The selection ${selection.name} is removed.`);
  }

  /** Starts diagnostics on the selected devices; if there are many, the user must confirm it. */
  run() {
    const devices = this.#store.chosen();
    if (devices.length === 0 || !this.#isAccessThere()) return;
    if (devices.length < MANY) this.#start(devices);
    else this.#store.dialogChanged({ kind: "confirm", devices });
  }

  /** @param {Device[]} devices */
  runConfirmed(devices) {
    this.closeDialog();
    this.#start(devices);
  }

  /** @param {Run[]} runs those that have ended are started once more */
  runAgain(runs) {
    const ended = runs.filter((run) => !isWaitedFor(run));
    if (ended.length === 0 || !ended.every(({ service }) => this.#isAccessThere(service))) return;
    const begun = this.#runs.again(ended);
    if (begun < ended.length) this.#store.announced(`${count(ended.length - begun, "device")} left out: already running.`);
  }

  /** @param {Run[]} runs */
  runFailedAgain(runs) {
    this.runAgain(runs.filter(({ outcome }) => outcome !== undefined && isWorthAgain(outcome)));
  }

  /** Ends the waits, and takes back what has not started. @param {Run[]} runs */
  stop(runs) {
    this.#runs.stop(runs.filter(isWaitedFor));
  }

  /** @param {Run[]} runs */
  takeBack(runs) {
    this.#runs.stop(runs.filter(isUnsent));
  }

  /** @param {Run[]} runs those that can be followed further */
  goOn(runs) {
    const open = runs.filter(({ outcome }) => outcome !== undefined && canGoOn(outcome));
    if (open.length > 0 && open.every(({ service }) => this.#isAccessThere(service))) this.#runs.goOn(open);
  }

  /** @param {Run} run that may be under way */
  lookFor(run) {
    if (this.#isAccessThere(run.service)) void this.#runs.lookFor(run.id);
  }

  /** @param {Run[]} runs those that have ended are removed from the page */
  remove(runs) {
    this.#runs.remove(runs.filter((run) => !isWaitedFor(run)));
  }

  /** Selects the devices of runs in the table of devices. @param {Run[]} runs */
  selectDevices(runs) {
    const { service } = this.#store.state;
    const ours = runs.filter((run) => run.service.id === service.id);
    const devices = new Map(ours.map(({ deviceId, name }) => [deviceId, { id: deviceId, name }]));
    if (devices.size === 0) return this.#store.announced("These runs are of another Graph.");
    this.#store.devicesAdded([...devices.values()]);
    this.#store.announced(`${count(devices.size, "device")} selected.`);
  }

  /** Shows the details of a run, also if the table does not show its row at present. @param {number} id */
  showRun(id) {
    const run = this.#store.run(id);
    if (run === undefined) return;
    if (!shownRuns(this.#store.state).includes(run)) this.#store.runsFiltered({ outcome: undefined, batch: undefined });
    this.#store.runChosen(id);
    this.#store.runOpened(true);
  }

  /** Resumes the runs of the chosen Graph from before a reload. */
  resume() {
    const { service, resumableRuns } = this.#store.state;
    if (!this.#isAccessThere()) return;
    const ours = resumableRuns.filter(({ cloud }) => cloud === service.cloud);
    this.#store.resumableRunsFound(resumableRuns.filter((run) => !ours.includes(run)));
    this.#runs.resume(ours, service);
  }

  /** @param {number} id */
  async copyForSupport(id) {
    const run = this.#store.run(id);
    if (run !== undefined) await this.copy(supportText(reportRow(run), run.outcome?.error), `run-${id}`);
  }

  /** @param {string} text @param {string} what an id of the text, for the button that shows "Copied" */
  async copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The clipboard needs https and permission. Otherwise the user must copy the text by hand.
      return this.show({ kind: "text", text });
    }
    clearTimeout(this.#copied);
    this.#store.copiedChanged(what);
    this.#store.announced("Copied.");
    this.#copied = setTimeout(() => this.#store.copiedChanged(undefined), COPIED_MS);
  }

  /** @param {Dialog} dialog */
  show(dialog) {
    this.#store.dialogChanged(dialog);
  }

  closeDialog() {
    this.#store.dialogChanged(undefined);
  }

  /** @param {"csv" | "json"} format @param {Run[]} runs */
  download(format, runs) {
    const rows = runs.toSorted((a, b) => a.id - b.id).map(reportRow);
    const [text, type] = format === "csv" ? [csvReport(rows), "text/csv"] : [jsonReport(rows), "application/json"];
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = Object.assign(document.createElement("a"), {
      href: url,
      download: `teams-device-diagnostics-${new Date().toISOString().slice(0, 10)}.${format}`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url));
  }

  /** @param {Device[]} devices */
  #start(devices) {
    const { service } = this.#store.state;
    const begun = this.#runs.start(
      devices.map(({ id }) => ({ id, label: this.#store.label(id) })),
      service,
    );
    this.#store.selectionCleared();
    const skipped = devices.length - begun;
    const offline = devices.filter(isOffline).length;
    this.#store.announced(
      [
        `Starting diagnostics on ${count(begun, "device")}.`,
        skipped > 0 && `${count(skipped, "device")} left out: already running.`,
        offline > 0 && `${count(offline, "device")} offline at last contact.`,
      ]
        .filter(Boolean)
        .join(" "),
    );
  }

  /** Adds what was read, and says what was taken and what was not. @param {Read} read @param {string} none the message if there are no ids */
  #add({ devices, ignored, problems }, none) {
    if (devices.length === 0) {
      this.#store.devicesNotAdded(problems.join(" ") || `${none}${ignored.length > 0 ? ` ${ignoredText(ignored)}` : ""}`);
      return false;
    }
    const note = [`${count(devices.length, "device")} added and selected.`, ignored.length > 0 && ignoredText(ignored), ...problems];
    const text = note.filter(Boolean).join(" ");
    this.#store.devicesAdded(devices, text);
    this.#store.announced(text);
    return true;
  }

  /** Whether there is a token or sign-in; if not, shows a message beside the field. */
  #isAccessThere(service = this.#store.state.service) {
    if (this.#access.isThere(service)) return true;
    if (service.id !== this.#store.state.service.id) this.chooseService(service.id);
    this.#store.accessRefused("An access token is needed: paste one, or sign in.");
    document.getElementById("token")?.focus();
    return false;
  }
}
