// The view for the choice of Graph or a simulated tenant, and for the token or sign-in.

import { chosen, h, problem, typed } from "./dom.js";
import { isSimulated } from "./service.js";
import { loadMsal } from "./sign-in.js";

/** @import { Access } from "./access.js" */
/** @import { Actions } from "./actions.js" */
/** @import { State } from "./store.js" */

/** @param {State} state @param {Actions} actions @param {Access} access */
export function accessView(state, actions, access) {
  const { service, services, tenants, signIn } = state;
  const simulated = isSimulated(service);
  return [
    h(
      "div",
      { class: "fields" },
      h(
        "div",
        { class: "field" },
        h("label", { for: "graph" }, "Graph"),
        h(
          "select",
          { id: "graph", autocomplete: "off", value: service.id, onchange: chosen((id) => actions.chooseService(id)) },
          services.map(({ id, title }) => h("option", { value: id, key: id }, title)),
        ),
      ),
      simulated &&
        tenants &&
        h(
          "div",
          { class: "field wide", key: "tenant" },
          h("label", { for: "simulated-tenant" }, "Simulated tenant"),
          h(
            "select",
            { id: "simulated-tenant", autocomplete: "off", value: tenants.tenant, onchange: chosen((name) => actions.chooseTenant(name)) },
            tenants.tenants.map(({ name, title }) => h("option", { value: name, key: name }, title)),
          ),
        ),
      signIn.kind === "in" ? signedIn(signIn.name, actions) : tokenField(state, actions, access),
    ),
    h("p", { class: "about", id: "token-about", key: "about" }, simulated ? aboutSimulated(tenants) : ABOUT_TOKEN),
    !simulated && signIn.kind !== "in" && signInForm(state, actions),
  ];
}

const ABOUT_TOKEN = [
  "Needs ",
  h("code", {}, "TeamworkDevice.ReadWrite.All"),
  ". It stays in this tab's memory and is sent to the chosen Graph only.",
];

/** @param {State["tenants"]} tenants */
function aboutSimulated(tenants) {
  const tenant = tenants?.tenants.find(({ name }) => name === tenants.tenant);
  return [
    tenant && `${tenant.about} `,
    "Any token works, or none. ",
    h("code", {}, "expired"),
    ", ",
    h("code", {}, "no-roles"),
    " and ",
    h("code", {}, "read-only"),
    " have the effect of their name.",
  ];
}

/**
 * The token field. Each Graph has its own, so that a token for one is never sent to another.
 *
 * @param {State} state
 * @param {Actions} actions
 * @param {Access} access
 */
function tokenField({ service, accessProblem }, actions, access) {
  return h(
    "div",
    { class: "field grow", key: `token-${service.id}` },
    h("label", { for: "token" }, "Access token"),
    // Not of the type "password", because browsers offer to save those; CSS masks the text.
    h("input", {
      id: "token",
      type: "text",
      class: "secret",
      value: access.pasted(service),
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      "aria-describedby": "token-problem token-about",
      "aria-invalid": accessProblem !== "" && "true",
      oninput: typed((token) => actions.pasteToken(token)),
    }),
    problem("token-problem", accessProblem),
  );
}

/** @param {string} name @param {Actions} actions */
function signedIn(name, actions) {
  return h(
    "div",
    { class: "field grow", key: "signed-in" },
    h("span", { class: "label" }, "Access"),
    h(
      "p",
      { class: "signed-in" },
      h("span", {}, "Signed in as ", h("strong", {}, name)),
      h("button", { type: "button", onclick: () => actions.signOut() }, "Sign out"),
    ),
  );
}

/** @param {State} state @param {Actions} actions */
function signInForm({ signIn }, actions) {
  const isBusy = signIn.kind === "signingIn";
  return h(
    "details",
    { class: "sign-in", key: "sign-in", ontoggle: () => void loadMsal().catch(() => {}) },
    h("summary", {}, "Or sign in with Microsoft"),
    h(
      "form",
      { class: "fields", autocomplete: "off", novalidate: true, onsubmit: submitted(actions) },
      h(
        "div",
        { class: "field grow" },
        h("label", { for: "client-id" }, "Client id"),
        h("input", { id: "client-id", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" }),
      ),
      h(
        "div",
        { class: "field grow" },
        h("label", { for: "tenant-id" }, "Tenant"),
        h("input", {
          id: "tenant-id",
          type: "text",
          autocomplete: "off",
          autocapitalize: "off",
          spellcheck: "false",
          "aria-describedby": "sign-in-about",
        }),
      ),
      h("button", { type: "submit" }, "Sign in"),
    ),
    isBusy &&
      h(
        "p",
        { class: "about", key: "busy" },
        "Signing in, in Microsoft's window. If the window was closed or did not open, press Sign in again.",
      ),
    h(
      "p",
      { class: "about", id: "sign-in-about" },
      "The client id of an application in Entra, and the id or domain of its tenant. The application's single-page redirect URI must be ",
      h("code", {}, new URL("./signed-in.html", location.href).href),
      ".",
    ),
  );
}

/** @param {Actions} actions */
function submitted(actions) {
  return (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (form.querySelector(id));
    const empty = ["#client-id", "#tenant-id"].map(field).find(({ value }) => value.trim() === "");
    if (empty !== undefined) return empty.focus();
    return actions.signIn({ clientId: field("#client-id").value.trim(), tenant: field("#tenant-id").value.trim() });
  };
}
