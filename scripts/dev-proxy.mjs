// npm run dev-proxy: writes the files for Microsoft's Dev Proxy in .devproxy/, from the devices of the simulated Graph.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DIST } from "./modules.mjs";
import { ROOT } from "./tools.mjs";

/**
 * @typedef {object} Mock
 * @property {{ url: string, method: string, nth?: number }} request
 * @property {{ statusCode: number, headers: { name: string, value: string }[], body?: unknown }} response
 */

export const FOLDER = join(ROOT, ".devproxy");
const ORIGIN = "https://graph.microsoft.com";
const DEVICES = `${ORIGIN}/beta/teamwork/devices`;
const SCHEMAS = "https://raw.githubusercontent.com/dotnet/dev-proxy/main/schemas/v2.2.0";
const PLUGINS = "~appFolder/plugins/DevProxy.Plugins.dll";
const PACE = 1_000;
/** The most requests of one kind that a device gets: its operation has ended by then, or never ends. */
const MOST = { POST: 4, GET: 40 };
/** In milliseconds of the real time, in which every response comes at once. */
const HANGS_AFTER = 50;
/** Fields that belong to one exchange. */
const OF_EXCHANGE = ["cache-control", "client-request-id", "content-length", "date", "request-id"];

/** The files' names and texts. @returns {Promise<Record<string, string>>} */
export async function devProxyFiles() {
  const mocks = await allMocks();
  const configuration = {
    $schema: `${SCHEMAS}/rc.schema.json`,
    plugins: [{ name: "MockResponsePlugin", enabled: true, pluginPath: PLUGINS, configSection: "teamsDeviceMocks" }],
    urlsToWatch: [`${ORIGIN}/beta/teamwork/*`],
    teamsDeviceMocks: {
      $schema: `${SCHEMAS}/mockresponseplugin.schema.json`,
      mocksFile: "mocks.json",
      blockUnmockedRequests: true,
    },
  };
  const lines = mocks.map((mock) => `    ${JSON.stringify(mock)}`).join(",\n");
  const mocksFile = `{\n  "$schema": "${SCHEMAS}/mockresponseplugin.mocksfile.schema.json",\n  "mocks": [\n${lines}\n  ]\n}\n`;
  return { "devproxyrc.json": `${JSON.stringify(configuration, null, 2)}\n`, "mocks.json": mocksFile };
}

/** @returns {Promise<Mock[]>} */
async function allMocks() {
  const { simulateGraph } = await import(pathToFileURL(join(DIST, "simulator.js")).href);
  let time = Date.UTC(2026, 5, 1);
  const graph = await simulateGraph({ now: () => time, paceMs: PACE });
  const exchange = (/** @type {string} */ method, /** @type {string} */ url) => respond(graph.fetch, method, url);
  /** @type {Mock[]} */
  const mocks = [];
  const preflight = await exchange("OPTIONS", DEVICES);
  if (preflight) mocks.push(...inOrder("OPTIONS", `${DEVICES}*`, [preflight]));
  /** @type {string[]} */
  const ids = [];
  for (let url = DEVICES; url; ) {
    const page = /** @type {any} */ (await exchange("GET", url));
    mocks.push(...inOrder("GET", url, [page]));
    ids.push(...page.body.value.map((/** @type {{ id: string }} */ { id }) => id));
    const next = page.body["@odata.nextLink"];
    url = next && `${ORIGIN}/beta${next}`;
  }
  for (const id of ids) {
    const ofDevice = await mocksOf(id, exchange, () => (time += PACE));
    mocks.push(...ofDevice);
  }
  return mocks;
}

/**
 * The mocks of one device; none if it shows a lost connection, which Dev Proxy cannot mock.
 *
 * @param {string} id
 * @param {(method: string, url: string) => Promise<Mock["response"] | undefined>} exchange
 * @param {() => void} wait
 * @returns {Promise<Mock[]>}
 */
