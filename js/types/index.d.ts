/**
 * Starts diagnostics on a Microsoft Teams device through Microsoft Graph (beta), and waits until the logs are ready.
 *
 * ```ts
 * const location  = await runDiagnostics(token, deviceId);
 * const operation = await waitForOperation(location);
 * ```
 *
 * The package needs no initialisation: it loads its WebAssembly with the first call. Every duration is in milliseconds. Every
 * option may be left out or undefined.
 *
 * Microsoft's pages say that these calls of Graph are deprecated by November 2025 and not supported after that date.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdevice?view=graph-rest-beta
 * @module teams-device-diagnostics
 */

/**
 * Starts diagnostics on a device with `POST /teamwork/devices/{deviceId}/runDiagnostics`. Graph responds with 202 and a
 * `Location` (RFC 9110, sections 15.3.3 and 10.2.2).
 *
 * Nothing is started twice. The POST is retried only if Graph said that it did not accept it: after 429 and Graph's own 503, once after
 * 421 and 425, and after a 401 with a fresh token. The response counts as lost if none comes, and after a timeout, a 5xx, a redirect, or a
 * 202 without a usable `Location`. The call then searches the operations of the device for the run, and resolves to it if it finds it.
 * After a gateway's 503 the POST is retried if the whole list shows no new run.
 *
 * @param token a token source whose tokens have the permission `TeamworkDevice.ReadWrite.All`
 * @param deviceId the `id` of the teamworkDevice: a string of at most 1,024 characters, without control characters, and neither
 *   `.` nor `..`
 * @param options limits, cloud, progress, and what to do about a conflict
 * @returns the absolute URL of the started operation, for {@link waitForOperation}; it holds no secret
 * @throws {@link DiagnosticsError} with any {@link DiagnosticsErrorCode} except `missingToken`, `operationFailed` and
 *   `operationCancelled`; `mayHaveStarted` says whether a run may be under way although the call failed
 * @throws the reason of `options.signal` if it is aborted before Graph has accepted the run. If the run may have started, an
 *   `abandoned` event comes first.
 * @throws the error of `options.onProgress` if it fails before Graph has accepted the run. After a 202 with a usable `Location` the call
 *   resolves, whatever the signal and the callback do.
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta
 */
export function runDiagnostics(token: TokenSource, deviceId: string, options?: RunOptions | null): Promise<string>;

/**
 * Waits until an operation has ended. Resolves if it succeeded; rejects if it failed, was cancelled, or cannot be followed.
 *
 * After success, download the logs from the Teams admin center: Graph does not return them.
 *
 * @param location the result of {@link runDiagnostics}, `error.location`, or a `Location` as Graph sent it (a path, with or without a
 *   version, is put under `baseUrl`). It must lie on the origin of `baseUrl`, and below its path before the version; otherwise the
 *   call rejects with `untrustedLocation` and sends nothing.
 * @param options limits, cloud, progress, how often to poll, and a token source if the operation was started elsewhere
 * @returns the operation as Graph sent it after it had succeeded
 * @throws {@link DiagnosticsError} `operationFailed` and `operationCancelled` with the `operation`; after every other code the
 *   outcome is not known, and `waitForOperation(error.location, { token })` resumes the wait
 * @throws the reason of `options.signal` if it is aborted
 * @throws the error of `options.onProgress` if it fails
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export function waitForOperation(location: string, options?: WaitOptions | null): Promise<TeamworkDeviceOperation>;

/**
 * Polls an operation once, and resolves in any state of the operation.
 *
 * @param location as for {@link waitForOperation}
 * @param options limits, cloud, and a token source if the operation was started elsewhere
 * @returns the operation as Graph sent it
 * @throws {@link DiagnosticsError} if the operation cannot be read; an operation that has failed is a result, not an error
 * @throws the reason of `options.signal` if it is aborted
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export function getOperation(location: string, options?: GetOptions | null): Promise<TeamworkDeviceOperation>;

/**
 * Lists the operations of a device, of every kind (diagnostics, restarts, updates), in Graph's order, which is not documented. An
 * operation that Graph repeats is returned once. Nothing is sent before the first `next()`, and each page is read when it is needed. The
 * timeouts and retries of the options apply to each page.
 *
 * ```ts
 * for await (const operation of listOperations(token, deviceId)) console.log(operation.operationType, operation.state);
 * ```
 *
 * @param token a token source whose tokens have `TeamworkDevice.Read.All` or `TeamworkDevice.ReadWrite.All`
 * @param deviceId as for {@link runDiagnostics}
 * @param options limits and cloud
 * @returns an iterator for `for await`
 * @throws {@link DiagnosticsError} also `protocol` if the links between the pages form a circle, and `untrustedLocation` if one leads away
 *   from `baseUrl`
 * @throws the reason of `options.signal` if it is aborted
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta
 */
