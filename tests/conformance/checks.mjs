// Compares a run with what its case expects, member by member.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { matched } from "../../scripts/tools.mjs";
import { isDiagnosticsError } from "../../pkg/dist/index.js";
import { isList, isPoll } from "./script.mjs";

/**
 * What came of a run of a case.
 *
 * @typedef {object} Run
 * @property {Said} said
 * @property {string} origin of the service
 * @property {ReturnType<typeof import("./script.mjs").scripted>} script
 * @property {import("teams-device-diagnostics").TokenRequest[]} tokenRequests
 * @property {any[]} events with the members of all events
 * @property {unknown[][]} logged
 * @property {number} calls
 * @property {{ status: string, value?: any, reason?: any }[]} endings
 * @property {number} began
 * @property {number} ended
 * @property {number} requests that were sent when all calls had ended
 * @property {boolean} hasEnded
 * @property {number} timersLeft
 * @property {(ending: Run["endings"][number]) => string} outcome names an ending as the cases do
 *
 * The members of a case, which are described in the document of the cases.
 *
 * @typedef {Record<string, any>} Said
 */

/** The expectations of every case. @param {Run} run */
export function checkAlways(run) {
  const { said, script, origin } = run;
  const { sent } = script;
  assert.equal(run.hasEnded, true, "every call ends");
  assert.deepEqual(script.unexpected, [], "unexpected requests");
  assert.deepEqual(script.unused(), [], "exchanges without a request");
  assert.equal(run.timersLeft, 0, "timers after the end");
  assert.equal(sent.length, run.requests, "requests after the end");
  assert.equal(script.inFlight, 0, "requests that were left open");
  assert.deepEqual(run.logged, [], "the package writes no log");
  for (const { url, authorization, redirect } of sent) {
    assert.ok(url.startsWith(`${origin}/`), `a token went to ${url}`);
    const tokens = said.tokens ?? [said.token_text ?? "T"];
    assert.ok(
      tokens.some((/** @type {string} */ token) => authorization === `Bearer ${String(token).trim()}`),
      `a token of its own: ${authorization}`,
    );
    assert.equal(redirect, "manual", "redirects are not followed");
  }
  assert.equal(sent.filter(isList).length, said.requests?.lists ?? 0, "requests for the list");
  for (const { scopes } of run.tokenRequests) assert.deepEqual(scopes, [`${origin}/.default`]);
  // Without these two a case would expect nothing.
  assert.equal(typeof said.outcome, "string", "an outcome is expected");
  assert.equal(said.error !== undefined, said.outcome === "reject", "an error is expected");
}

const given = () => {};
/** @param {Run} run */
const statusEvents = ({ events }) => events.filter(({ type }) => type === "status");

