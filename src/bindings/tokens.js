// Asks a token source: one question at a time, and none while the token that a credential gave last is good for longer.
import { waiting } from "./waiting.js";

const RENEW_BEFORE_MS = 120_000;

// claims and refused may be undefined: the claims to ask for, and a token that is of no use any more.
export const askToken = (source, scope, claims, refused, id, settle) =>
  waiting(id, settle, (done, failed) => {
    const call = {};
    tokenOf(source, scope, claims, refused, call).then(done, failed);
    return () => (call.hasEnded = true);
  });

// What is known of each source, for as long as its owner keeps it.
const states = new WeakMap();

async function tokenOf(source, scope, claims, refused, call) {
  if (!states.has(source)) states.set(source, {});
  const state = states.get(source);
  const asked = [scope, claims, refused].join("\n");
  while (state.asking && state.asked !== asked) await state.asking.catch(() => {});
  // While its question waited for its turn, the call may have ended.
  if (call.hasEnded) return;
  const isGood = state.scope === scope && state.token !== refused && state.expires - Date.now() > RENEW_BEFORE_MS;
  if (isGood && claims === undefined) return state.token;
  state.asked = asked;
  return (state.asking ??= ask(source, scope, claims, state).finally(() => (state.asking = undefined)));
}

async function ask(source, scope, claims, state) {
  const asked = claims === undefined ? {} : { claims };
  if (typeof source === "function") return source({ scopes: [scope], ...asked });
  // enableCae: claims challenges are answered here.
  const answer = await source.getToken([scope], { enableCae: true, ...asked });
  Object.assign(state, { scope, token: answer?.token, expires: answer?.expiresOnTimestamp });
  return answer?.token;
}