export function listOperations(
  token: TokenSource,
  deviceId: string,
  options?: RequestOptions | null,
): AsyncIterableIterator<TeamworkDeviceOperation>;

/**
 * Lists the Teams devices of the tenant, in Graph's order, which is not documented. A device that Graph repeats is returned once. Nothing
 * is sent before the first `next()`, and each page is read when it is needed. The timeouts and retries of the options apply to each page.
 * No other call needs the list: a device id from another source works as well.
 *
 * ```ts
 * for await (const device of listDevices(token)) console.log(device.id, device.deviceType, device.healthStatus);
 * ```
 *
 * @param token a token source whose tokens have `TeamworkDevice.Read.All` or `TeamworkDevice.ReadWrite.All`
 * @param options limits and cloud
 * @returns an iterator for `for await`
 * @throws {@link DiagnosticsError} also `protocol` if the links between the pages form a circle, and `untrustedLocation` if one leads away
 *   from `baseUrl`
 * @throws the reason of `options.signal` if it is aborted
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta
 */
export function listDevices(token: TokenSource, options?: RequestOptions | null): AsyncIterableIterator<TeamworkDevice>;

/**
 * Where access tokens come from: a token, a function that gets tokens, or a credential of `@azure/identity` (any object with its
 * `getToken`).
 *
 * - Each call calls a function before every request, and uses only its own result, so the result may depend on the caller. Calls that run
 *   at the same time call the function at the same time.
 * - All calls share the token of a credential, until two minutes before its `expiresOnTimestamp`.
 *
 * After a 401 a function or credential is called once more. If Graph sent a claims challenge (continuous access evaluation), it gets the
 * `claims`, once for each challenge. `tokenTimeout` limits each token request.
 *
 * A token is sent to the service at `baseUrl` and nowhere else, and is in no error, event or log.
 */
export type TokenSource = string | TokenFunction | TokenCredential;

/**
 * Returns an access token for the requested scopes, without the word `Bearer`.
 * @param request the scopes, and the claims of a challenge
 */
export type TokenFunction = (request: TokenRequest) => string | Promise<string>;

/** The token that a {@link TokenFunction} must get. */
export interface TokenRequest {
  /** The scopes of the token: the cloud's Graph with `/.default`, such as `["https://graph.microsoft.com/.default"]`. */
  scopes: string[];
  /**
   * The claims that Graph demands, decoded; pass them on (MSAL: `claims`). Absent unless Graph sent a challenge.
   * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
   */
  claims?: string | undefined;
}

/** The part of the `TokenCredential` of `@azure/identity` that this package uses. */
export interface TokenCredential {
  /**
   * Gets an access token.
   * @param scopes as in {@link TokenRequest}
   * @param options `enableCae: true`, and `claims` after a claims challenge
   * @returns the token; `null` leads to `invalidArgument`
   */
  getToken(scopes: string[], options?: object): Promise<AccessToken | null>;
}

/** The part of the `AccessToken` of `@azure/identity` that this package uses. */
export interface AccessToken {
  /** The token, without the word `Bearer`. */
  token: string;
  /** When the token expires, in milliseconds since the Unix epoch. Without it, a token is requested before every request to Graph. */
  expiresOnTimestamp?: number | undefined;
}

/**
 * The Microsoft cloud that the tenant is in.
 * @see https://learn.microsoft.com/graph/deployments
 */
export type Cloud =
  /** The worldwide service, `https://graph.microsoft.com`. */
  | "global"
  /** US Government L4 (GCC High), `https://graph.microsoft.us`. */
  | "usGovL4"
  /** US Government L5 (DoD), `https://dod-graph.microsoft.us`. */
  | "usGovL5"
  /** China, operated by 21Vianet, `https://microsoftgraph.chinacloudapi.cn`. */
  | "china";

