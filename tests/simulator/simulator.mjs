// Starts the simulator on a free port for a test, and ends it after the test. `simulator/tests` tests the same behaviour with a virtual
// clock.

import { once } from "node:events";
import { createInterface } from "node:readline";
import { spawnSimulator } from "../../scripts/simulator.mjs";
import { matched } from "../../scripts/tools.mjs";

/**
 * Starts a simulator that ends after the test.
 *
 * @param {import("node:test").TestContext} t
 * @param {...string} flags
 * @returns {Promise<{ origin: string, program: import("node:child_process").ChildProcessByStdio<import("node:stream").Writable, import("node:stream").Readable, null> }>}
 */
export async function startSimulator(t, ...flags) {
  const program = spawnSimulator(["--port", "0", "--pace-ms", "20", ...flags]);
  t.after(() => program.stdin.end());
  const [greeting] = await Promise.race([
    once(createInterface(program.stdout), "line"),
    once(program, "exit").then(() => Promise.reject(new Error("the simulator ended before it listened"))),
  ]);
  const [origin] = matched(/http:\S+/, greeting);
  return { origin, program };
}

/** Sends a request with a token that has all permissions. @param {string} url @param {RequestInit & { token?: string }} [options] */
export function send(url, { method = "GET", token = "any", ...init } = {}) {
  return fetch(url, { method, redirect: "manual", ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
}

/**
 * Starts diagnostics, and resolves to the URL of the operation.
 *
 * @param {string} origin
 * @param {string} device
 */
export async function startDiagnostics(origin, device) {
  const response = await send(`${origin}/beta/teamwork/devices/${device}/runDiagnostics`, { method: "POST" });
  if (response.status !== 202) throw new Error(`${device}: ${response.status}`);
  return `${origin}/beta${response.headers.get("location")}`;
}

/**
 * Polls an operation until it is in one of the states.
 *
 * @param {string} url
 * @param {...string} statuses
 */
export async function waitFor(url, ...statuses) {
  for (;;) {
    const { value } = await (await send(url)).json();
    if (statuses.includes(value.status)) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
