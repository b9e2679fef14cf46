// A small virtual DOM: `h` describes an element, and `render` updates the page to match. Text is never parsed as HTML.

/** @typedef {Description | string | number | boolean | null | undefined} Child */

/**
 * @typedef {object} Description
 * @property {string} tag
 * @property {string | number | undefined} key identifies an element among its siblings; without one its position does
 * @property {Record<string, unknown>} properties
 * @property {(Description | string)[]} children
 */

/** Set as properties, because the attributes are only the initial values. */
const LIVE = new Set(["value", "checked", "indeterminate"]);
const SVG = new Set(["svg", "use"]);

/** The last description of each element. @type {WeakMap<Node, Description>} */
const described = new WeakMap();

/**
 * Describes an element. Properties are attributes, except `on…` (handlers), `key`, and `opaque`: the content of an opaque element
 * is left alone, because other code writes it.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {Description}
 */
export function h(tag, { key, ...properties } = {}, ...children) {
  const present = children.flat().filter((child) => typeof child !== "boolean" && child !== null && child !== undefined && child !== "");
  return {
    tag,
    key: /** @type {string | number | undefined} */ (key),
    properties,
    children: present.map((child) => (typeof child === "number" ? String(child) : /** @type {Description | string} */ (child))),
  };
}

/**
 * One of the icons that are defined at the top of the page. It is hidden from screen readers, because the text beside it says the same.
 *
 * @param {string} name
 */
export function icon(name) {
  return h("svg", { class: "icon", "aria-hidden": "true" }, h("use", { href: `#icon-${name}` }));
}

/**
 * A view that is called again only if its arguments have changed.
 *
 * @template {unknown[]} Shown
 * @param {(...shown: Shown) => Description} view
 * @param {(...shown: Shown) => string | number} keyOf
 * @returns {(...shown: Shown) => Description}
 */
export function memoised(view, keyOf) {
  /** @type {Map<string | number, { shown: Shown, description: Description }>} */
  const last = new Map();
  return (...shown) => {
    const key = keyOf(...shown);
    const known = last.get(key);
    if (known?.shown.every((value, at) => value === shown[at])) return known.description;
    const description = view(...shown);
    last.set(key, { shown, description });
    return description;
  };
}

/**
 * Updates the content of `parent` to match. Existing elements stay, with their focus and typed text.
 *
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function render(parent, ...children) {
  arrange(parent, h("", {}, ...children).children);
}

/**
 * @param {Element} parent
 * @param {(Description | string)[]} wanted
 */
function arrange(parent, wanted) {
  const present = [...parent.childNodes];
  const nodes = wanted.map((child) => {
    const at = present.findIndex((node) => isSame(node, child));
    return at < 0 ? create(child) : update(present.splice(at, 1)[0], child);
  });
  for (const node of present) node.remove();
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}

/**
 * @param {Node} node
 * @param {Description | string} child
 */
function isSame(node, child) {
  const last = described.get(node);
  if (typeof child === "string") return node instanceof Text;
  return last !== undefined && last.tag === child.tag && last.key === child.key;
}

/** @param {Description | string} child */
function create(child) {
  if (typeof child === "string") return document.createTextNode(child);
  const created = SVG.has(child.tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", child.tag)
    : document.createElement(child.tag);
  return update(created, child);
}

/**
 * @param {Node} node
 * @param {Description | string} child
 */
function update(node, child) {
  if (typeof child === "string") {
    if (node.nodeValue !== child) node.nodeValue = child;
    return node;
  }
  const last = described.get(node);
  if (last === child) return node;
  const element = /** @type {Element} */ (node);
  // Children first, because the value of a select must be one of its options.
  if (!child.properties.opaque) arrange(element, child.children);
  for (const name of Object.keys(last?.properties ?? {})) if (!(name in child.properties)) set(element, name, undefined);
  for (const [name, value] of Object.entries(child.properties)) {
    if (LIVE.has(name) || last?.properties[name] !== value) set(element, name, value);
  }
  described.set(node, child);
  return node;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
function set(element, name, value) {
  const live = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (element));
  if (name === "opaque") return;
  if (name.startsWith("on")) live[name] = value ?? null;
  else if (LIVE.has(name)) {
    if (live[name] !== value) live[name] = value;
  } else if (value === undefined || value === null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** The error message of a field. @param {string} id @param {string} text */
export const problem = (id, text) => text !== "" && h("p", { class: "problem", id, key: id }, text);

/** A handler that passes on the chosen value. @param {(value: string) => void} act */
export const chosen =
  (act) =>
  (/** @type {Event} */ { target }) =>
    act(/** @type {HTMLSelectElement} */ (target).value);

/** A handler that passes on the typed text. @param {(value: string) => void} act */
export const typed =
  (act) =>
  (/** @type {Event} */ { target }) =>
    act(/** @type {HTMLInputElement} */ (target).value);