async function mocksOf(id, exchange, wait) {
  const [start, list] = [`${DEVICES}/${id}/runDiagnostics`, `${DEVICES}/${id}/operations`];
  const posts = await repeated(
    () => exchange("POST", start),
    MOST.POST,
    ({ statusCode }) => statusCode === 202,
    wait,
  );
  const before = /** @type {any} */ (await exchange("GET", list));
  const polled = posts && pollUrl(posts.at(-1), `${list}/${before.body.value[0]?.id}`);
  const polls = before.body.value.length > 0 ? await repeated(() => exchange("GET", polled ?? ""), MOST.GET, hasEnded, wait) : [];
  const after = await exchange("GET", list);
  if (!posts || !polls || !after) return [];
  return [...inOrder("POST", start, posts), ...inOrder("GET", polled ?? "", polls), ...inOrder("GET", list, [after])];
}

/** The URL of the polls: what the 202 names if that is at Graph, and otherwise what a search finds. @param {Mock["response"] | undefined} accepted @param {string} found */
function pollUrl(accepted, found) {
  const location = accepted?.headers.find(({ name }) => name === "location")?.value;
  if (location === undefined) return found;
  const url = location.startsWith("/teamwork/") ? `${ORIGIN}/beta${location}` : new URL(location, ORIGIN).href;
  return url.startsWith(`${ORIGIN}/`) ? url : found;
}

/** @param {Mock["response"]} poll */
function hasEnded({ statusCode, body }) {
  const operation = /** @type {any} */ (body)?.value ?? body;
  return statusCode === 200 && /^(succe|fail|cancel)/i.test(operation?.status ?? "");
}

/**
 * The responses to a request that is repeated, until one is the last; undefined if any did not come.
 *
 * @param {() => Promise<Mock["response"] | undefined>} exchange
 * @param {number} most
 * @param {(response: Mock["response"]) => boolean} isLast
 * @param {() => void} wait
 */
async function repeated(exchange, most, isLast, wait) {
  const responses = [];
  for (let count = 0; count < most; count++) {
    const response = await exchange();
    if (!response) return undefined;
    responses.push(response);
    if (isLast(response)) break;
    wait();
  }
  return responses;
}

/** The mocks of a request: one response after the other, and the last one from then on. @param {string} method @param {string} url @param {Mock["response"][]} responses @returns {Mock[]} */
function inOrder(method, url, responses) {
  const same = (/** @type {unknown} */ one, /** @type {unknown} */ other) => JSON.stringify(one) === JSON.stringify(other);
  const last = responses.at(-1);
  const changing = responses.slice(0, responses.findLastIndex((response) => !same(response, last)) + 1);
  const mocks = changing.map((response, at) => ({ request: { url, method, nth: at + 1 }, response }));
  return last ? [...mocks, { request: { url, method }, response: last }] : mocks;
}

/** @param {typeof globalThis.fetch} fetch @param {string} method @param {string} url @returns {Promise<Mock["response"] | undefined>} undefined if none comes */
async function respond(fetch, method, url) {
  // A timer of `AbortSignal.timeout` would not keep the program running while nothing else does.
  const hanging = new AbortController();
  const timer = setTimeout(() => hanging.abort(), HANGS_AFTER);
  try {
    const response = await fetch(url, { method, headers: { authorization: "Bearer any" }, redirect: "manual", signal: hanging.signal });
    const headers = [...response.headers].filter(([name]) => !OF_EXCHANGE.includes(name)).map(([name, value]) => ({ name, value }));
    const text = await response.text();
    return { statusCode: response.status, headers, ...(text && { body: parsed(text) }) };
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** The document of a text, without what belongs to one exchange; the text if it is none. @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text, (name, value) => (name === "innerError" ? undefined : value));
  } catch {
    return text;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await mkdir(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(await devProxyFiles())) await writeFile(join(FOLDER, name), text);
}
