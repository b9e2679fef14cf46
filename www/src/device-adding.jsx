// The fields by which the user adds devices: pasted ids, and files.

import { Icon, Problem } from "./elements.jsx";
import { memoised } from "./memoised.js";
import * as texts from "./messages-devices.js";

/** @import { TargetedEvent } from "preact" */
/** @import { Actions } from "./actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** @param {{ state: State, store: Store, actions: Actions }} properties */
export const AddForm = ({ state: { devices, addProblem, addNote }, store, actions }) => (
  <form class="add" autocomplete="off" noValidate onSubmit={submitted(actions)}>
    <h3 class="add-title">{texts.addTitle}</h3>
    <div class="field">
      <label for="ids">{texts.ids}</label>
      <textarea
        id="ids"
        rows={2}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-describedby="add-problem ids-about"
        aria-invalid={addProblem !== ""}
      />
      <p class="about" id="ids-about">
        {texts.idsAbout}
      </p>
      <button type="submit">
        <Icon name="add" />
        {texts.add}
      </button>
    </div>
    <div class="field drop">
      <label for="csv">{texts.file}</label>
      <input id="csv" type="file" multiple accept=".csv,.txt,.json,text/csv" aria-describedby="csv-about" onChange={picked(actions)} />
      <p class="about" id="csv-about">
        {texts.fileAbout}
      </p>
    </div>
    <Problem id="add-problem" text={addProblem} />
    {addNote !== "" && <p class="add-note">{addNote}</p>}
    <RemoveAdded added={addedAmong(devices)} store={store} />
  </form>
);

const addedAmong = memoised((/** @type {Device[]} */ devices) => devices.filter(({ added }) => added).length);

/** @param {{ added: number, store: Store }} properties */
const RemoveAdded = ({ added, store }) =>
  added > 0 && (
    <button type="button" class="remove-added" onClick={() => store.devices.addedRemoved()}>
      {texts.removeAdded(added)}
    </button>
  );

/** @param {Actions} actions */
function submitted(actions) {
  return (/** @type {TargetedEvent<HTMLFormElement>} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLTextAreaElement} */ (event.currentTarget.querySelector("#ids"));
    if (actions.devices.addIds(field.value)) field.value = "";
    else field.focus();
  };
}

/** @param {Actions} actions */
function picked(actions) {
  return (/** @type {TargetedEvent<HTMLInputElement>} */ { currentTarget: field }) => {
    const files = [...(field.files ?? [])];
    if (files.length === 0) return;
    // Cleared, so that the same files can be chosen again after they were corrected.
    void actions.devices.addFiles(files).then(() => {
      field.value = "";
    });
  };
}
