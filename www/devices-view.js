// The view of the devices: the actions, the filters, the table, and what to do if there are no devices.

import { deviceTable } from "./device-table.js";
import { isOffline } from "./devices.js";
import { chosen, h, icon, problem, typed } from "./dom.js";
import { clock, count, healthText, typeTitle } from "./format.js";

/** @import { Actions } from "./actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { Child } from "./dom.js" */
/** @import { State, Store } from "./store.js" */

/** @param {State} state @param {Store} store @param {Actions} actions */
export function devicesView(state, store, actions) {
  const rows = store.shown();
  const selected = store.chosen();
  const isReading = state.list.kind === "reading";
  const run = selected.length === 0 ? "Run diagnostics" : `Run diagnostics on ${count(selected.length, "device")}`;
  return [
    h(
      "div",
      { class: "toolbar", key: "toolbar", role: "toolbar", "aria-label": "Devices" },
      h(
        "button",
        {
          type: "button",
          class: "primary",
          key: "run",
          "aria-disabled": selected.length === 0 && "true",
          onclick: () => actions.run(),
        },
        icon("run"),
        run,
      ),
      h(
        "button",
        {
          type: "button",
          key: "list",
          "aria-disabled": isReading && "true",
          onclick: () => !isReading && actions.readList(),
        },
        icon("refresh"),
        "List devices",
      ),
    ),
    offlineWarning(selected.filter(isOffline)),
    listState(state),
    state.devices.length > 0 && filters(state, store),
    state.devices.length > 0 && summary(state, rows, selected),
    state.devices.length > 0 && rows.length === 0 && nothingFound(store),
    rows.length > 0 && deviceTable(state, rows, store),
    state.devices.length > 0 &&
      h(
        "p",
        { class: "about", key: "age" },
        "This is what Graph last knew: health and activity can be ten minutes old or older. Last seen is when Graph's record last changed.",
      ),
    addForm(state, actions),
  ];
}

/** @param {Device[]} offline */
function offlineWarning(offline) {
  if (offline.length === 0) return false;
  const those = offline.length === 1 ? `${offline[0].name} was` : `${offline.length} of the selected devices were`;
  return h(
    "p",
    { class: "message warn", key: "offline" },
    icon("warning"),
    h("span", {}, `${those} offline at last contact. You can start a run, but it stays queued until its device is back.`),
  );
}

/** The text in place of the table while there are no devices. @param {State} state @returns {Child} */
function listState({ list, devices }) {
  switch (list.kind) {
    case "unread":
      return (
        devices.length === 0 &&
        message(
          "quiet",
          "devices",
          "No devices yet",
          "List the devices of the tenant, or add devices by their ids below: either is enough for a run.",
        )
      );
    case "reading":
      return h(
        "div",
        { class: "message quiet reading", key: "reading" },
        h("progress", { "aria-label": "Reading the list" }),
        h("span", {}, list.read === 0 ? "Reading the list of devices…" : `Reading the list of devices… ${list.read} so far`),
      );
    case "read":
      return (
        devices.length === 0 &&
        message(
          "quiet",
          "devices",
          "The list is empty",
          "This tenant has no Teams devices, or none that this account may see. " +
            "If you know the id of a device, you can still run diagnostics on it: add it below.",
        )
      );
    case "failed":
      return failed(list);
  }
}

/** @param {Extract<State["list"], { kind: "failed" }>} list */
function failed({ message: text, error }) {
  const isForbidden = error?.code === "forbidden" || error?.code === "unauthorized";
  const title = isForbidden ? "Listing is not permitted" : "The devices could not be listed";
  return h(
    "div",
    { class: "message bad", role: "group", "aria-label": title, key: "failed" },
    icon(isForbidden ? "lock" : "failed"),
    h(
      "div",
      {},
      h("h3", {}, title),
      h("p", {}, text),
      error?.hint && h("p", { key: "hint" }, error.hint),
      h("p", { key: "instead" }, "The list is optional: paste device ids below, or drop the CSV export of the Teams admin center."),
      error?.requestId && h("p", { class: "about", key: "request" }, "request-id ", h("code", {}, error.requestId)),
    ),
  );
}

/** @param {string} tone @param {string} name @param {string} title @param {string} text */
function message(tone, name, title, text) {
  return h("div", { class: `message ${tone}`, key: title }, icon(name), h("div", {}, h("h3", {}, title), h("p", {}, text)));
}