/** The options of every call. If one has a wrong type or range, the call rejects with `invalidArgument` and sends nothing. */
export interface RequestOptions {
  /** The cloud; default `"global"`. It cannot be combined with `baseUrl`. */
  cloud?: Cloud | undefined;
  /**
   * The root URL of the service, with its version; default `https://graph.microsoft.com/beta`. It must use https, or http on a
   * loopback address, for tests. Tokens are sent only to this origin, below the path before the version.
   */
  baseUrl?: string | undefined;
  /** Ends the call immediately: the call rejects with the signal's reason. A run on the device continues. */
  signal?: AbortSignal | undefined;
  /** The time limit for one HTTP request in milliseconds, more than 0 and not `Infinity`; default 30,000. Getting the token is not included. */
  timeout?: number | undefined;
  /**
   * The time limit for one request to a token function or credential in milliseconds, more than 0; default 300,000 (five minutes: a
   * person may have to sign in), `Infinity` for no limit. When the limit is exceeded, the call rejects with `unauthorized`.
   */
  tokenTimeout?: number | undefined;
  /** The time limit for the whole call in milliseconds, more than 0; default 3,600,000 (one hour), `Infinity` for no limit. */
  operationTimeout?: number | undefined;
  /**
   * The maximum number of retries of one request of a start, a list or {@link getOperation}, a whole number; default 3. In
   * {@link waitForOperation}, `patience` limits the retries instead.
   *
   * A GET is retried after a lost connection, a `timeout`, 408, 421, 423, 425, 429, 460, 499, 5xx except 501 and 505, a redirect (which is
   * never followed), or a document of another kind. The POST that starts a run is retried only if Graph said that it did not accept it.
   * A retry waits for Graph's `Retry-After` (RFC 9110, section 10.2.3) and is never sent earlier; without one the backoff is exponential
   * with jitter, up to 30 seconds.
   * @see https://learn.microsoft.com/graph/throttling
   */
  maxRetries?: number | undefined;
  /**
   * Called with each event when it happens. It may be async: the call awaits the promise before it ends. If it throws or rejects, the
   * call rejects with the same error. There is one exception: after `started`, `attached` and `abandoned` the result of `runDiagnostics`
   * does not change any more. The error then goes to `globalThis.reportError`, or becomes an unhandled rejection where that does not exist.
   * @param event what happened
   */
  onProgress?: ((event: ProgressEvent) => unknown) | undefined;
  /** A replacement for the global `fetch`, which is the default. It is called with the URL as a string and an init object. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** Options of {@link runDiagnostics}. */
export interface RunOptions extends RequestOptions {
  /**
   * What to do if an operation is already queued for the device (409). `"throw"` (default) rejects with `conflict`; if the queued
   * operation is found, the error has it and its location. `"attach"` emits `attached` and resolves to the location of the diagnostics that
   * are already queued; operations of another kind still lead to `conflict`.
   */
  onConflict?: "throw" | "attach" | undefined;
  /**
   * Whether to remember the token source with the location, so that `waitForOperation(location)` needs no `token`; default true. It
   * is kept in memory until the operation ends. On a server for several users pass false, and `token` with each wait: otherwise anybody
   * who knows a location waits for it with the token of the user who started the run.
   */
  rememberToken?: boolean | undefined;
}

/** Options of {@link getOperation}. */
export interface GetOptions extends RequestOptions {
  /**
   * The token source. Default: the one that the operation was started with, if the same module instance started it and it has not
   * ended. Required after a reload and in another process, after `rememberToken: false`, and if different token sources started the
   * operation or attached to it. The same string, function or credential object counts as one token source.
   */
  token?: TokenSource | undefined;
}

/** Options of {@link waitForOperation}. */
export interface WaitOptions extends GetOptions {
  /**
   * The time between two polls in milliseconds, more than 0 and not `Infinity`; default: adaptive, from 2 to 15 seconds (Graph documents no interval). A
   * longer `Retry-After` of Graph takes precedence.
   */
  pollInterval?: number | undefined;
  /**
   * How long a wait retries without a usable response, in milliseconds, 0 or more; default 300,000 (five minutes), `Infinity` for no
   * limit. With 0 the first failure ends the wait. Delays that Graph requested, time of the token source, time offline and time asleep do
   * not count.
   */
  patience?: number | undefined;
}

/** A progress event; its `type` says which one. */
export type ProgressEvent = StartedEvent | AttachedEvent | StatusEvent | RetryEvent | ThrottledEvent | AbandonedEvent;

/** Graph accepted the run: it responded with 202, or the run was found after the response had been lost. */
export interface StartedEvent {
  /** Which event this is. */
  type: "started";
  /** The operation's absolute URL. */
  location: string;
  /** The response was lost, and the run was found among the device's operations: `operation` says who started it, and when. */
  recovered?: true | undefined;
  /** The state of the operation; only with `recovered`. */
  state?: OperationState | undefined;
  /** Graph's own `status`; only with `recovered`. */
  status?: string | undefined;
  /** The operation as in Graph's list; only with `recovered`. */
  operation?: TeamworkDeviceOperation | undefined;
}

/** Diagnostics were already queued for the device, and the call resolves to them (`onConflict: "attach"`). */
export interface AttachedEvent {
  /** Which event this is. */
  type: "attached";
  /** The absolute URL of the queued operation. */
  location: string;
  /** The state of the operation. */
  state: OperationState;
  /** Graph's own `status`; absent if Graph sent none. */
  status?: string | undefined;
  /** The operation as in Graph's list, which also says who queued it, and when. */
  operation: TeamworkDeviceOperation;
}

/** A poll got the state of the operation. Each such poll emits one event, also if nothing has changed. */
export interface StatusEvent {
  /** Which event this is. */
  type: "status";
  /** The operation's absolute URL. */
  location: string;
  /** The state of the operation. */
  state: OperationState;
  /** Graph's own `status`; absent if Graph sent none. */
  status?: string | undefined;
  /** The `status` of the previous poll; absent in the first event. */
  previousStatus?: string | undefined;
  /** The operation as Graph sent it; absent if the response had no body. */
  operation?: TeamworkDeviceOperation | undefined;
  /** The time until the next poll in milliseconds; absent if the operation has ended. */
  nextPollInMs?: number | undefined;
}

/** An attempt failed, and the request is retried. */
export interface RetryEvent {
  /** Which event this is. */
  type: "retry";
  /** The operation's absolute URL; absent during a start and in lists. */
  location?: string | undefined;
  /** The number of the coming retry: 1 for the first. */
  attempt: number;
  /** The delay before the retry in milliseconds. */
  retryAfterMs: number;
  /** Where the delay comes from: Graph's `Retry-After`, or this client's backoff. */
  retryAfterFrom: "header" | "backoff";
  /** The HTTP status of the failed attempt; absent if no response came. */
  statusCode?: number | undefined;
}

/** The same as {@link RetryEvent}, after a 429: Graph limits the number of requests. */
export interface ThrottledEvent extends Omit<RetryEvent, "type"> {
  /** Which event this is. */
  type: "throttled";
}

/**
 * The signal was aborted while {@link runDiagnostics} awaited the response to the POST, or searched for a run whose response was lost. The
 * run may have started; {@link listOperations} shows it. The call rejects with the signal's reason.
 */
export interface AbandonedEvent {
  /** Which event this is. */
  type: "abandoned";
  /** The device of the call. */
  deviceId: string;
  /** Never present: no location is known. */
  location?: undefined;
}

/**
 * The state of an operation. It is derived from Graph's `status`, ignoring case, because Microsoft's pages spell it in several ways.
 * Only `successful`, `failed` and `cancelled` end a wait.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export type OperationState =
  /** The device has not accepted it yet. If the device is offline, this can take long. */
  | "queued"
  /** The device will run it. */
  | "scheduled"
  /** The device is running it. */
  | "inProgress"
  /** It succeeded: the logs are in the Teams admin center. Also for `succeeded`. */
  | "successful"
  /** It ended without success. */
  | "failed"
  /** It was cancelled before it completed. Also for `canceled`. */
  | "cancelled"
  /** Graph's `status` is not documented; the operation counts as running. */
  | "unknown";

/**
 * An operation on a device, as Graph sent it, with `state` added. Any of Graph's members may be missing. Dates are the text that Graph
 * sent, which is not always ISO 8601.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export interface TeamworkDeviceOperation {
  /** The state of the operation; added by this package. */
  state: OperationState;
  /** The id of the operation, unique among those of its device. */
  id?: string | undefined;
  /**
   * `deviceRestart`, `configUpdate`, `deviceDiagnostics`, `softwareUpdate`, `deviceManagementAgentConfigUpdate`, `remoteLogin`,
   * `remoteLogout`, or a value that was added later.
   */
  operationType?: string | undefined;
  /** Graph's own status, for example `Queued`, `Scheduled`, `InProgress`, `Successful`, `Cancelled`, `Failed`. */
  status?: string | undefined;
  /** When the operation was queued. */
  createdDateTime?: string | null | undefined;
  /** When the device started it. */
  startedDateTime?: string | null | undefined;
  /** When the last action on it happened. */
  lastActionDateTime?: string | null | undefined;
  /** When it ended. */
  completedDateTime?: string | null | undefined;
  /** Who queued it. */
  createdBy?: IdentitySet | null | undefined;
  /** Who performed the last action on it. */
  lastActionBy?: IdentitySet | null | undefined;
  /** Present after success too, in Microsoft's own example: only `status` says whether the operation failed. */
  error?: OperationError | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/**
 * Why an operation ended as it did, according to Graph.
 * @see https://learn.microsoft.com/graph/api/resources/operationerror?view=graph-rest-beta
 */
export interface OperationError {
  /** The code, for programs. */
  code?: string | null | undefined;
  /** The message, for people. */
  message?: string | null | undefined;
}

/**
 * Who did something: an application, a device, or a user.
 * @see https://learn.microsoft.com/graph/api/resources/identityset?view=graph-rest-beta
 */
export interface IdentitySet {
  /** The application that did it. */
  application?: Identity | null | undefined;
  /** The device that did it. */
  device?: Identity | null | undefined;
  /** The person who did it. */
  user?: Identity | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/**
 * An application, a device or a user.
 * @see https://learn.microsoft.com/graph/api/resources/identity?view=graph-rest-beta
 */
export interface Identity {
  /** Its id in the tenant. */
  id?: string | null | undefined;
  /** Its display name, which may be out of date. */
  displayName?: string | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/**
 * A Teams device, as Graph sent it. Any member may be missing. Values such as `healthStatus` are Graph's own: their case varies between
 * Microsoft's pages, and values are added over time. Health and activity can be ten minutes old or older.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdevice?view=graph-rest-beta
 */
export interface TeamworkDevice {
  /** The id of the device: the `deviceId` for {@link runDiagnostics}. */
  id?: string | undefined;
  /**
   * `ipPhone`, `teamsRoom`, `surfaceHub`, `collaborationBar`, `teamsDisplay`, `touchConsole`, `lowCostPhone`, `teamsPanel`, `sip`,
   * `sipAnalog`, `unknown`, or a value that was added later.
   */
  deviceType?: string | null | undefined;
  /** `healthy`, `nonUrgent`, `critical`, `offline`, `unknown`, or a value that was added later. */
  healthStatus?: string | null | undefined;
  /** `idle`, `busy`, `unavailable`, `unknown`, or a value that was added later. */
  activityState?: string | null | undefined;
  /** An administrator's notes about the device. */
  notes?: string | null | undefined;
  /** The organisation's own number for the device. */
  companyAssetTag?: string | null | undefined;
  /** The hardware: its manufacturer, model and numbers. */
  hardwareDetail?: HardwareDetail | null | undefined;
  /** The user who is signed in on the device. */
  currentUser?: Identity | null | undefined;
  /** When the device was enrolled. */
  createdDateTime?: string | null | undefined;
  /** Who enrolled it. */
  createdBy?: IdentitySet | null | undefined;
  /** When the device was last changed. */
  lastModifiedDateTime?: string | null | undefined;
  /** Who changed it last. */
  lastModifiedBy?: IdentitySet | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/**
 * The hardware of a device.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkhardwaredetail?view=graph-rest-beta
 */
export interface HardwareDetail {
  /** The serial number. */
  serialNumber?: string | null | undefined;
  /** The unique id of the hardware. */
  uniqueId?: string | null | undefined;
  /** The MAC addresses of the network interfaces. */
  macAddresses?: string[] | null | undefined;
  /** The manufacturer. */
  manufacturer?: string | null | undefined;
  /** The manufacturer's name of the model. */
  model?: string | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/** What went wrong: the `code` of a {@link DiagnosticsError}. The README says what to do about each. */
export type DiagnosticsErrorCode =
  /** An argument or option is wrong, or a token source gave no usable token. The message names the argument. */
  | "invalidArgument"
  /** No token source is known for this location, or several are; nothing was sent. */
  | "missingToken"
  /**
   * 401, even with a fresh token; or the token source failed (`cause` is its error), or took longer than `tokenTimeout`.
   */
  | "unauthorized"
  /** 403: consent, a role or a licence is missing, or the permission is of the wrong kind (delegated, application). */
  | "forbidden"
  /** 404 or 410: no such device or operation, or the API was withdrawn. */
  | "notFound"
  /** 409: an operation is already queued for the device. If it was found, it is `operation`, and `location` is its URL. */
  | "conflict"
  /** 429, and the retries did not help. */
  | "throttled"
  /** Another HTTP status without success, and the retries did not help. */
  | "serviceError"
  /** No response: connection lost, name not resolved, blocked by CORS or CSP. `cause` is the error of `fetch`. */
  | "network"
  /** A request took longer than `timeout`, and the retries did not help. */
  | "timeout"
  /** The call took longer than `operationTimeout`, or the next delay would exceed it. The outcome is not known. */
  | "operationTimeout"
  /** The operation ended `Failed`; `operation.error` says why. */
  | "operationFailed"
  /** The operation ended `Cancelled`. */
  | "operationCancelled"
  /** Graph's response cannot be used: no `Location` and no such run in the list, no JSON, no `status`, endless pages. */
  | "protocol"
  /** A `Location`, link to a next page or redirect leads away from the service at `baseUrl`; nothing was sent there. */
  | "untrustedLocation"
  /** A defect of this package: `cause` is the trap of its WebAssembly. Later calls work. */
  | "internal"
  /** The runtime has no WebAssembly: Lockdown Mode, `node --jitless`, React Native. Nothing was sent. */
  | "wasmUnsupported"
  /** A Content-Security-Policy forbids WebAssembly: `script-src` lacks `'wasm-unsafe-eval'`. Nothing was sent. */
  | "wasmForbidden"
  /** The WebAssembly was not fetched or is damaged (`cause` says what failed), or `init` was not called. Nothing was sent. */
  | "wasmNotLoaded";

/** The only error class of this package. No field holds a token, except perhaps `cause`. Fields that do not apply are absent. */
export class DiagnosticsError extends Error {
  private constructor();
  /** The name of the class, for logs. */
  readonly name: "DiagnosticsError";
  /** What went wrong. */
  readonly code: DiagnosticsErrorCode;
  /** What an administrator can do about it; absent with `invalidArgument`, because its message says it. */
  readonly hint?: string | undefined;
  /** The HTTP status of the last response. */
  readonly statusCode?: number | undefined;
  /**
   * Graph's `error.code`, or the `error.code` of the failed operation.
   * @see https://learn.microsoft.com/graph/errors
   */
  readonly graphCode?: string | undefined;
  /** Graph's `request-id` of the last response: Microsoft's support asks for it. */
  readonly requestId?: string | undefined;
  /** The GUID that was sent as `client-request-id` with the last request. */
  readonly clientRequestId?: string | undefined;
  /** When Graph responded, as Graph wrote it. In pages it is known only if the body has it (CORS). */
  readonly date?: string | undefined;
  /** The delay that Graph requested (`Retry-After`), in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The number of attempts of the last request. */
  readonly attempts?: number | undefined;
  /** The device of the call. */
  readonly deviceId?: string | undefined;
  /**
   * The operation's absolute URL, in every error after the 202: `waitForOperation(error.location, { token })` resumes. With `conflict` it
   * is the URL of the queued operation. With `untrustedLocation` it is the refused location, as it was written. With `internal` it may be
   * as Graph wrote it, which `waitForOperation` accepts too.
   */
  readonly location?: string | undefined;
  /** The operation, as Graph last reported it. */
  readonly operation?: TeamworkDeviceOperation | undefined;
  /** Whether a run may be under way on the device although the call failed. If so, list the operations before you start another. */
  readonly mayHaveStarted: boolean;
  /** The underlying error: that of `fetch`, of the token source or of `WebAssembly`, or the trap. */
  readonly cause?: unknown;
  /**
   * What `JSON.stringify` writes, for logs: name, message and every field except `cause`, whose content this package does not control.
   * @returns a plain object
   */
  toJSON(): Record<string, unknown>;
}

/**
 * Whether `error` is a {@link DiagnosticsError}. It also recognises errors of another copy of this package or of another realm (an iframe,
 * a `node:vm` context), where `instanceof` fails. It never throws.
 * @param error any value that was caught
 */
export function isDiagnosticsError(error: unknown): error is DiagnosticsError;
