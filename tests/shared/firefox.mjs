// The distribution's Firefox through geckodriver, because Playwright supports only its own Firefox.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { environment } from "../../scripts/tools.mjs";

/**
 * Starts a headless Firefox. `send` sends a command of <https://www.w3.org/TR/webdriver2/>.
 *
 * @typedef {(method: string, path: string, parameters?: object) => Promise<any>} Send resolves to what the command defines
 *
 * @param {object} capabilities additional ones
 */
export async function launchFirefox(capabilities = {}) {
  const driver = spawn("geckodriver", ["--port", "0"], { env: environment(), stdio: ["ignore", "pipe", "ignore"] });
  try {
    const send = await startSession(await portOf(driver), capabilities);
    const close = async () => {
      await send("DELETE", "");
      driver.kill();
    };
    return { send, close };
  } catch (error) {
    driver.kill();
    throw error;
  }
}

/**
 * The port of geckodriver, from its output.
 *
 * @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, null>} driver
 * @returns {Promise<string>}
 */
function portOf(driver) {
  return new Promise((resolve, reject) => {
    driver.on("error", reject);
    driver.on("exit", (code) => reject(new Error(`geckodriver ended at once (exit code ${code})`)));
    createInterface(driver.stdout).on("line", (line) => {
      const found = /Listening on .*:(\d+)/.exec(line);
      if (found) resolve(found[1]);
    });
  });
}

/** @param {string} port @param {object} capabilities @returns {Promise<Send>} */
async function startSession(port, capabilities) {
  /** @type {Send} */
  const command = async (method, path, parameters) => {
    const headers = { "content-type": "application/json" };
    const body = method === "POST" ? JSON.stringify(parameters) : undefined;
    const response = await fetch(`http://127.0.0.1:${port}/session${path}`, { method, headers, body });
    const { value } = await response.json();
    if (!response.ok) throw new Error(value.message);
    return value;
  };
  const alwaysMatch = { browserName: "firefox", "moz:firefoxOptions": { args: ["-headless"] }, ...capabilities };
  const { sessionId } = await command("POST", "", { capabilities: { alwaysMatch } });
  return (method, path, parameters) => command(method, `/${sessionId}${path}`, parameters);
}
