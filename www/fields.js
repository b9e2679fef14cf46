// @ts-check
// What fields have in common: what is wrong is said beside them, and what they hold is given to who acts on it.

import { h } from "./dom.js";

/** @param {string} id @param {string} text */
export const problem = (id, text) => text !== "" && h("p", { class: "problem", id, key: id }, text);

/** @param {(value: string) => void} act */
export const chosen = (act) => (/** @type {Event} */ { target }) => act(/** @type {HTMLSelectElement} */ (target).value);

/** @param {(value: string) => void} act */
export const typed = (act) => (/** @type {Event} */ { target }) => act(/** @type {HTMLInputElement} */ (target).value);