/** @param {State} state @param {Store} store */
function filters({ devices, filter }, store) {
  return h(
    "div",
    { class: "fields", key: "filters", role: "search", "aria-label": "Devices" },
    h(
      "div",
      { class: "field grow" },
      h("label", { for: "search" }, "Search devices"),
      h("input", {
        id: "search",
        type: "search",
        value: filter.search,
        autocomplete: "off",
        spellcheck: "false",
        oninput: typed((search) => store.filterChanged({ search })),
      }),
    ),
    choice(
      "type",
      "Type",
      "All types",
      filter.type,
      options(devices, ({ type }) => type, typeTitle),
      (type) => store.filterChanged({ type }),
    ),
    choice(
      "health",
      "Health",
      "Any health",
      filter.health,
      options(
        devices,
        ({ health }) => health,
        (word) => healthText(word).title,
      ),
      (health) => store.filterChanged({ health }),
    ),
  );
}

/**
 * @param {string} id
 * @param {string} label
 * @param {string} all
 * @param {string} value
 * @param {[string, string][]} options
 * @param {(value: string) => void} act
 */
function choice(id, label, all, value, options, act) {
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    h(
      "select",
      { id, autocomplete: "off", value, onchange: chosen(act) },
      h("option", { value: "", key: "" }, all),
      options.map(([value, title]) => h("option", { value, key: value }, title)),
    ),
  );
}

/**
 * The options of a filter: each value with its title, sorted by title.
 *
 * @param {Device[]} devices
 * @param {(device: Device) => string} of
 * @param {(word: string) => string} title
 */
function options(devices, of, title) {
  const words = [...new Set(devices.map(of))].filter((word) => word !== "");
  return words.map((word) => /** @type {[string, string]} */ ([word, title(word)])).sort(([, a], [, b]) => a.localeCompare(b));
}

/** @param {State} state @param {Device[]} rows @param {Device[]} selected */
function summary({ devices, list }, rows, selected) {
  const hidden = selected.filter((device) => !rows.includes(device)).length;
  const all = count(devices.length, "device");
  return h(
    "p",
    { class: "summary", key: "summary" },
    h("span", { key: "shown" }, rows.length === devices.length ? all : `${rows.length} of ${all}`),
    selected.length > 0 &&
      h("span", { key: "selected" }, `${selected.length} selected${hidden > 0 ? `, ${hidden} of them not shown` : ""}`),
    list.kind === "read" && h("span", { key: "at" }, `Listed at ${clock(list.at)}`),
  );
}

/** @param {Store} store */
function nothingFound(store) {
  return h(
    "div",
    { class: "message quiet", key: "nothing" },
    icon("search"),
    h(
      "div",
      {},
      h("h3", {}, "No device matches"),
      h(
        "p",
        {},
        h("button", { type: "button", onclick: () => store.filterChanged({ search: "", type: "", health: "" }) }, "Show all devices"),
      ),
    ),
  );
}

/** @param {State} state @param {Actions} actions */
function addForm({ addProblem }, actions) {
  return h(
    "form",
    { class: "add", key: "add", autocomplete: "off", novalidate: true, onsubmit: submitted(actions) },
    h("h3", { class: "add-title" }, "Add by id"),
    h(
      "div",
      { class: "field" },
      h("label", { for: "ids" }, "Device ids"),
      h("textarea", {
        id: "ids",
        rows: 2,
        autocomplete: "off",
        autocapitalize: "off",
        spellcheck: "false",
        "aria-describedby": "add-problem ids-about",
        "aria-invalid": addProblem !== "" && "true",
      }),
      h("p", { class: "about", id: "ids-about" }, "One or many, separated by spaces, commas or lines."),
      h("button", { type: "submit" }, icon("add"), "Add ids"),
    ),
    h(
      "div",
      { class: "field drop" },
      h("label", { for: "csv" }, "CSV export of the Teams admin center"),
      h("input", { id: "csv", type: "file", accept: ".csv,text/csv", "aria-describedby": "csv-about", onchange: picked(actions) }),
      h(
        "p",
        { class: "about", id: "csv-about" },
        "Drop it here, or choose it: the ids are read from its column Device Id. The file stays on this computer.",
      ),
    ),
    problem("add-problem", addProblem),
  );
}

/** @param {Actions} actions */
function submitted(actions) {
  return (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLTextAreaElement} */ (/** @type {HTMLFormElement} */ (event.currentTarget).querySelector("#ids"));
    if (actions.addIds(field.value)) field.value = "";
    else field.focus();
  };
}

/** @param {Actions} actions */
function picked(actions) {
  return (/** @type {Event} */ { target }) => {
    const field = /** @type {HTMLInputElement} */ (target);
    const [file] = field.files ?? [];
    if (file === undefined) return;
    // Cleared, so that the same file can be chosen again after it was corrected.
    void actions.addFile(file).then(() => {
      field.value = "";
    });
  };
}
