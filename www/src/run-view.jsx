// The details of one run: its outcome or next step, its actions, its timeline, and what support asks for.

import { render } from "preact";
import { Copied } from "./copying.jsx";
import { Icon, Pure } from "./elements.jsx";
import { dateTime } from "./format.js";
import { close, codeText, simulated } from "./messages.js";
import { ADMIN_CENTER, BUTTONS, DETAILS, MEANINGS, RUNS, STEPS, SUPPORT, queuedBy } from "./messages-runs.js";
import { outcomeKind } from "./outcome.js";
import { canGoOn } from "./run-outcome.js";
import { receivedLocation } from "./run.js";
import { isFollowed, isUnsent } from "./run-phase.js";
import { isPaused } from "./run-totals.js";
import { isSimulated } from "./service.js";
import { Countdown } from "./run-times.jsx";
import { Timeline } from "./timeline.jsx";

/** @import { ComponentChildren } from "preact" */
/** @import { RunPageActions } from "./run-page-actions.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Next, Run } from "./run.js" */
/** @import { Store } from "./store.js" */

/**
 * Shows the details in a dialog where there is no room for them beside the table.
 *
 * @param {HTMLDialogElement} dialog
 * @param {Store} store
 * @param {RunPageActions} actions
 */
export function showRunDialog(dialog, store, actions) {
  const { isNarrow, isRunOpen, run: id, copied } = store.state;
  const run = id === undefined ? undefined : store.runs.run(id);
  const isShown = isNarrow && isRunOpen && run !== undefined;
  render(
    isShown && (
      <>
        <button type="button" class="close" onClick={() => store.runs.opened(false)}>
          {close}
        </button>
        <RunView run={run} isPaused={isPaused(store.state, run)} isCopied={copied === `run-${run.id}`} actions={actions} />
      </>
    ),
    dialog,
  );
  if (isShown && !dialog.open) dialog.showModal();
  else if (!isShown && dialog.open) dialog.close();
}

/** @typedef {{ run: Run, isPaused: boolean, isCopied: boolean, actions: RunPageActions }} Properties */

/** @extends {Pure<Properties>} */
export class RunView extends Pure {
  /** @param {Properties} properties */
  render({ run, isPaused, isCopied, actions }) {
    return (
      <article class="run" aria-labelledby="run-name" tabindex={-1}>
        <header>
          <h3 id="run-name">{run.name}</h3>
          {!run.name.endsWith(run.deviceId) && (
            <p class="about">
              <code>{run.deviceId}</code>
            </p>
          )}
          {isSimulated(run.service) && <span class="tag">{simulated}</span>}
        </header>
        {/* Above what happened, because there may be room for little more beside the table. */}
        <Buttons run={run} isCopied={isCopied} actions={actions} />
        {run.outcome === undefined ? <Progress next={nextOf(run, isPaused)} /> : <Ended outcome={run.outcome} />}
        {run.entries.length > 0 && <Timeline key={run.id} run={run} />}
        <Details key={`details-${run.id}`} run={run} />
      </article>
    );
  }
}

/** @param {Run} run @param {boolean} isPaused @returns {Next} */
function nextOf({ isElsewhere, next }, isPaused) {
  if (isElsewhere) return { what: DETAILS.elsewhere };
  return isPaused ? { what: STEPS.paused } : next;
}

/** @param {{ next: Next }} properties */
const Progress = ({ next: { what, due } }) => (
  <div class="progress">
    <progress aria-label={DETAILS.progress} />
    <p>{due === undefined ? what : <Countdown what={what} due={due} />}</p>
  </div>
);

/** @param {{ outcome: Outcome }} properties */
function Ended({ outcome }) {
  const { title, icon, tone } = outcomeKind(outcome);
  return (
    <div class={`outcome ${tone}`}>
      <h4 tabindex={-1} data-focus-fallback>
        <Icon name={icon} />
        {title}
      </h4>
      {sentences(outcome).map((sentence) => (
        <p key={sentence}>
          <WithLink text={sentence} />
        </p>
      ))}
    </div>
  );
}

/** What the outcome means, and what can be done, in the words of an administrator. @param {Outcome} outcome */
function sentences(outcome) {
  const { kind, error, message, note, operation } = outcome;
  const why = codeText(error?.code);
  const general = MEANINGS[kind];
  /** @type {(string | undefined | null | false)[]} */
  const all = [
    kind === "conflict" && queuedBy(error?.operation),
    ["notStarted", "unfollowed", "lost"].includes(kind) && why && `${why.title}. ${why.text}`,
    message,
    kind === "failed" && deviceSays(operation?.error ?? error?.operation?.error),
    kind === "conflict" && error?.mayHaveStarted && DETAILS.maybeOwn,
    general,
    kind === "succeeded" && operation?.completedDateTime && DETAILS.completed(dateTime(operation.completedDateTime)),
    note,
  ];
  return all.filter((sentence) => typeof sentence === "string").filter(Boolean);
}

