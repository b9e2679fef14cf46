// The view of the dialogs: the confirmation of many runs, the code of a run, its HTTP log, and texts to copy.

import { nodeSnippet, portalSnippet } from "./snippets.js";
import { isOffline } from "./devices.js";
import { h, icon, render } from "./dom.js";
import { isSimulated } from "./service.js";
import { count } from "./format.js";

/** @import { Actions } from "./actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { Child } from "./dom.js" */
/** @import { Run } from "./run.js" */
/** @import { State, Store } from "./store.js" */

/**
 * Shows, changes or closes the dialog. When it closes, the browser restores the focus.
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
    render(dialog);
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
  if (dialog.kind === "text") return [heading("Copy this text", actions), listing("text", "Text", dialog.text)];
  const run = store.run(dialog.run);
  if (run === undefined) return undefined;
  return dialog.kind === "httpLog" ? httpLogContent(run, state, actions) : code(run, state, actions);
}

/** @param {Run} run @param {State} state @param {Actions} actions */
function httpLogContent({ name, httpLog }, state, actions) {
  const text = httpLog.toText();
  return [
    heading(`HTTP exchange: ${name}`, actions),
    h(
      "p",
      { class: "about", key: "about" },
      "The exchange as this page could see it. Tokens are replaced by [token]. The rest is unchanged, so read it before you send it to anybody.",
    ),
    text === ""
      ? h("p", { key: "empty" }, "Nothing has been sent yet.")
      : listing("httpLog", "Requests and responses", text, copying("httpLog", "the HTTP exchange", text, state, actions)),
  ];
}

/** @param {Run} run @param {State} state @param {Actions} actions */
function code({ name, deviceId, service }, state, actions) {
  const { cloud, baseUrl } = service;
  const portal = portalSnippet({ deviceId, cloud, baseUrl });
  const node = nodeSnippet({ deviceId, cloud, baseUrl });
  return [
    heading(`The code: ${name}`, actions),
    h(
      "p",
      { class: "about", key: "about" },
      baseUrl !== undefined
        ? "The code of this run, against the simulated Graph."
        : "The code of this run. The token comes from your own sign-in.",
    ),
    listing("portal", "TypeScript for a portal", portal, copying("portal", "the code for a portal", portal, state, actions)),
    listing("node", "TypeScript for Node", node, copying("node", "the code for Node", node, state, actions)),
  ];
}

/** @param {Device[]} devices @param {State} state @param {Actions} actions */
function confirmation(devices, { service }, actions) {
  const offline = devices.filter(isOffline).length;
  const graph = isSimulated(service) ? "the simulated Graph" : `Graph, ${service.title}`;
  return [
    heading(`Run diagnostics on ${count(devices.length, "device")}?`),
    h("p", { key: "what" }, `Each device collects its logs, through ${graph}. Four are started at a time; a run cannot be stopped.`),
    offline > 0 &&
      h(
        "p",
        { class: "message warn", key: "offline" },
        icon("warning"),
        h(
          "span",
          {},
          `${offline} of them ${offline === 1 ? "was" : "were"} offline at last contact, ten minutes ago or more. ` +
            "A run stays queued until its device is back.",
        ),
      ),
    h(
      "div",
      { class: "buttons", key: "buttons" },
      h("button", { type: "button", class: "primary", onclick: () => actions.runConfirmed(devices) }, "Run"),
      h("button", { type: "button", autofocus: true, onclick: () => actions.closeDialog() }, "Not now"),
    ),
  ];
}

/** @param {string} key @param {string} title @param {string} text @param {Child} [button] */
function listing(key, title, text, button) {
  return h(
    "div",
    { class: "listing", key },
    h("div", { class: "bar" }, h("h3", {}, title), button),
    // Focusable with the Tab key, because it scrolls.
    h("pre", { tabindex: 0, role: "region", "aria-label": title }, h("code", {}, text)),
  );
}

/** @param {string} key @param {string} what @param {string} text @param {State} state @param {Actions} actions */
function copying(key, what, text, { copied }, actions) {
  return h(
    "span",
    { class: "buttons" },
    copied === key && h("span", { class: "copied", key: "copied" }, icon("successful"), "Copied"),
    h("button", { type: "button", key: "copy", "aria-label": `Copy ${what}`, onclick: () => actions.copy(text, key) }, "Copy"),
  );
}

/** @param {string} text @param {Actions} [actions] with a button to close it */
function heading(text, actions) {
  return h(
    "div",
    { class: "bar", key: "heading" },
    h("h2", { id: "dialog-heading" }, text),
    actions && h("button", { type: "button", autofocus: true, onclick: () => actions.closeDialog() }, "Close"),
  );
}
