// The page of `realms.test.mjs`. Each function gets the window of an iframe, which has another copy of the package.
import * as api from "/pkg/dist/index.js";

const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
/** @typedef {any} Frame the window of an iframe, whose types are those of another realm */

/** @param {Frame} frame */
const accept = ({ Response }) => new Response(null, { status: 202, headers: { location: "/teamwork/devices/d/operations/o" } });
/** @param {Frame} frame */
const polled = ({ Response }) =>
  new Response(JSON.stringify({ value: { id: "o", operationType: "deviceDiagnostics", status: "Successful" } }));
/** @param {Frame} frame */
const refuse = ({ Response }) => new Response("{}", { status: 403 });
/** @param {Promise<unknown>} call @returns {Promise<any>} */
const rejection = (call) =>
  call.then(
    () => undefined,
    (reason) => reason,
  );

/** Creates values of the frame's realm. @param {Frame} frame @param {string} text */
const made = (frame, text) => frame.Function(`return (${text})`)();

/** Options of the frame's realm, with a fetch that resolves to the frame's Response. @param {Frame} frame */
function optionsOf(frame, more = {}) {
  /** @param {string} _url @param {{ method: string }} init */
  const fetch = (_url, { method }) => frame.Promise.resolve(method === "POST" ? accept(frame) : polled(frame));
  return Object.assign(made(frame, "{}"), { fetch }, more);
}

window.realms = {
  async errors(frame) {
    const ofFrame = await rejection(frame.api.getOperation(LOCATION, { token: "t", fetch: async () => refuse(frame) }));
    const ofPage = await rejection(api.getOperation(LOCATION, { token: "t", fetch: async () => refuse(window) }));
    return {
      isOfThisRealm: ofFrame instanceof Error,
      ofFrame: api.isDiagnosticsError(ofFrame),
      ofPage: frame.api.isDiagnosticsError(ofPage),
      plain: [api.isDiagnosticsError(made(frame, 'new Error("e")')), frame.api.isDiagnosticsError(new Error("e"))],
      code: ofFrame.code,
    };
  },

  async foreign(frame) {
    /** @type {string[]} */
    const events = [];
    /** @type {string[][]} */
    const scopes = [];
    /** @param {api.TokenRequest} request */
    const token = (request) => {
      scopes.push(request.scopes);
      return frame.Promise.resolve("t");
    };
    const options = optionsOf(frame, {
      onProgress: (/** @type {api.ProgressEvent} */ { type }) => frame.Promise.resolve(events.push(type)),
      signal: made(frame, "new AbortController().signal"),
    });
    const location = await api.runDiagnostics(token, "d", options);
    const { status } = await api.waitForOperation(location, options);
    return { location, status, events, scopes };
  },

  async aborts(frame) {
    const controller = made(frame, "new AbortController()");
    const never = () => made(frame, "new Promise(() => {})");
    const call = rejection(api.runDiagnostics("t", "d", optionsOf(frame, { fetch: never, signal: controller.signal })));
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    const reason = await call;
    return { isReason: reason === controller.signal.reason, name: reason.name };
  },

  async polluted(frame) {
    /** @type {string[]} */
    const urls = [];
    made(frame, "Object").prototype.baseUrl = "https://elsewhere.example/beta";
    const fetch = async (/** @type {string} */ url) => {
      urls.push(url);
      return accept(window);
    };
    await api.runDiagnostics("t", "d", optionsOf(frame, { fetch }));
    return urls;
  },

  async removed(frame) {
    const options = optionsOf(frame, { token: "t", signal: made(frame, "new AbortController().signal") });
    let polls = 0;
    options.fetch = async () => Response.json({ id: "o", status: ++polls < 3 ? "InProgress" : "Successful" });
    const call = api.waitForOperation(LOCATION, { ...options, pollInterval: 50 });
    document.querySelector("iframe")?.remove();
    return (await call).status;
  },
};
