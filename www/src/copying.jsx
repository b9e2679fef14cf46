// A button that copies a text, and the note that it was copied.

import { Icon } from "./elements.jsx";
import { BUTTONS, COPYING } from "./messages-runs.js";

/** @import { RunPageActions } from "./run-page-actions.js" */
/** @import { State } from "./state.js" */

/** The note after something was copied. */
export const Copied = () => (
  <span class="copied">
    <Icon name="successful" />
    {COPYING.done}
  </span>
);

/** @param {{ id: string, what: string, text: string, copied: State["copied"], actions: Pick<RunPageActions, "copy"> }} properties */
export const CopyButton = ({ id, what, text, copied, actions }) => (
  <span class="buttons">
    {copied === id && <Copied />}
    <button type="button" aria-label={COPYING.button(what)} onClick={() => actions.copy(text, id)}>
      {BUTTONS.copy}
    </button>
  </span>
);