/** The checks, by the name of the member. @type {Record<string, (run: Run, said: any) => void>} */
export const CHECKS = {
  // These members describe the input, not an expectation.
  exchanges: given,
  options: given,
  tokens: given,
  abort: given,
  now: given,
  calls: given,
  devices: given,
  call: given,
  token: given,
  with: given,
  device: given,
  location: given,
  token_text: given,
  sleep_ms: given,
  offline_ms: given,

  outcome(run, said) {
    for (const ending of run.endings) assert.equal(run.outcome(ending), said, inspect(ending));
  },
  value(run, said) {
    for (const { value } of run.endings) holds(value, said, "value");
  },
  error(run, said) {
    for (const { reason } of run.endings) checkError(reason, said);
  },
  requests({ script: { sent } }, said) {
    /** @type {Record<string, number>} */
    const counts = {
      POST: sent.filter(({ method }) => method === "POST").length,
      GET: sent.filter(isPoll).length,
      lists: sent.filter(isList).length,
    };
    for (const [name, count] of Object.entries(said)) assert.equal(counts[name], count, name);
  },
  polled: ({ script }, said) =>
    assert.deepEqual(
      script.sent.filter(isPoll).map(({ url }) => url),
      said,
    ),
  authorization_sent: ({ script }, said) =>
    assert.equal(
      script.sent.every(({ authorization }) => authorization === "Bearer T"),
      said,
    ),
  authorization_sent_to({ script }, said) {
    for (const [origin, isSent] of Object.entries(said))
      assert.equal(
        script.sent.some(({ url }) => url.startsWith(origin)),
        isSent,
        origin,
      );
  },
  waits_ms(run, said) {
    for (const [which, least, most = least] of said) {
      const [, kind, number] = matched(/^(poll|request) (\d+)$/, which);
      const poll = run.script.sent.filter((request) => kind === "request" || isPoll(request))[Number(number) - 1];
      const before = run.script.sent.slice(0, run.script.sent.indexOf(poll));
      const waited = poll.at - Math.max(run.began, ...before.flatMap(({ responded }) => responded ?? []));
      // Timers have whole milliseconds.
      assert.ok(waited >= least && waited <= most + 1, `the wait before ${which}: ${waited} ms, expected ${least} to ${most}`);
    }
  },
  within_ms(run, said) {
    const { abort } = run.said;
    const responded = Math.max(run.began, ...run.script.sent.flatMap(({ responded }) => responded ?? []));
    const took = run.ended - (abort ? run.began + abort.after_ms : responded);
    assert.ok(took >= 0 && took <= said, `ended after ${took} ms, expected ${said}`);
  },
  ends_ms(run, [least, most]) {
    const took = run.ended - run.began;
    assert.ok(took >= least && took <= most, `ended after ${took} ms, expected ${least} to ${most}`);
  },
  progress: (run, said) =>
    holds(
      statusEvents(run).map(({ operation }) => operation),
      said,
      "progress",
    ),
  progress_calls: (run, said) => assert.equal(statusEvents(run).length, said),
  events: (run, said) =>
    assert.deepEqual(
      run.events.map(({ type }) => type),
      said,
    ),
  recovered(run, said) {
    for (const { operation } of run.events.filter(({ recovered }) => recovered)) assert.equal(operation.id, said);
    assert.equal(
      run.events.some(({ recovered }) => recovered),
      said !== false,
    );
  },
  token_calls: (run, said) =>
    assert.deepEqual(
      run.tokenRequests.map(({ scopes, ...rest }) => rest),
      said,
    ),
  tokens_carried: ({ script }, said) =>
    assert.deepEqual(
      script.sent.map(({ authorization }) => authorization.replace("Bearer ", "")),
      said,
    ),
  text_lacks(run, said) {
    const text = [run.endings, run.events, run.endings.map(({ reason }) => reason?.stack)].map(
      (shown) => JSON.stringify(shown) + inspect(shown, { depth: Infinity }),
    );
    for (const part of said) assert.ok(!text.join("\n").includes(part), `${part} is shown in ${text.join("\n")}`);
  },
  max_in_flight: ({ script }, said) => assert.equal(script.mostInFlight, said),
  all: (run, said) => assert.equal(run.hasEnded && run.endings.length === run.calls ? "settled" : "open", said),
};

/** @param {unknown} error @param {Said} said */
function checkError(error, { has = [], mentions = "", hints = "", ...members }) {
  assert.ok(isDiagnosticsError(error), inspect(error));
  for (const [name, expected] of Object.entries(members))
    assert.deepEqual(Reflect.get(error, name), expected, `error.${name} of ${inspect(error)}`);
  for (const name of has) assert.notEqual(Reflect.get(error, name), undefined, `error.${name}`);
  assert.ok(error.message.includes(mentions), error.message);
  assert.ok((error.hint ?? "").includes(hints), `the hint: ${error.hint}`);
}

/** Asserts that a value is the expected one; an object may have additional members. @param {any} seen @param {any} expected @param {string} what */
function holds(seen, expected, what) {
  if (typeof expected !== "object") return assert.deepEqual(seen, expected, what);
  if (Array.isArray(expected)) assert.equal(seen?.length, expected.length, what);
  for (const [name, value] of Object.entries(expected)) holds(seen?.[name], value, `${what}.${name}`);
}
