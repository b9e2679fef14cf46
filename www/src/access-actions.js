// The actions by which the user chooses a Graph, and gets access to it.

import { keepOwner } from "./owner.js";
import { graphOf, isSimulated } from "./service.js";
import { enterTenant } from "./simulation.js";
import { signIn, signInProblem } from "./sign-in.js";

/** @import { Access, Account } from "./access.js" */
/** @import { DeviceList } from "./device-list.js" */
/** @import { PastBatches } from "./past-batches.js" */
/** @import { Runs } from "./runs.js" */
/** @import { Service } from "./service.js" */
/** @import { Store } from "./store.js" */

export class AccessActions {
  #store;
  #access;
  #list;
  #runs;
  #past;
  /** The latest sign-in. Results of earlier ones are ignored. @type {Promise<Account> | undefined} */
  #signIn;

  /** @param {Store} store @param {Access} access @param {DeviceList} list @param {Runs} runs @param {PastBatches} past */
  constructor(store, access, list, runs, past) {
    this.#store = store;
    this.#access = access;
    this.#list = list;
    this.#runs = runs;
    this.#past = past;
  }

  /** @param {string} id */
  chooseService(id) {
    const service = this.#store.state.services.find((service) => service.id === id);
    if (service === undefined) return;
    this.#list.stop();
    this.#signIn = undefined;
    const account = this.#access.account(service);
    this.#store.access.serviceChosen(service, account === undefined ? { kind: "out" } : { kind: "in", name: account.name });
    if (service.isInPage) void this.#list.read();
  }

  /** Chooses a simulated tenant. The simulated Graph forgets its operations, and so does the page. @param {string} tenant */
  async chooseTenant(tenant) {
    this.#list.stop();
    this.#runs.remove(this.#store.state.runs.filter(({ service }) => isSimulated(service)));
    await this.#past.forgetGraph(this.#store.state.service);
    await enterTenant(this.#store.state.service, tenant);
    this.#store.access.tenantEntered(tenant);
    await this.#list.read();
  }

  /** @param {string} token as pasted, perhaps with the `Bearer` of a header field */
  pasteToken(token) {
    this.#access.paste(this.#store.state.service, token.trim().replace(/^bearer\s+/i, ""));
    if (token !== "") this.#store.access.refused("");
    this.#accountChanged();
  }

  /** @param {{ clientId: string, tenant: string }} application */
  async signIn(application) {
    const { service } = this.#store.state;
    const attempt = signIn(service, application);
    this.#signIn = attempt;
    this.#store.access.signInChanged({ kind: "signingIn" });
    try {
      const account = await attempt;
      if (this.#signIn !== attempt) return;
      this.#access.signIn(service, { ...account, application });
      this.#store.access.signInChanged({ kind: "in", name: account.name });
      this.#store.announced(`Signed in as ${account.name}.`);
      this.#accountChanged();
    } catch (error) {
      // A later sign-in or another Graph has replaced this one.
      if (this.#signIn !== attempt) return;
      this.#store.access.signInChanged({ kind: "out" });
      this.#store.access.refused(signInProblem(error));
    }
  }

  /** Leads to what a service needs for the paused runs: another token in its field, or another sign-in. @param {Service} service */
  async mend(service) {
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
    this.#store.access.signInChanged({ kind: "out" });
    this.#accountChanged();
  }

  /** The history is kept by account. */
  #accountChanged() {
    const { service } = this.#store.state;
    if (isSimulated(service)) return;
    keepOwner(graphOf(service), this.#access.isThere(service) ? this.#access.owner(service) : undefined);
    void this.#past.accountChanged();
  }

  /** Whether there is a token or sign-in; if not, shows a message beside the field. */
  isThere(service = this.#store.state.service) {
    if (this.#access.isThere(service)) return true;
    if (service.id !== this.#store.state.service.id) this.chooseService(service.id);
    this.#store.access.refused("An access token is needed: paste one, or sign in.");
    document.getElementById("token")?.focus();
    return false;
  }
}
