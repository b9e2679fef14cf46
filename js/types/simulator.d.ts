/**
 * The simulated Microsoft Graph, for tests and trials: devices that behave as a scenario says, answered in memory. It is separate from the
 * calls, so that nothing of it is in a portal's bundle.
 *
 * ```ts
 * import { runDiagnostics, waitForOperation } from "teams-device-diagnostics";
 * import { simulateGraph } from "teams-device-diagnostics/simulator";
 *
 * const { fetch } = await simulateGraph({ paceMs: 10 });
 * const operation = await waitForOperation(await runDiagnostics("any-token", "successful", { fetch }));
 * ```
 *
 * @module teams-device-diagnostics/simulator
 */
/**
 * Creates a simulated Graph with devices, without operations. Each one is independent of all others.
 *
 * @param options devices, time and the behaviour of Graph; null and undefined mean the defaults
 * @throws TypeError if an option is wrong; the message names it
 */
export function simulateGraph(options?: SimulateGraphOptions | null): Promise<SimulatedGraph>;

/** A simulated Graph. Its members can be taken out of it: `const { fetch } = await simulateGraph()`. */
export interface SimulatedGraph {
  /**
   * Answers requests to {@link SimulateGraphOptions.origin} as Graph does: pass it as `options.fetch`, use it in place of the global one,
   * or call it in a handler of Mock Service Worker. A lost connection rejects with a `TypeError`, a request without a response waits until
   * its signal fires; a signal of the second argument keeps Node running until then. What a real fetch refuses is refused. In a page, only
   * the header fields that CORS exposes can be read, and a redirect is opaque.
   *
   * Any token works, but three have an effect: `expired` gets 401, `no-roles` gets 403, `read-only` may not start anything.
   */
  readonly fetch: typeof globalThis.fetch;
  /** The name of the current tenant. */
  readonly tenant: string;
  /** The last 10,000 requests, in order. They contain the tokens; of a body, the first 16 KiB. */
  requests(): SimulatedRequest[];
  /** All operations that were started, in order, as they are now. */
  operations(): SimulatedOperation[];
  /**
   * Adds a device to the current tenant, and to those that have no devices of their own; or replaces the one with its id, whose case does
   * not matter.
   *
   * @param device its id and behaviour
   * @throws TypeError if a member is wrong; the message names it
   */
  addDevice(device: SimulatedDevice): void;
  /**
   * Changes the tenant, and forgets operations and requests.
   *
   * @param name one of {@link SimulatedGraph.tenants}
   * @throws TypeError if there is no tenant with this name
   */
  enterTenant(name: SimulatedTenantName): void;
  /** The tenants to choose from. */
  tenants(): SimulatedTenant[];
  /** Forgets operations and requests; the faults of each device begin again. The devices stay. */
  reset(): void;
}

/** The options of {@link simulateGraph}. */
export interface SimulateGraphOptions {
  /** The devices, which are added to those of the tenant. Default: the catalogue, whose devices each show one thing that Graph does, and are named after it. */
  devices?: Iterable<SimulatedDevice> | undefined;
  /** The tenant. Default: `catalogue`, which has no devices but those above. */
  tenant?: SimulatedTenantName | undefined;
  /** The origin of Graph; a path is ignored. Default: `https://graph.microsoft.com`. */
  origin?: string | undefined;
  /** The time, in milliseconds since the Unix epoch or as a `Date`. Default: `Date.now()`, also that of fake timers. */
  now?: (() => number | Date) | undefined;
  /** How long an operation stays in each of the states Queued, Scheduled and InProgress, in milliseconds. Default: 1,000. */
  paceMs?: number | undefined;
  /** The number of requests in a second above which Graph responds 429. Default: no limit. */
  requestsPerSecond?: number | null | undefined;
  /** Which ids are generated, from 0 to 4,294,967,295. The same seed always yields the same ids. Default: 0. */
  seed?: number | undefined;
  /** How the `Location` of a 202 is written. Default: `relative`. */
  location?: LocationForm | undefined;
  /** How a single operation is sent. Default: `wrapped`. */
  envelope?: Envelope | undefined;
  /** How times are written. Default: `iso`. */
  dates?: Dates | undefined;
  /** How links to the next page of a list are written. Default: `relative`. */
  nextLink?: NextLinkForm | undefined;
  /** The number of items on a page of a list, without `$top`, at least 1. Default: 20. */
  pageSize?: number | undefined;
  /** Whether caches may keep the response to a GET for a minute. Default: `false`. */
  cacheable?: boolean | undefined;
  /** Whether pages may read `Location` (CORS). Default: `true`. */
  exposeLocation?: boolean | undefined;
  /** Whether pages may read `Retry-After` (CORS). Default: `true`. */
  exposeRetryAfter?: boolean | undefined;
}

