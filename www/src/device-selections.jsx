// The view of the selections that are saved under names: choose, remove and save.

import { Icon } from "./elements.jsx";
import * as texts from "./messages-devices.js";

/** @import { TargetedEvent } from "preact" */
/** @import { Actions } from "./actions.js" */
/** @import { SavedSelection } from "./saved-selections.js" */

/** @param {{ saved: SavedSelection[], selected: number, actions: Actions }} properties */
export const DeviceSelections = ({ saved, selected, actions }) => (
  <>
    <button type="button" popovertarget="selections">
      {texts.selections}
    </button>
    {/* biome-ignore lint/a11y/useSemanticElements: it is no group of fields. */}
    <div id="selections" class="selections" popover="auto" role="group" aria-label={texts.selections}>
      {saved.length === 0 && <p class="about">{texts.noSelections}</p>}
      {saved.length > 0 && (
        <ul>
          {saved.map((selection) => (
            <Saved key={selection.name} selection={selection} actions={actions} />
          ))}
        </ul>
      )}
      <form autocomplete="off" onSubmit={named(actions)}>
        <div class="field">
          <label for="selection-name">{texts.selectionName}</label>
          <input id="selection-name" type="text" maxlength={60} required autocomplete="off" />
        </div>
        <button type="submit" aria-disabled={selected === 0}>
          {selected === 0 ? texts.saveNone : texts.save(selected)}
        </button>
      </form>
      <p class="about">{texts.kept}</p>
    </div>
  </>
);

/** @param {{ selection: SavedSelection, actions: Actions }} properties */
const Saved = ({ selection, actions }) => (
  <li>
    <button
      type="button"
      class="subtle"
      popovertarget="selections"
      popovertargetaction="hide"
      onClick={() => actions.devices.chooseSelection(selection)}
    >
      {texts.selection(selection.name, selection.devices.length)}
    </button>
    <button
      type="button"
      class="subtle"
      aria-label={texts.removeSelection(selection.name)}
      onClick={() => actions.devices.removeSelection(selection)}
    >
      <Icon name="failed" />
    </button>
  </li>
);

/** @param {Actions} actions */
function named(actions) {
  return (/** @type {TargetedEvent<HTMLFormElement>} */ event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const field = /** @type {HTMLInputElement} */ (form.querySelector("#selection-name"));
    if (!actions.devices.saveSelection(field.value.trim())) return;
    field.value = "";
    form.parentElement?.hidePopover();
  };
}
