// The examples that are programs: the variables that they assume, and how they are run in Node with a simulator.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { present } from "../shared/present.mjs";
import { startDiagnostics, startSimulator } from "../simulator/simulator.mjs";
import { customer, runInNode } from "./customer.mjs";
import { allExamples } from "./examples.mjs";

/**
 * @typedef {import("./examples.mjs").Example} Example
 *
 * Runs an example, and checks what comes of it.
 *
 * @typedef {(t: import("node:test").TestContext, example: Example) => void | Promise<void>} Run
 */

export const GRAPH = "https://graph.microsoft.com";

/** @typedef {[name: string, type: string, value: string]} Variable that an example assumes, with the value in these tests */

/** @type {Variable} */
const TOKEN = ["token", "string", '"a-token"'];
/** @type {Variable} */
const DEVICE = ["deviceId", "string", 'process.env.DEVICE ?? ""'];
/** @type {Variable} */
const LOCATION = ["location", "string", 'process.env.LOCATION ?? ""'];
/** Pressed a moment after Graph's first response. @type {Variable} */
const BUTTON = [
  "button",
  "HTMLButtonElement",
  "JSON.parse('{}'); Reflect.set(globalThis, 'responded', () => Reflect.apply(button.onclick ?? Object, button, []))",
];
/** @type {Variable} */
const TENANT = ["tenantId", "string", '"a-tenant"'];
/** @type {Variable} */
const CLIENT = ["clientId", "string", '"a-client"'];

/** The examples that are programs, with the variables that each assumes. @type {Record<string, Variable[]>} */
export const PROGRAMS = {
  quickstart: [],
  fleet: [TOKEN, DEVICE],
  resume: [TOKEN, DEVICE],
  msal: [TENANT, CLIENT, DEVICE],
  "azure-identity": [DEVICE],
  token: [DEVICE],
  clouds: [TOKEN, DEVICE],
  devices: [TOKEN],
  list: [TOKEN, DEVICE],
  conflict: [TOKEN, DEVICE],
  errors: [TOKEN, DEVICE],
  late: [TOKEN, DEVICE, BUTTON],
  init: [TOKEN, DEVICE],
  progress: [TOKEN, DEVICE],
  abort: [TOKEN, LOCATION, BUTTON],
  diagnose: [],
  "node-test": [],
  vitest: [],
  jest: [],
  "ways-in": [],
  faults: [],
  simulated: [],
};

export const found = allExamples();

/** @param {string} name */
export const named = (name) =>
  present(
    found.find((example) => example.name === name),
    name,
  );

/** The customer's folder during the tests. @type {ReturnType<typeof customer>} */
export let home;
before(() => {
  home = customer();
});
after(() => home?.remove());

/** An example after the declarations of the variables that it assumes. @param {Example} example */
export function program({ name, language, text }) {
  const lines = PROGRAMS[name].map(([name, type, value]) =>
    language === "ts" ? `const ${name}: ${type} = ${value};` : `/** @type {${type}} */ const ${name} = ${value};`,
  );
  return [...lines, text, "export {};", ""].join("\n");
}

/**
 * Runs an example in Node with its own simulator. Resolves to what was printed, and the requests that the simulator received.
 *
 * @typedef {{ line: string, token: string }} Sent
 * @typedef {{ device?: string, flags?: string[], graph?: string, code?: number, prepare?: (origin: string) => Promise<{ before?: number }> }} InNode
 *
 * @param {import("node:test").TestContext} t
 * @param {Example} example
 * @param {InNode & Record<string, any>} [options] with additional environment variables
 * @returns {Promise<{ stdout: string, stderr: string, printed: string[], sent: Sent[], posts: Sent[] }>}
 */
export async function inNode(t, example, { device = "successful", flags = [], graph = GRAPH, code = 0, prepare, ...env } = {}) {
  const { origin } = await startSimulator(t, ...flags);
  const prepared = await prepare?.(origin);
  const file = `${example.name}-${device}-${Math.random()}.mjs`;
  const settings = { DEVICE: device, GRAPH: graph, SIMULATOR: origin, ...prepared, ...env };
  const ended = await runInNode(home.folder, file, program(example), settings);
  // Only the end of the output, because for an error Node prints the whole line of a minified file.
  assert.equal(ended.code, code, `${ended.stdout}\n${ended.stderr.slice(-2_000)}`);
  /** @type {{ method: string, target: string, headers: Record<string, string> }[]} */
  const received = await (await fetch(`${origin}/simulator/requests`)).json();
  const before = prepared?.before ?? 0;
  const sent = received.slice(before).map(({ method, target, headers }) => ({ line: `${method} ${target}`, token: headers.authorization }));
  return { ...ended, printed: ended.stdout.split("\n"), sent, posts: sent.filter(({ line }) => line.startsWith("POST")) };
}

/** Starts a run before the example; the location is at the real Graph. @param {string} device */
export const started = (device) => async (/** @type {string} */ origin) => {
  const location = await startDiagnostics(origin, device);
  return { LOCATION: GRAPH + location.slice(origin.length), before: 1 };
};