/** A device and its behaviour. */
export interface SimulatedDevice {
  /** Its id. */
  id: string;
  /** One sentence about it. Default: empty. */
  notes?: string | undefined;
  /** A teamworkDeviceType, such as `teamsRoom`. Default: `unknown`. */
  deviceType?: string | undefined;
  /** A teamworkDeviceHealthStatus, such as `healthy`. Default: `unknown`. */
  healthStatus?: string | undefined;
  /** A teamworkDeviceActivityState, such as `idle`. Default: `unknown`. */
  activityState?: string | undefined;
  /** The manufacturer. Default: empty. */
  manufacturer?: string | undefined;
  /** The model's name. Default: empty. */
  model?: string | undefined;
  /** The name of the user who is signed in; empty for nobody, the default. */
  currentUser?: string | undefined;
  /** How many minutes ago the device was last heard from. Default: 10. */
  lastSeenMinutes?: number | undefined;
  /** Its behaviour. Default: operations succeed. */
  scenario?: Scenario | undefined;
}

/** The behaviour of a device. */
export interface Scenario {
  /** How long an operation spends in each state, in milliseconds. Default: that of the service. */
  paceMs?: number | null | undefined;
  /** The factor by which it is slower than the pace. Default: 1. */
  slowness?: number | undefined;
  /** How operations end. Default: `successful`. */
  outcome?: Outcome | undefined;
  /** The texts of the states Queued, Scheduled, InProgress and the final one. */
  statusTexts?: readonly [string, string, string, string] | null | undefined;
  /** How `Location` is written. Default: as the service writes it. */
  location?: LocationForm | null | undefined;
  /** How a single operation is sent. Default: as the service sends it. */
  envelope?: Envelope | null | undefined;
  /** How times are written. Default: as the service writes them. */
  dates?: Dates | null | undefined;
  /** Whether a successful operation has an `error` when it is polled; in lists it always has one, as documented. Default: `false`. */
  junkError?: boolean | undefined;
  /** `Retry-After` on the 202 and on polls of a running operation. */
  runningRetryAfter?: string | null | undefined;
  /** The faults of the POST, one per request. They begin again after a run has started. */
  postFaults?: readonly Fault[] | undefined;
  /** Whether the last of `postFaults` is repeated for every further POST. Default: `false`. */
  repeatLastPostFault?: boolean | undefined;
  /** The faults of the polls, one per poll of each operation; `null` is a poll without a fault. */
  pollFaults?: readonly (Fault | null)[] | undefined;
  /** Whether another administrator's operation is always queued. Default: `false`. */
  hasForeignOperation?: boolean | undefined;
  /** The administrator who queued the operations. */
  administrator?: string | null | undefined;
  /** Code and message of a failed operation. */
  failure?: readonly [code: string, message: string] | null | undefined;
}

/** How an operation ends: `never` stays queued. */
export type Outcome = "successful" | "failed" | "cancelled" | "never";

