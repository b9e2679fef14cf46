// The access tokens: a pasted one or MSAL's. They stay in memory, and each is used only for the Graph that it was given for.

import { isSimulated } from "./service.js";

/** @import { TokenFunction } from "./teams-device-diagnostics.js" */
/** @import { Service } from "./service.js" */

/** @typedef {{ name: string, token: TokenFunction }} Account */

/** The simulated Graph accepts any token. */
const SIMULATED_TOKEN = "simulated-token";

export class Access {
  /** @type {Map<string, string>} */
  #pasted = new Map();
  /** @type {Map<string, Account>} */
  #signedIn = new Map();

  /** @param {Service} service @param {string} token */
  paste({ id }, token) {
    if (token === "") this.#pasted.delete(id);
    else this.#pasted.set(id, token);
  }

  /** @param {Service} service */
  pasted({ id }) {
    return this.#pasted.get(id) ?? "";
  }

  /** @param {Service} service @param {Account} account */
  signIn({ id }, account) {
    this.#signedIn.set(id, account);
  }

  /** @param {Service} service */
  account({ id }) {
    return this.#signedIn.get(id);
  }

  /** @param {Service} service */
  signOut({ id }) {
    this.#signedIn.delete(id);
  }

  /** @param {Service} service */
  isThere(service) {
    return isSimulated(service) || this.#signedIn.has(service.id) || this.#pasted.has(service.id);
  }

  /**
   * The token function of a service. It is called before every request, so that runs in progress use a newer token too.
   *
   * @param {Service} service
   * @returns {TokenFunction}
   */
  tokenFor(service) {
    return (request) => {
      const account = this.#signedIn.get(service.id);
      if (account !== undefined) return account.token(request);
      return this.#pasted.get(service.id) ?? (isSimulated(service) ? SIMULATED_TOKEN : "");
    };
  }
}
