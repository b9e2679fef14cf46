// The changes of the state by which somebody chooses a Graph, and gets access to it.

import { NO_DEVICES } from "./state.js";

/** @import { Service } from "./service.js" */
/** @import { Tenants } from "./simulation.js" */
/** @import { Cell, SignIn } from "./state.js" */

export class AccessState {
  #cell;

  /** @param {Cell} cell */
  constructor(cell) {
    this.#cell = cell;
  }

  /** Clears the devices too, because another Graph has others. @param {Service} service @param {SignIn} signIn */
  serviceChosen(service, signIn) {
    this.#cell.change({ service, ...NO_DEVICES, signIn, accessProblem: "" });
  }

  /** @param {Tenants} tenants */
  tenantsRead(tenants) {
    this.#cell.change({ tenants });
  }

  /** @param {string} tenant */
  tenantEntered(tenant) {
    const { tenants } = this.#cell.state;
    this.#cell.change({ ...NO_DEVICES, tenants: tenants && { ...tenants, tenant } });
  }

  /** @param {SignIn} signIn */
  signInChanged(signIn) {
    this.#cell.change({ signIn, accessProblem: "" });
  }

  /** @param {string} accessProblem */
  refused(accessProblem) {
    this.#cell.change({ accessProblem });
  }
}
