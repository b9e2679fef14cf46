// Credentials of @azure/identity: their token is shared by all calls, and kept until two minutes before it expires. This is written
// in JavaScript because the state is in a WeakMap, so that it lives as long as the credential.
import { now as monotonic, takeFailure, unixTime } from "./host.js";

const RENEW_BEFORE_MS = 120_000;

/**
 * The state of a credential.
 *
 * @typedef {object} State
 * @property {Map<string, { token: Promise<unknown>, awaitedBy: number, requestedAt: number }>} requests the open token requests, by scope,
 *   claims and refused token
 * @property {number} count the number of token requests so far
 * @property {number} [newest] the number of the request that returned `token`
 * @property {string} [scope]
 * @property {unknown} [token]
 * @property {number} [expires]
 */

/** @typedef {import("../../js/types/index.d.ts").TokenCredential} Credential */

/** @type {WeakMap<Credential, State>} */
const states = new WeakMap();

/**
 * Requests a token. Calls that request the same token at the same time share one request.
 *
 * @param {Credential} credential
 * @param {string} scope
 * @param {string | undefined} claims the claims that the token must satisfy
 * @param {string | undefined} refused a token that the service has refused
 * @param {number} longest how long the caller waits, in milliseconds; an open request of this age is not shared any more
 * @returns {{ token: Promise<unknown>, leave: () => void, refuse: () => void }} `leave` says that the caller no longer awaits the token (a
 *   request that no call awaits is dropped, so that the next call sends its own); `refuse` says that the result is not a valid token, so
 *   that it is not kept
 */
export function requestToken(credential, scope, claims, refused, longest) {
  const state = stateOf(credential);
  if (refused !== undefined && state.token === refused) state.expires = undefined;
  const [now, requestedAt] = [unixTime(), monotonic()];
  // If a replaced clock throws, no token counts as valid, and the error must not be reported by the next call that reads the clock.
  if (Number.isNaN(now + requestedAt)) takeFailure();
  const isGood = state.scope === scope && claims === undefined && (state.expires ?? 0) - now > RENEW_BEFORE_MS;
  const refuse = () => {
    state.expires = undefined;
  };
  if (isGood) return { token: Promise.resolve(state.token), leave() {}, refuse };
  const key = JSON.stringify([scope, claims, refused]);
  const { requests } = state;
  const open = requests.get(key);
  const isOld = open !== undefined && requestedAt - open.requestedAt >= longest;
  const shared = open && !isOld ? open : { token: callGetToken(credential, scope, claims, state), awaitedBy: 0, requestedAt };
  requests.set(key, shared);
  shared.awaitedBy += 1;
  return {
    token: shared.token,
    refuse,
    leave() {
      shared.awaitedBy -= 1;
      if (shared.awaitedBy === 0 && requests.get(key) === shared) requests.delete(key);
    },
  };
}

/** @param {Credential} credential @returns {State} */
function stateOf(credential) {
  const state = states.get(credential) ?? { requests: new Map(), count: 0 };
  states.set(credential, state);
  return state;
}

/** @param {Credential} credential @param {string} scope @param {string | undefined} claims @param {State} state */
async function callGetToken(credential, scope, claims, state) {
  const number = ++state.count;
  // `enableCae` says that this client can handle claims challenges.
  const result = await credential.getToken([scope], { enableCae: true, ...(claims === undefined ? {} : { claims }) });
  // Read here, because the result can be any object: if a getter throws, this request fails.
  const given = result?.token;
  // Trimmed as it will be sent, because a token that Graph refuses is compared with it.
  const token = typeof given === "string" ? given.trim() : given;
  // The result of an earlier request may come later than that of a newer one.
  if (number > (state.newest ?? 0)) Object.assign(state, { scope, token, expires: Number(result?.expiresOnTimestamp), newest: number });
  return token;
}
