// Credentials as @azure/identity has them: the token that one gives is shared by all calls, and kept until two minutes before it
// expires. In JavaScript, since what is known of a credential lives as long as the credential does: in a WeakMap.
import { now as monotonic, takeFailure, unixTime } from "./host.js";

const RENEW_BEFORE_MS = 120_000;

/**
 * What is known of a credential.
 *
 * @typedef {object} State
 * @property {Map<string, { token: Promise<unknown>, awaitedBy: number, asked: number }>} questions that are open, by what is asked for
 * @property {number} count how many questions there were
 * @property {number} [answered] which of them gave the token
 * @property {string} [scope]
 * @property {unknown} [token]
 * @property {number} [expires]
 */

/** @typedef {import("../../js/types/index.d.ts").TokenCredential} Credential */

/** @type {WeakMap<Credential, State>} */
const states = new WeakMap();

/**
 * Asks for a token, together with everybody who asks for the same at the same time.
 *
 * @param {Credential} credential
 * @param {string} scope
 * @param {string | undefined} claims the claims to ask for
 * @param {string | undefined} refused a token that is of no use any more
 * @param {number} longest milliseconds; who waits longer for an answer gives up, and a question of that age is asked anew
 * @returns {{ token: Promise<unknown>, leave: () => void, refuse: () => void }} `leave` is called when the answer is not awaited any more:
 *   a question that nobody awaits is forgotten, and asked anew by the next call; `refuse` when the answer is no token: it is not kept
 */
export function ask(credential, scope, claims, refused, longest) {
  const state = stateOf(credential);
  if (refused !== undefined && state.token === refused) state.expires = undefined;
  const [now, asked] = [unixTime(), monotonic()];
  // A clock that throws knows of no token that is still good, and is not the failure of whoever reads it next.
  if (Number.isNaN(now + asked)) takeFailure();
  const isGood = state.scope === scope && claims === undefined && (state.expires ?? 0) - now > RENEW_BEFORE_MS;
  const refuse = () => {
    state.expires = undefined;
  };
  if (isGood) return { token: Promise.resolve(state.token), leave() {}, refuse };
  const key = JSON.stringify([scope, claims, refused]);
  const { questions } = state;
  const open = questions.get(key);
  const isOld = open !== undefined && asked - open.asked >= longest;
  const shared = open && !isOld ? open : { token: question(credential, scope, claims, state), awaitedBy: 0, asked };
  questions.set(key, shared);
  shared.awaitedBy += 1;
  return {
    token: shared.token,
    refuse,
    leave() {
      shared.awaitedBy -= 1;
      if (shared.awaitedBy === 0 && questions.get(key) === shared) questions.delete(key);
    },
  };
}

/** @param {Credential} credential @returns {State} */
function stateOf(credential) {
  const state = states.get(credential) ?? { questions: new Map(), count: 0 };
  states.set(credential, state);
  return state;
}

/** @param {Credential} credential @param {string} scope @param {string | undefined} claims @param {State} state */
async function question(credential, scope, claims, state) {
  const number = ++state.count;
  // enableCae: claims challenges are answered here.
  const answer = await credential.getToken([scope], { enableCae: true, ...(claims === undefined ? {} : { claims }) });
  // Here, where what it throws fails this question: it can be anything.
  const given = answer?.token;
  // As it is sent: what Graph refuses is compared with it.
  const token = typeof given === "string" ? given.trim() : given;
  // The answer to an earlier question may be late.
  if (number > (state.answered ?? 0)) Object.assign(state, { scope, token, expires: Number(answer?.expiresOnTimestamp), answered: number });
  return token;
}
