// Elements and handlers that several views have in common.

import { Component } from "preact";

/** @import { ComponentChildren } from "preact" */

/**
 * One of the icons that are defined at the top of the page. It is hidden from screen readers, because the text beside it says the same.
 *
 * @param {{ name: string }} properties
 */
export const Icon = ({ name }) => (
  <svg class="icon" aria-hidden="true">
    <use href={`#icon-${name}`} />
  </svg>
);

/** The error message of a field. @param {{ id: string, text: string }} properties */
export const Problem = ({ id, text }) =>
  text !== "" && (
    <p class="problem" id={id}>
      {text}
    </p>
  );

/**
 * A message with a heading, such as why there is no list.
 *
 * @param {{ tone: string, icon: string, title: string, children?: ComponentChildren }} properties
 */
export const Message = ({ tone, icon, title, children }) => (
  <div class={`message ${tone}`}>
    <Icon name={icon} />
    <div>
      <h3>{title}</h3>
      {children}
    </div>
  </div>
);

/** A warning of one sentence. @param {{ children: ComponentChildren }} properties */
export const Warning = ({ children }) => (
  <p class="message warn">
    <Icon name="warning" />
    <span>{children}</span>
  </p>
);

/** A handler that passes on the chosen value. @param {(value: string) => void} act */
export const chosen = (act) => (/** @type {Event} */ event) => act(/** @type {HTMLSelectElement} */ (event.currentTarget).value);

/** A handler that passes on the typed text. @param {(value: string) => void} act */
export const typed = (act) => (/** @type {Event} */ event) => act(/** @type {HTMLInputElement} */ (event.currentTarget).value);

/**
 * A component that is rendered again only if one of its properties has changed.
 *
 * @template {{}} Properties
 * @extends {Component<Properties>}
 */
export class Pure extends Component {
  /** @param {Properties} next */
  shouldComponentUpdate(next) {
    const now = /** @type {Record<string, unknown>} */ (this.props);
    return Object.entries(next).some(([name, value]) => now[name] !== value);
  }
  /** @param {Properties} _properties @returns {ComponentChildren} */
  render(_properties) {
    return null;
  }
}
