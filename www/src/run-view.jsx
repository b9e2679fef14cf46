// The view of one run: its outcome or next step, its timeline, and its actions.

import { Copied, Facts, Icon, Warning, Pure } from "./elements.jsx";
import { outcomeKind } from "./outcome.js";
import { isSimulated } from "./service.js";
import { Timeline } from "./timeline.jsx";
import { clock, dateTime } from "./format.js";
import { Countdown } from "./timed-text.jsx";

/** @import { Actions } from "./actions.js" */
/** @import { DiagnosticsError, TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Next, Run } from "./run.js" */

/** The start page, because no URL of the logs of one device is documented. */
const ADMIN_CENTER = "https://admin.teams.microsoft.com/";

/** @extends {Pure<{ run: Run, withTimeline: boolean, isCopied: boolean, actions: Actions }>} */
export class RunView extends Pure {
  /** @param {{ run: Run, withTimeline: boolean, isCopied: boolean, actions: Actions }} properties */
  render({ run, withTimeline, isCopied, actions }) {
    return (
      <article class="run" id={`run-${run.id}`} aria-labelledby={`run-${run.id}-name`} tabindex={-1}>
        <header>
          <h3 id={`run-${run.id}-name`}>{run.name}</h3>
          {isSimulated(run.service) && <span class="tag">Simulated</span>}
          <p class="about">
            {!run.name.endsWith(run.deviceId) && <code>{run.deviceId}</code>}
            <span>{`Since ${clock(run.startedAt)}${run.endedAt === undefined ? "" : `, until ${clock(run.endedAt)}`}`}</span>
          </p>
        </header>
        {run.outcome === undefined ? <Progress next={run.next} /> : <Ended outcome={run.outcome} />}
        {withTimeline && run.entries.length > 0 && <Timeline run={run} />}
        <Buttons run={run} isCopied={isCopied} actions={actions} />
      </article>
    );
  }
}

/** @param {{ next: Next }} properties */
const Progress = ({ next: { what, due } }) => (
  <div class="progress">
    <progress aria-label="Progress" />
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
      <WhatItMeans outcome={outcome} />
      {outcome.error !== undefined && <ErrorFacts error={outcome.error} />}
    </div>
  );
}

/** @param {{ outcome: Outcome }} properties */
function WhatItMeans({ outcome: { kind, error, message, location, operation } }) {
  switch (kind) {
    case "succeeded":
      return (
        <>
          <p>
            The logs are ready. Download them in the <AdminCenter />: choose this device there, and then its newest diagnostics. Graph does
            not return the logs.
          </p>
          {operation?.completedDateTime && <p class="about">{`Completed ${dateTime(operation.completedDateTime)}.`}</p>}
        </>
      );
    case "stopped":
      return location === undefined ? (
        <p>
          Graph may have accepted the run. Check the <AdminCenter /> before you start another.
        </p>
      ) : (
        <p>The run on the device continues; only the wait has ended.</p>
      );
    case "conflict":
      return (
        <>
          <p>{queuedBy(error?.operation)}</p>
          <p>A device does one thing at a time: follow that run, or start again when it has ended.</p>
        </>
      );
    default:
      return (
        <>
          {(error?.message ?? message) && <p>{error?.message ?? message}</p>}
          {kind === "failed" && error !== undefined && <DeviceSays error={error} />}
          {error?.hint && <p>{error.hint}</p>}
          {error?.mayHaveStarted && (
            <Warning>
              The run may be under way on the device. Check the <AdminCenter /> before you start another.
            </Warning>
          )}
        </>
      );
  }
}

/** @param {TeamworkDeviceOperation | undefined} operation */
function queuedBy(operation) {
  if (operation === undefined) return "Another operation is queued for this device, and Graph does not say which.";
  const who = operation.createdBy?.user?.displayName ?? operation.createdBy?.application?.displayName;
  const what = operation.operationType === "deviceDiagnostics" ? "Diagnostics" : (operation.operationType ?? "An operation");
  const by = who ? ` by ${who}` : "";
  const on = operation.createdDateTime ? ` on ${dateTime(operation.createdDateTime)}` : "";
  return `${what} of this device: queued${by}${on}, now ${operation.status ?? "in an unknown state"}.`;
}

/** The error that the device reported, unless the message of the error contains it. @param {{ error: DiagnosticsError }} properties */
function DeviceSays({ error: { message, operation } }) {
  const said = operation?.error;
  if (!said?.message || message.includes(said.message)) return null;
  return <p>{`The device says: ${[said.code, said.message].filter(Boolean).join(": ")}`}</p>;
}

/** The details that Microsoft's support asks for. @param {{ error: DiagnosticsError }} properties */
function ErrorFacts({ error }) {
  /** @type {[string, string | number | undefined][]} */
  const rows = [
    ["Code", error.code],
    ["HTTP status", error.statusCode],
    ["Graph's code", error.graphCode],
    ["request-id", error.requestId],
    ["client-request-id", error.clientRequestId],
    ["Date", error.date],
    ["Location", error.location],
  ];
  return <Facts rows={rows.filter(([, value]) => value !== undefined && value !== "")} />;
}

/** @param {{ run: Run, isCopied: boolean, actions: Actions }} properties */
function Buttons({ run: { id, outcome }, isCopied, actions }) {
  const kind = outcome?.kind;
  const button = (/** @type {string} */ name, /** @type {() => void} */ act, style = "") => (
    <button type="button" class={style} key={name} onClick={act}>
      {name}
    </button>
  );
  return (
    <div class="buttons">
      {kind === undefined && button("Stop waiting", () => actions.stop(id))}
      {kind === "conflict" && outcome?.location !== undefined && button("Follow that run", () => actions.goOn(id), "primary")}
      {(kind === "stopped" || kind === "unknown" || kind === "broken") &&
        outcome?.location !== undefined &&
        button("Go on waiting", () => actions.goOn(id), "primary")}
      {(kind === "failed" || kind === "cancelled" || kind === "notStarted") && button("Run again", () => actions.runAgain(id))}
      {outcome?.error !== undefined && button("Copy for support", () => actions.copyForSupport(id))}
      {isCopied && <Copied />}
      {button("Show the code", () => actions.show({ kind: "code", run: id }))}
      {button("HTTP exchange", () => actions.show({ kind: "httpLog", run: id }))}
      {kind !== undefined && button("Remove", () => actions.remove(id))}
    </div>
  );
}

const AdminCenter = () => (
  <a href={ADMIN_CENTER} target="_blank" rel="noreferrer">
    Teams admin center
  </a>
);
