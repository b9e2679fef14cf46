// Runs the callers on a page, each in a zone of zone.js.
import * as api from "/pkg/dist/index.js";
import { callAll } from "./callers.mjs";

const current = () => Zone.current.name;
/** @template Result @param {string} name @param {() => Result} run */
const inZone = (name, run) => Zone.root.fork({ name }).run(run);

/** @type {import("./callers.mjs").Contexts} */
const contexts = {
  inContext: inZone,
  current,
  readAll(list) {
    /** @returns {Promise<void>} */
    const read = () => list.next().then(({ done }) => (done ? undefined : read()));
    return read();
  },
};

export const callEverybody = () => callAll(api, contexts, 50);

let polled = 0;
export const polls = () => polled;

/** Waits in a zone until an event of the page ends the pause; resolves to the zones in which `fetch` and `token` ran. */
export function waitForWakeUp() {
  /** @type {string[]} */
  const zones = [];
  const respond = () => Response.json({ value: { id: "o", status: polled++ === 0 ? "Queued" : "Successful" } });
  const fetch = () => {
    zones.push(current());
    return Promise.resolve(respond());
  };
  const token = () => {
    zones.push(current());
    return "token";
  };
  const location = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
  return inZone("sleeper", () => api.waitForOperation(location, { token, fetch, pollInterval: 60_000 })).then(() => zones);
}