/** @param {{ code?: string | null, message?: string | null } | null | undefined} said */
const deviceSays = (said) => said?.message && DETAILS.deviceSays([said.code, said.message].filter(Boolean).join(": "));

/** A text, in which the Teams admin center is a link to its start page: no URL of the logs of one device is documented. @param {{ text: string }} properties */
function WithLink({ text }) {
  const at = text.indexOf(ADMIN_CENTER.name);
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <a href={ADMIN_CENTER.url} target="_blank" rel="noreferrer">
        {ADMIN_CENTER.name}
      </a>
      {text.slice(at + ADMIN_CENTER.name.length)}
    </>
  );
}

/** What the library and Graph say, and the ids that Microsoft's support asks for. @param {{ run: Run }} properties */
function Details({ run }) {
  const { outcome, location } = run;
  const error = outcome?.error;
  const received = receivedLocation(run);
  /** @type {[string, ComponentChildren][]} */
  const rows = [
    [SUPPORT.message, error?.message],
    [SUPPORT.hint, error?.hint],
    [SUPPORT.code, error?.code],
    [SUPPORT.httpStatus, error?.statusCode],
    [SUPPORT.graphCode, error?.graphCode],
    [SUPPORT.requestId, error?.requestId],
    [SUPPORT.clientRequestId, error?.clientRequestId],
    [SUPPORT.date, error?.date],
    [SUPPORT.deviceId, run.deviceId],
    [SUPPORT.received, received],
    [received === undefined ? SUPPORT.location : SUPPORT.resolved, location ?? error?.location],
  ];
  return (
    <details class="support">
      <summary>{RUNS.details}</summary>
      <Facts rows={rows.filter(([, value]) => value !== undefined && value !== "")} />
    </details>
  );
}

/** Names and values. @param {{ rows: [string, ComponentChildren][] }} properties */
const Facts = ({ rows }) => <dl>{rows.flatMap(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}</dl>;

/** @param {{ run: Run, isCopied: boolean, actions: RunPageActions }} properties */
function Buttons({ run, isCopied, actions }) {
  const { outcome } = run;
  const main = outcome === undefined ? isFollowed(run) && stopButton(run, actions) : mainButton(outcome, run, actions);
  const hasEnded = outcome !== undefined;
  /** @type {([string, () => unknown] | false)[]} */
  const others = [
    hasEnded && (!main || main[0] !== BUTTONS.runAgain) && [BUTTONS.runAgain, () => actions.runs.runAgain([run])],
    [BUTTONS.copyId, () => actions.copy(run.deviceId, `run-${run.id}`)],
    outcome?.error !== undefined && [BUTTONS.copyForSupport, () => actions.copyForSupport(run.id)],
    [BUTTONS.code, () => actions.show({ kind: "code", run: run.id })],
    [BUTTONS.exchange, () => actions.show({ kind: "httpLog", run: run.id })],
    hasEnded && [BUTTONS.remove, () => actions.runs.remove([run])],
  ];
  return (
    <div class="buttons">
      {main && (
        <button type="button" class={hasEnded ? "primary" : ""} key={main[0]} onClick={main[1]}>
          {main[0]}
        </button>
      )}
      {others.map(
        (other) =>
          other && (
            <button type="button" key={other[0]} onClick={other[1]}>
              {other[0]}
            </button>
          ),
      )}
      {isCopied && <Copied />}
    </div>
  );
}

/** @param {Run} run @param {RunPageActions} actions @returns {[string, () => void]} */
const stopButton = (run, actions) => [isUnsent(run) ? BUTTONS.takeBack : BUTTONS.stop, () => actions.runs.stop([run])];

/** The one thing that suggests itself after an outcome. @param {Outcome} outcome @param {Run} run @param {RunPageActions} actions @returns {[string, () => void] | undefined} */
function mainButton(outcome, run, actions) {
  const goOn = () => actions.runs.goOn([run]);
  if (outcome.kind === "conflict" && outcome.error?.mayHaveStarted && outcome.location === undefined)
    return [BUTTONS.lookFor, () => actions.runs.lookFor(run)];
  if (canGoOn(outcome)) return [GO_ON[outcome.kind] ?? BUTTONS.goOn, goOn];
  if (outcome.kind === "lost" || outcome.kind === "stopped") return [BUTTONS.lookFor, () => actions.runs.lookFor(run)];
  return outcome.kind === "succeeded" ? undefined : [BUTTONS.runAgain, () => actions.runs.runAgain([run])];
}

/** The button that follows a run further, by outcome. @type {Partial<Record<Outcome["kind"], string>>} */
const GO_ON = { stillQueued: BUTTONS.keepLooking, conflict: BUTTONS.follow };
