// simulate: serves a simulated Graph and the page until it is ended. What this needs is loaded here only, because no other command does.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { EXIT, codeOf, messageOf, otherError, usageError } from "../failure.js";
import { readText } from "../text-file.js";

/** @import { SimulateGraphOptions, SimulatedDevice, SimulatedGraph, SimulatedTenantName } from "teams-device-diagnostics/simulator" */
/** @import { Context } from "../context.js" */

/**
 * @typedef {object} Options
 * @property {number} [port]
 * @property {string} [www]
 * @property {boolean} [exitWithStdin]
 * @property {SimulatedTenantName} [tenant]
 * @property {string} [devices]
 * @property {number} [paceMs]
 * @property {number} [requestsPerSecond]
 * @property {"relative" | "versioned" | "absolute" | "quoted"} [location]
 * @property {boolean} [bare]
 * @property {"iso" | "hyphens"} [dates]
 * @property {"relative" | "absolute"} [nextLink]
 * @property {boolean} [cacheable]
 * @property {boolean} [hideRetryAfter]
 * @property {boolean} [hideLocation]
 */

/** The page lies beside the bundled command. */
const PAGE = fileURLToPath(new URL("page", import.meta.url));

/** @param {Context} context @param {Options} options @returns {Promise<number>} */
export async function simulate({ output, interruption: { signal } }, options) {
  const { port = 8787, www = PAGE, exitWithStdin = false } = options;
  const devices = options.devices === undefined ? [] : await devicesOf(options.devices, signal);
  if (!existsSync(join(www, "index.html")))
    throw usageError(`--www: ${www} has no index.html`, "Name a folder with the page, or leave --www out.");
  const { serve } = await import("../server/serve.js");
  const createGraph = (/** @type {string} */ origin) => graphOf(origin, options, devices);
  const origin = await serve({ port, www, createGraph }).catch((error) => {
    throw explained(error, port);
  });
  output.line(`Simulated Microsoft Graph on ${origin}`);
  if (output.out.isTerminal) output.note(`The page is ${origin}/ and the base URL of Graph ${origin}/beta. Ctrl-C ends it.`);
  const ends = [signal.aborted ? undefined : once(signal, "abort")];
  // A standard input that cannot be read has ended, too.
  if (exitWithStdin)
    ends.push(
      finished(process.stdin.resume(), { writable: false }).then(
        () => [],
        () => [],
      ),
    );
  await Promise.race(ends);
  await output.flush();
  // Requests in flight and a pending read of standard input must not keep the command running.
  process.exit(EXIT.allSuccessful);
}

/** @param {string} origin @param {Options} options @param {SimulatedDevice[]} devices */
async function graphOf(origin, options, devices) {
  const { simulateGraph } = await import("teams-device-diagnostics/simulator");
  const { tenant, paceMs, requestsPerSecond, location, bare, dates, nextLink, cacheable, hideRetryAfter, hideLocation } = options;
  /** @type {SimulateGraphOptions} */
  const given = {
    origin,
    tenant,
    paceMs,
    requestsPerSecond,
    location: location === "quoted" ? "quotedKeys" : location,
    envelope: bare ? "bare" : "wrapped",
    dates,
    nextLink,
    cacheable,
    exposeRetryAfter: !hideRetryAfter,
    exposeLocation: !hideLocation,
  };
  const graph = await simulateGraph(given);
  devices.forEach((device, at) => addDevice(graph, device, `${options.devices}: [${at}]`));
  return graph;
}

/** @param {SimulatedGraph} graph @param {SimulatedDevice} device @param {string} name where it is from */
function addDevice(graph, device, name) {
  try {
    graph.addDevice(device);
  } catch (error) {
    const what = messageOf(error).replace(/^simulateGraph: device/, "");
    throw usageError(`--devices: ${name}${what}`, "The types of teams-device-diagnostics/simulator describe every member.");
  }
}

/** The devices of a file, which the simulated Graph checks. @param {string} name @param {AbortSignal} signal @returns {Promise<SimulatedDevice[]>} */
async function devicesOf(name, signal) {
  const text = await readText(name, { option: "--devices", signal });
  const hint = 'Write a list of devices, such as [{ "id": "room-42", "deviceType": "teamsRoom" }].';
  try {
    const devices = JSON.parse(text);
    if (Array.isArray(devices)) return devices;
  } catch (error) {
    throw usageError(`--devices: ${name} is no JSON: ${messageOf(error)}`, hint);
  }
  throw usageError(`--devices: ${name} is no list`, hint);
}

/** An error of the socket, in words. @param {unknown} error @param {number} port */
function explained(error, port) {
  const hint = "Choose another one with --port, or let --port 0 pick a free one.";
  if (codeOf(error) === "EADDRINUSE") return otherError(`Port ${port} is in use by another program`, hint);
  if (codeOf(error) === "EACCES") return otherError(`Port ${port} needs more permissions than this user has`, hint);
  return error;
}
