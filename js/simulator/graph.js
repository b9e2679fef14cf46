// The simulated Graph as tests see it: a fetch that answers as Graph does, and what became of the requests.
import { fetchFrom } from "./fetch.js";
import { newInstance } from "./instance.js";

/** @import { SimulateGraphOptions, SimulatedDevice } from "../types/simulator.d.ts" */

/** The options that the wasm does not know. */
const OWN_OPTIONS = "`devices`, `tenant`, `origin`, `now`, ";

/** @param {SimulateGraphOptions | null} [options] */
export async function simulateGraph(options) {
  const { devices, tenant, origin = "https://graph.microsoft.com", now = () => Date.now(), ...settings } = options ?? {};
  if (typeof now !== "function") throw new TypeError("simulateGraph: options.now must be a function");
  if (devices !== undefined && typeof devices?.[Symbol.iterator] !== "function") {
    throw new TypeError("simulateGraph: options.devices must be an array or another iterable of devices");
  }
  const root = rootOf(origin);
  const { SimulatedGraph: Service } = await newInstance();
  const service = told("options", () => new Service(root, jsonOf(settings)), OWN_OPTIONS);
  const graph = new SimulatedGraph(service, root, () => timeOf(now()));
  if (!devices) service.addCatalogue();
  if (tenant !== undefined) graph.enterTenant(tenant);
  if (devices) Array.from(devices).forEach((device, at) => told(`options.devices[${at}]`, () => add(service, device)));
  return graph;
}

// Its methods are functions of their own, so that they can be taken out of it.
class SimulatedGraph {
  #service;
  #origin;
  #now;

  /** @param {any} service @param {string} origin @param {() => number} now */
  constructor(service, origin, now) {
    this.#service = service;
    this.#origin = origin;
    this.#now = now;
    this.fetch = fetchFrom(service, origin, now);
  }

  requests = () => {
    const requests = /** @type {any[]} */ (JSON.parse(this.#service.requests()));
    return requests.map(({ method, target, headers, body }) => {
      return { method, url: this.#origin + target, headers: Object.fromEntries(headers), body };
    });
  };

  operations = () => JSON.parse(told("options.now", () => this.#service.operations(this.#now())));

  addDevice = (/** @type {SimulatedDevice} */ device) => {
    told("device", () => add(this.#service, device));
  };

  enterTenant = (/** @type {string} */ name) => {
    if (this.#service.enter(String(name))) return;
    const names = this.tenants().map(({ name }) => name);
    throw new TypeError(`simulateGraph: there is no tenant "${name}". Choose one of ${names.join(", ")}`);
  };

  /** @returns {{ name: string, title: string, about: string }[]} */
  tenants = () => JSON.parse(this.#service.tenants()).tenants;

  get tenant() {
    return JSON.parse(this.#service.tenants()).tenant;
  }

  reset = () => {
    this.#service.reset();
  };
}

/** The time that the caller's clock shows. @param {unknown} shown */
function timeOf(shown) {
  const time = typeof shown === "number" || (typeof shown === "object" && shown !== null) ? Number(shown) : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new TypeError(`simulateGraph: options.now must return a time: milliseconds or a Date, not ${String(shown)}`);
}

/** The origin of a base URL, which may have a version. @param {unknown} given */
function rootOf(given) {
  try {
    const { origin } = new URL(String(given));
    if (origin !== "null") return origin;
  } catch {}
  throw new TypeError("simulateGraph: options.origin must be an origin, such as https://graph.microsoft.com");
}

/** @param {any} service @param {SimulatedDevice} device */
function add(service, device) {
  // A list or a Map would be read as the members of a device in their order.
  if (typeof device !== "object" || device === null || Symbol.iterator in device) throw "a device must be an object with an id";
  service.addDevice(jsonOf(device));
}

/** JSON in which what JSON leaves out is a text, so that it is refused and not ignored. @param {unknown} value */
const jsonOf = (value) => JSON.stringify(value, (_, member) => (isKept(member) ? member : String(member)));

/** @param {unknown} value */
const isKept = (value) => (typeof value === "number" ? Number.isFinite(value) : !["bigint", "function", "symbol"].includes(typeof value));

/**
 * What the wasm returns. What it throws says which member of a document is wrong.
 *
 * @template Result
 * @param {string} name of the document
 * @param {() => Result} act
 * @param {string} [more] names of members that the wasm does not know
 */
function told(name, act, more = "") {
  try {
    return act();
  } catch (problem) {
    if (typeof problem !== "string") throw problem;
    const [, path, text] = /^(?:(\S+): )?(.*?)(?: at line \d+ column \d+)?$/s.exec(problem) ?? [];
    const whole = text.replace(/(unknown field .*expected one of )/, `$1${more}`);
    throw new TypeError(`simulateGraph: ${path && path !== "." ? `${name}.${path}` : name}: ${whole}`);
  }
}
