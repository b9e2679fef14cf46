// The changes of the state by which somebody chooses a Graph, and gets access to it.

import { NO_DEVICES } from "./state.js";

/** @import { Application, KnownApplications } from "./applications.js" */
/** @import { Service } from "./service.js" */
/** @import { Tenants } from "./simulation.js" */
/** @import { Asking, Cell, SignIn } from "./state.js" */

export class AccessState {
  #cell;

  /** @param {Cell} cell */
  constructor(cell) {
    this.#cell = cell;
  }

  /** Clears the devices too, because another Graph has others. @param {Service} service @param {SignIn} signIn */
  serviceChosen(service, signIn) {
    this.#cell.change({ service, ...NO_DEVICES, signIn, isSigningIn: false, asking: undefined, accessProblem: "" });
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

  /** @param {KnownApplications} applications @param {string} accessProblem */
  applicationsKnown(applications, accessProblem) {
    this.#cell.change({ applications, accessProblem });
  }

  /** @param {Asking | undefined} asking */
  applicationAsked(asking) {
    this.#cell.change({ asking, accessProblem: "" });
  }

  signingIn() {
    this.#cell.change({ isSigningIn: true, accessProblem: "" });
  }

  /** Its application is the one that the next sign-in uses. @param {string} name @param {Application} application */
  signedIn(name, application) {
    const { applications, service } = this.#cell.state;
    const known = applications[service.id];
    const isSame = known?.clientId === application.clientId && known.tenant === application.tenant;
    if (!isSame) this.#cell.change({ applications: { ...applications, [service.id]: { ...application, from: "earlier" } } });
    this.signInChanged({ kind: "in", name });
  }

  /** @param {string} accessProblem */
  signInFailed(accessProblem) {
    this.#cell.change({ isSigningIn: false, isAccessOpen: true, accessProblem });
  }

  /** Access that changes is shown in one line. @param {SignIn} signIn */
  signInChanged(signIn) {
    this.#cell.change({ signIn, isSigningIn: false, isAccessOpen: false, asking: undefined, accessProblem: "" });
  }

  /** Shows everything about access, or only the line. @param {boolean} isAccessOpen */
  opened(isAccessOpen) {
    this.#cell.change({ isAccessOpen, accessProblem: "" });
  }

  /** @param {string} accessProblem */
  noticed(accessProblem) {
    this.#cell.change({ accessProblem });
  }

  /** Shows everything about access, and why nothing was done. @param {string} accessProblem */
  refused(accessProblem) {
    this.#cell.change({ accessProblem, isAccessOpen: true });
  }
}
