// @ts-check
// The view of what lies over the page: the question before many runs, the code of a run, its HTTP exchange.

import { codeForNode, codeForPortal } from "./code.js";
import { isOffline } from "./devices.js";
import { h, icon, render } from "./dom.js";
import { isSimulated } from "./service.js";
import { count } from "./words.js";

/** @import { Actions } from "./actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { Child } from "./dom.js" */
/** @import { State, Store } from "./store.js" */

/**
 * Shows, changes or closes the dialog. The browser itself gives the focus back to what had it before.
 *
 * @param {HTMLDialogElement} dialog
 * @param {State} state
 * @param {Store} store
 * @param {Actions} actions
 */
export function showDialog(dialog, state, store, actions) {
  const content = state.dialog && contentOf(state.dialog, state, store, actions);
  if (content === undefined) {
    if (dialog.open) dialog.close();
    return;
  }
  render(dialog, content);
  if (!dialog.open) dialog.showModal();
}

/**
 * @param {NonNullable<State["dialog"]>} dialog
 * @param {State} state
 * @param {Store} store
 * @param {Actions} actions
 * @returns {Child[] | undefined}
 */
function contentOf(dialog, state, store, actions) {
  if (dialog.kind === "confirm") return confirmation(dialog.devices, state, actions);
  if (dialog.kind === "text") return [heading("To be copied"), h("pre", { tabindex: 0, "aria-label": "Text" }, dialog.text), closing(actions)];
  const run = store.run(dialog.run);
  if (run === undefined) return undefined;
  if (dialog.kind === "exchange") {
    const text = run.exchange.toText();
    return [
      heading(`HTTP exchange: ${run.name}`),
      h("p", { class: "about", key: "about" }, "As this page could see it. Tokens are replaced by [token]; answers are shown whole, so look before you send it to anybody."),
      text === "" ? h("p", { key: "empty" }, "Nothing has been sent yet.") : listing("exchange", "Exchange", text, state, actions),
      closing(actions),
    ];
  }
  const { deviceId, service: { cloud, baseUrl } } = run;
  return [
    heading(`The code: ${run.name}`),
    h("p", { class: "about", key: "about" }, isSimulated(run.service) ? "This run, against the simulated Graph." : "This run. The token comes from your own sign-in."),
    h("h3", { key: "portal-title" }, "For a portal"),
    listing("portal", "TypeScript for a portal", codeForPortal({ deviceId, cloud, baseUrl }), state, actions),
    h("h3", { key: "node-title" }, "For Node"),
    listing("node", "TypeScript for Node", codeForNode({ deviceId, cloud, baseUrl }), state, actions),
    closing(actions),
  ];
}

/** @param {Device[]} devices @param {State} state @param {Actions} actions */
function confirmation(devices, { service }, actions) {
  const offline = devices.filter(isOffline).length;
  return [
    heading(`Run diagnostics on ${count(devices.length, "device")}?`),
    h("p", { key: "what" }, `Each device collects its logs, through ${isSimulated(service) ? "the simulated Graph" : `Graph, ${service.title}`}. Four are started at a time; a run cannot be called back.`),
    offline > 0 && h("p", { class: "message warn", key: "offline" }, icon("warning"),
      h("span", {}, `${count(offline, "device")} of them offline when Graph last heard, which can be ten minutes ago. Their runs stay queued until they are back.`)),
    h("div", { class: "buttons", key: "buttons" },
      h("button", { type: "button", class: "primary", onclick: () => actions.runConfirmed(devices) }, "Run"),
      h("button", { type: "button", autofocus: true, onclick: () => actions.closeDialog() }, "Not now")),
  ];
}

/** @param {string} key @param {string} label @param {string} text @param {State} state @param {Actions} actions */
function listing(key, label, text, { copied }, actions) {
  return h("div", { class: "listing", key },
    // With a stop for the Tab key: it scrolls.
    h("pre", { tabindex: 0, role: "region", "aria-label": label }, h("code", {}, text)),
    h("button", { type: "button", "aria-label": `Copy: ${label}`, onclick: () => actions.copy(text, key) }, copied === key ? "Copied" : "Copy"));
}

/** @param {string} text */
const heading = (text) => h("h2", { id: "dialog-heading", key: "heading" }, text);

/** @param {Actions} actions */
const closing = (actions) =>
  h("div", { class: "buttons", key: "closing" }, h("button", { type: "button", autofocus: true, onclick: () => actions.closeDialog() }, "Close"));