/**
 * How `Location` is written: `relative` without host and version, as documented; `versioned` with `/beta`; `absolute`; `quotedKeys` with
 * OData keys in brackets; `missing`; or a text.
 */
export type LocationForm =
  | "relative"
  | "versioned"
  | "absolute"
  | "quotedKeys"
  | "missing"
  | {
      /** The text. */
      literal: string;
    };

/** How a single operation is sent: `wrapped` in `value`, as documented, or `bare`, as the metadata says. */
export type Envelope = "wrapped" | "bare";

/** How times are written: `2021-06-19T12:01:03.450Z`, or `2021-06-19T12-01-03.45Z`, as in one of Microsoft's examples. */
export type Dates = "iso" | "hyphens";

/** How an `@odata.nextLink` is written: without host and version, as documented, or as a URL. */
export type NextLinkForm = "relative" | "absolute";

/**
 * What happens to a request instead of normal processing.
 *
 * - `reset`: the connection is closed before the request takes effect
 * - `resetAfter`: the connection is closed after the request took effect; the response is lost
 * - `hang`: the request never takes effect and never gets a response
 * - `hangAfter`: the request takes effect, but never gets a response
 * - `redirect`: 302 to a URL
 * - `response`: a different response
 */
export type Fault =
  | "reset"
  | "resetAfter"
  | "hang"
  | "hangAfter"
  | {
      /** Where it leads. */
      redirect: string;
    }
  | {
      /** The response. */
      response: FaultResponse;
    };

/** A response that is sent instead of the normal one. */
export interface FaultResponse {
  /** Its status code, from 200 to 999. */
  status: number;
  /** The text of its `Retry-After`, valid or not. */
  retryAfter?: string | null | undefined;
  /** Its header fields, in place of the usual ones with these names. Those of the connection, such as `Content-Length`, cannot be set. */
  headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Its body. Default: `error`. */
  body?: FaultBody | undefined;
}

/**
 * The body of a fault response: Graph's `error` document, the `html` page of a gateway, nothing (`empty`), the first half of the document
 * that would have been sent as if it was all (`truncated`), that half before the connection is closed (`interrupted`) or before nothing
 * more comes (`stalled`), Graph's error document whose message repeats the `Authorization` field (`echo`), or a text,
 * which is sent as JSON.
 */
export type FaultBody =
  | "error"
  | "html"
  | "empty"
  | "truncated"
  | "interrupted"
  | "stalled"
  | "echo"
  | {
      /** The text. */
      literal: string;
    };

/** A request as it was received. */
export interface SimulatedRequest {
  /** `GET`, `POST`, … */
  method: string;
  /** The URL, with its query. */
  url: string;
  /** The header fields by their names in lower case; they include `authorization`. */
  headers: Record<string, string>;
  /** The body as text. */
  body: string;
}

/** An operation as Graph sends it, and its device. */
export interface SimulatedOperation {
  /** Its id. */
  id: string;
  /** The device that it runs on. */
  deviceId: string;
  /** `deviceDiagnostics`, `deviceRestart` or `softwareUpdate`. */
  operationType: string;
  /** Its status now, such as `Queued`. */
  status: string;
  /** When it was queued. */
  createdDateTime: string;
  /** When it ended; `null` before. */
  completedDateTime: string | null;
  /** Whatever else Graph sends. */
  [property: string]: unknown;
}

/**
 * The name of a tenant: `catalogue` has the devices that were added, `many` has 500, `empty` none; in `forbidden`, `failing` and `slow` the
 * list gets 403, gets 500 or takes five seconds; in `markup` every text is markup.
 */
export type SimulatedTenantName = "catalogue" | "many" | "empty" | "forbidden" | "failing" | "slow" | "markup";

/** A tenant that can be chosen. */
export interface SimulatedTenant {
  /** Its name for programs. */
  name: SimulatedTenantName;
  /** Its name for people. */
  title: string;
  /** One sentence about it. */
  about: string;
}
