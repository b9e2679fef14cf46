// The actions by which the user chooses a Graph, and gets access to it.

import { ANY_TENANT, rememberApplication, wrongField } from "./applications.js";
import { APPLICATION, SIGN_IN } from "./messages-access.js";
import { messageOf } from "./error-message.js";
import { keepOwner } from "./owner.js";
import { isWaitedFor } from "./run-phase.js";
import { graphOf, isSimulated } from "./service.js";
import { enterTenant } from "./simulation.js";
import { openWindow, signIn } from "./sign-in.js";

/** @import { Access } from "./access.js" */
/** @import { Application } from "./applications.js" */
/** @import { DeviceList } from "./device-list.js" */
/** @import { RunPart } from "./run-part.js" */
/** @import { Service } from "./service.js" */
/** @import { Renewal } from "./sign-in.js" */
/** @import { Store } from "./store.js" */

export class AccessActions {
  #store;
  #access;
  #list;
  #part;
  /** The latest sign-in and its window. Results of earlier ones are ignored. @type {{ popup: Window, application: Application } | undefined} */
  #attempt;

  /** @param {Store} store @param {Access} access @param {DeviceList} list @param {RunPart} part */
  constructor(store, access, list, part) {
    this.#store = store;
    this.#access = access;
    this.#list = list;
    this.#part = part;
  }

  /** @param {string} id */
  chooseService(id) {
    const service = this.#store.state.services.find((service) => service.id === id);
    if (service === undefined) return;
    this.#list.stop();
    this.#closeWindow();
    const account = this.#access.account(service);
    this.#store.access.serviceChosen(service, account === undefined ? { kind: "out" } : { kind: "in", name: account.name });
    if (service.isInPage) void this.#list.read();
  }

  /** Chooses a simulated tenant. The simulated Graph forgets its operations, and so does the page. @param {string} tenant */
  async chooseTenant(tenant) {
    this.#list.stop();
    await this.#part.loaded?.forgetGraph(this.#store.state.service);
    await enterTenant(this.#store.state.service, tenant);
    this.#store.access.tenantEntered(tenant);
    await this.#list.read();
  }

  /** @param {string} token as typed so far, perhaps with the `Bearer` of a header field */
  typeToken(token) {
    this.#access.type(this.#store.state.service, token.trim().replace(/^bearer\s+/i, ""));
  }

  /** Uses the token in the field, when it is complete, and reads the list with it. */
  tokenGiven() {
    const { service, signIn } = this.#store.state;
    if (this.#access.typed(service) === this.#access.pasted(service)) return;
    this.#access.paste(service);
    const token = this.#access.pasted(service);
    if (signIn.kind !== "out") this.#store.access.signInChanged({ kind: "out" });
    this.#store.access.noticed("");
    this.#accountChanged();
    if (isSimulated(service) || !/^\S+$/.test(token)) return;
    if (this.#isListNeeded()) void this.#list.read();
    else this.#store.access.signInChanged({ kind: "token" });
  }

  /** Shows the fields for an application, and leads to the first. */
  async askForApplication() {
    this.#store.access.applicationAsked({});
    // The fields appear with the next update.
    await Promise.resolve();
    document.getElementById("client-id")?.focus();
  }

  cancelApplication() {
    this.#store.access.applicationAsked(undefined);
  }

  /** Signs in with an application that the user has entered. @param {Application} entered */
  signInWith(entered) {
    const application = { clientId: entered.clientId.trim(), tenant: entered.tenant.trim() || ANY_TENANT };
    const field = wrongField(application);
    if (field === undefined) return this.#signIn(application);
    this.#store.access.applicationAsked({ field, problem: APPLICATION.wrong[field] });
    document.getElementById(field === "clientId" ? "client-id" : "tenant-id")?.focus();
  }

  /** Signs in with the application that is known; asks for one if none is. */
  signIn() {
    const { applications, service } = this.#store.state;
    const application = applications[service.id];
    return application === undefined ? this.askForApplication() : this.#signIn(application);
  }

  /** Leads to what a service needs: another sign-in, or another token in its field. @param {Service} service */
  async mend(service) {
    if (service.id !== this.#store.state.service.id) this.chooseService(service.id);
    const application = this.applicationFor(service);
    if (application !== undefined) return this.#signIn(application, this.#access.account(service));
    this.#store.access.opened(true);
    // The field appears with the next update.
    await Promise.resolve();
    const field = document.getElementById("token");
    if (!(field instanceof HTMLInputElement)) return;
    /** @type {HTMLDetailsElement} */ (field.closest("details")).open = true;
    field.focus();
    field.select();
  }

  /** The application of another sign-in, if that is what a service needs. @param {Service} service @returns {Application | undefined} */
  applicationFor(service) {
    if (this.#access.pasted(service) !== "" && this.#access.account(service) === undefined) return undefined;
    return this.#access.account(service)?.application ?? this.#store.state.applications[service.id];
  }

  /** @param {boolean} isOpen */
  opened(isOpen) {
    this.#store.access.opened(isOpen);
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
    void this.#part.loaded?.past.accountChanged();
  }

  /** Whether there is a token or sign-in; if not, shows a message beside the button that leads to one. */
  isThere(service = this.#store.state.service) {
    if (this.#access.isThere(service)) return true;
    if (service.id !== this.#store.state.service.id) this.chooseService(service.id);
    this.#store.access.refused(SIGN_IN.needed);
    document.getElementById("sign-in")?.focus();
    return false;
  }

  /** Whatever asks for a sign-in shares one window. It must be called within a click. @param {Application} application @param {Renewal} [renewal] */
  async #signIn(application, renewal = {}) {
    if (this.#isOpenFor(application)) return this.#attempt?.popup.focus();
    this.#closeWindow();
    const { service } = this.#store.state;
    const popup = openWindow();
    if (popup === null) return this.#store.access.signInFailed(SIGN_IN.blocked);
    const attempt = { popup, application };
    this.#attempt = attempt;
    this.#store.access.signingIn();
    try {
      const account = await signIn(service, application, popup, renewal);
      if (this.#attempt !== attempt) return;
      this.#closeWindow();
      this.#access.signIn(service, account);
      rememberApplication(service.id, application);
      this.#store.access.signedIn(account.name, application);
      this.#store.announced(SIGN_IN.done(account.name));
      this.#accountChanged();
      if (this.#isListNeeded()) await this.#list.read();
    } catch (error) {
      // A later sign-in or another Graph has replaced this one.
      if (this.#attempt !== attempt) return;
      this.#closeWindow();
      this.#store.access.signInFailed(messageOf(error));
    }
  }

  /** Whether the window of the latest sign-in is open, and for this application. @param {Application} application */
  #isOpenFor({ clientId, tenant }) {
    const { popup, application } = this.#attempt ?? {};
    return popup?.closed === false && application?.clientId === clientId && application.tenant === tenant;
  }

  /** Not while runs are waited for: then a sign-in only renews what the list was read with. */
  #isListNeeded() {
    const { list, runs } = this.#store.state;
    return list.kind !== "read" || !runs.some(isWaitedFor);
  }

  #closeWindow() {
    this.#attempt?.popup.close();
    this.#attempt = undefined;
  }
}
