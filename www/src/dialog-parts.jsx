// What the dialogs have in common: a heading, and a text in a box of its own.

import { close } from "./messages.js";

/** @import { ComponentChildren } from "preact" */
/** @import { Actions } from "./actions.js" */

/** @param {{ title: string, text: string, children?: ComponentChildren }} properties */
export const Listing = ({ title, text, children }) => (
  <div class="listing">
    <div class="bar">
      <h3>{title}</h3>
      {children}
    </div>
    {/* Focusable with the Tab key, because it scrolls. */}
    {/* biome-ignore lint/a11y/useSemanticElements: its text is preformatted. */}
    <pre tabindex={0} role="region" aria-label={title}>
      <code>{text}</code>
    </pre>
  </div>
);

/** The heading, with a button that closes the dialog. @param {{ children: string, actions?: Pick<Actions, "closeDialog"> }} properties */
export const Heading = ({ children, actions }) => (
  <div class="bar">
    <h2 id="dialog-heading">{children}</h2>
    {actions && (
      <button type="button" autofocus onClick={() => actions.closeDialog()}>
        {close}
      </button>
    )}
  </div>
);
