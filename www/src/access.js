// The access tokens: a pasted one or MSAL's. They stay in memory, and each is used only for the Graph that it was given for.

import { ownerOfToken } from "./owner.js";
import { isSimulated } from "./service.js";

/** @import { Application } from "./applications.js" */
/** @import { TokenFunction } from "./teams-device-diagnostics.js" */
/** @import { Service } from "./service.js" */

/** `application` is that with which somebody signed in, `claims` what Graph demands of another sign-in. @typedef {{ name: string, owner: string, token: TokenFunction, application?: Application, claims?: string }} Account */

/** The simulated Graph accepts any token. */
const SIMULATED_TOKEN = "simulated-token";
/** How often a token is given after Graph has refused one: it is asked for before the pause can end, and again for the request. */
const MOST_TIMES = 2;
/** The time after which MSAL is asked again for a token while runs are paused. */
const RENEWAL_MS = 30_000;

export class Access {
  /** What is in the fields for tokens; it may be typed only in part. @type {Map<string, string>} */
  #typed = new Map();
  /** @type {Map<string, string>} */
  #pasted = new Map();
  /** @type {Map<string, Account>} */
  #signedIn = new Map();
  /** What waits for another token. @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {Service} service @param {string} token which may not be complete yet */
  type({ id }, token) {
    this.#typed.set(id, token);
  }

  /** @param {Service} service */
  typed({ id }) {
    return this.#typed.get(id) ?? "";
  }

  /** Uses what is in the field from now on, in place of a sign-in. @param {Service} service */
  paste({ id }) {
    const token = this.#typed.get(id) ?? "";
    if (token === "") this.#pasted.delete(id);
    else {
      this.#pasted.set(id, token);
      this.#signedIn.delete(id);
    }
    this.recheck();
  }

  /** @param {Service} service */
  pasted({ id }) {
    return this.#pasted.get(id) ?? "";
  }

  /** Uses an account from now on, in place of a token. @param {Service} service @param {Account} account */
  signIn(service, account) {
    this.signOut(service);
    this.#signedIn.set(service.id, account);
    this.recheck();
  }

  /** @param {Service} service */
  account({ id }) {
    return this.#signedIn.get(id);
  }

  /** Nobody has access any more. @param {Service} service */
  signOut({ id }) {
    this.#signedIn.delete(id);
    this.#pasted.delete(id);
    this.#typed.delete(id);
  }

  /** Whether there is a token or sign-in; with an owner, one of that account. @param {Service} service @param {string} [owner] */
  isThere(service, owner) {
    if (isSimulated(service)) return true;
    return this.#source(service) !== undefined && (owner === undefined || owner === this.owner(service));
  }

  /** Resolves when there is access by the account. @param {Service} service @param {string} [owner] */
  async given(service, owner) {
    while (!this.isThere(service, owner)) await this.#change();
  }

  /** The account that has access, as the history names it. @param {Service} service */
  owner(service) {
    const { id } = service;
    // The simulated Graph has no accounts.
    if (isSimulated(service)) return "";
    return this.#signedIn.get(id)?.owner ?? ownerOfToken(this.#pasted.get(id));
  }

  /**
   * The token function of a service. It is called before every request, so that runs in progress use a newer token too. After a refused
   * token it waits for another one, so that paused runs go on at once. MSAL may also get one by itself.
   *
   * @param {Service} service
   * @param {() => boolean} [isRefused] whether Graph has refused the last token
   * @returns {TokenFunction}
   */
  tokenFor(service, isRefused = () => false) {
    /** What gave the last token. @type {unknown} */
    let given;
    let times = 0;
    return async (request) => {
      const isUsedUp = () => isRefused() && times >= MOST_TIMES && this.#source(service) === given;
      if (isUsedUp() && this.#signedIn.has(service.id)) await this.#change(RENEWAL_MS);
      else while (isUsedUp()) await this.#change();
      // What was given before the refusal is refused.
      times = !isRefused() ? MOST_TIMES : this.#source(service) === given ? times + 1 : 1;
      given = this.#source(service);
      const account = this.#signedIn.get(service.id);
      if (account !== undefined) return account.token(request);
      return this.#pasted.get(service.id) ?? (isSimulated(service) ? SIMULATED_TOKEN : "");
    };
  }

  /** Lets what waits for another token see whether it still has to. */
  recheck() {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** @param {Service} service */
  #source({ id }) {
    return this.#signedIn.get(id) ?? this.#pasted.get(id);
  }

  /** Resolves when somebody pastes a token or signs in, when a pause has ended, or after a time. @param {number} [ms] @returns {Promise<void>} */
  #change(ms) {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      if (ms !== undefined) setTimeout(resolve, ms);
    });
  }
}
