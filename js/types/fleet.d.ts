/**
 * Diagnostics on many devices in one call, for administrators and service providers. This entry also has everything of
 * `teams-device-diagnostics`; it is separate because its WebAssembly is larger.
 *
 * ```ts
 * import { runDiagnosticsOnDevices } from "teams-device-diagnostics/fleet";
 *
 * for await (const { deviceId, outcome } of runDiagnosticsOnDevices(token, deviceIds)) console.log(deviceId, outcome);
 * ```
 *
 * @module teams-device-diagnostics/fleet
 */
import type {
  AttachedEvent,
  DiagnosticsError,
  DiagnosticsErrorCode,
  RetryEvent,
  RunOptions,
  StartedEvent,
  StatusEvent,
  TeamworkDevice,
  TeamworkDeviceOperation,
  ThrottledEvent,
  TokenSource,
  WaitOptions,
} from "teams-device-diagnostics";

export * from "teams-device-diagnostics";

/**
 * Starts diagnostics on many devices and waits for all of them: a fleet. Yields one result for each device, in the order in which they
 * end, and never throws because of a single device.
 *
 * - Nothing is sent before the first `next()`. After that the fleet does not wait for its consumer: results that are not read yet are kept.
 * - All requests share one rate limit. If Graph throttles (429, or a 503 of Graph's own), all of them wait as long as `Retry-After` says;
 *   then the rate is lower, and recovers step by step. A throttled request is not a failed attempt of its device: it is retried until the
 *   device's `operationTimeout`, unless `maxRetries` is 0. Polls become rarer if there are too many devices for the rate.
 * - The fleet pauses if the token is refused or the token source fails, until the source gives another token, and while the host is
 *   offline. A pause counts neither towards `patience` nor towards `operationTimeout`. If the token source is a string, there can be no
 *   other token: then the fleet ends, and running devices are `stillRunning`.
 * - Ending the loop early (`break`, or `signal`) starts nothing more, ends every wait at once, and passes the record of every run to
 *   `onState`. The runs on the devices continue.
 *
 * Three thousand waiting devices need about 6 MB of memory.
 *
 * @param token a token source whose tokens have the permission `TeamworkDevice.ReadWrite.All`. At most one token request is open at a
 *   time, and its result serves all requests that wait for a token at that moment
 * @param deviceIds the devices: any iterable or async iterable of ids, of {@link FleetDevice}, or of devices as `listDevices` yields
 *   them. Devices can be added while the fleet runs, and are read at most 50,000 devices ahead of the results that the caller reads. An
 *   id that is repeated is run once, and each of its signals ends it
 * @param options limits, cloud, progress, and records against crashes
 * @returns an iterator for `for await`. `return()` resolves when `onState` has kept the last record, and rejects if it fails, or does not
 *   settle within a minute
 * @throws {@link DiagnosticsError} `invalidArgument` before anything is sent, if the token or an option is invalid
 * @throws the failure that ended the fleet, such as that of a token source that gives no token, if not all devices had been read by
 *   then: the others have no result, and are not started
 * @throws the reason of `options.signal` if it is aborted, after the results of all devices that were read
 * @throws the error of `options.onState`, of `options.onProgress`, of `options.resume` or of `deviceIds` if one of them fails, after the
 *   results of all devices that were read: the fleet then ends as if it was aborted. If `onState` fails after an abort, its error is thrown
 *   instead of the reason, because a record is lost
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta
 */
export function runDiagnosticsOnDevices(
  token: TokenSource,
  deviceIds: Iterable<string | FleetDevice | TeamworkDevice> | AsyncIterable<string | FleetDevice | TeamworkDevice>,
  options?: FleetOptions | null,
): AsyncIterableIterator<DeviceResult>;

/** A device of a fleet. */
export interface FleetDevice {
  /** The `id` of the teamworkDevice, as for `runDiagnostics`. */
  deviceId: string;
  /**
   * Takes back this device alone, or ends its wait. Its outcome is then `notStarted`, `aborted`, or `lost` if the POST was under way.
   */
  signal?: AbortSignal | undefined;
}

/**
 * The options of {@link runDiagnosticsOnDevices}. The limits of one call apply to each device: `operationTimeout` begins when its start
 * is sent, and does not include time that the fleet was paused.
 */
export interface FleetOptions
  extends Omit<RunOptions, "onProgress">,
    Pick<WaitOptions, "pollInterval" | "patience"> {
  /**
   * The maximum number of devices whose start is under way or whose run has not ended, a whole number, at least 1; default: no limit.
   * An offline device keeps its place until its `operationTimeout`.
   */
  concurrency?: number | undefined;
  /**
   * The maximum number of requests in a second, more than 0 and at most 1,000; default 10. Microsoft documents 30 for each app and tenant.
   * @see https://learn.microsoft.com/graph/throttling-limits
   */
  maxRequestsPerSecond?: number | undefined;
  /**
   * The time limit for one pause in milliseconds, more than 0; default `Infinity`. When it is exceeded, the fleet ends: running devices
   * are `stillRunning`, and the others `notStarted`. If Graph has never accepted a token, a pause for a token also ends after `patience`.
   */
  pauseTimeout?: number | undefined;
  /**
   * The records of an earlier fleet that was interrupted, in the order in which `onState` received them; only the last record of a device
   * counts. Devices that have ended yield their result again, without a request. Running devices are followed. A device whose start was
   * under way is looked for, and started again only if two complete lists of its operations, at least 60 seconds after the record, show
   * no diagnostics created since; if the lists do not prove that, it is `lost`.
   */
  resume?: Iterable<DeviceRecord> | AsyncIterable<DeviceRecord> | undefined;
  /**
   * Called with the record of a device before each POST, and after every change that must not be lost. The fleet awaits the result before
   * it sends the POST, or yields the device's result. Store the record durably, for example as a line of a file.
   * That should take less than 20 seconds. The fleet ends if it takes more than five minutes, or more than one minute after its end.
   * @param record the device's new record
   */
  onState?: ((record: DeviceRecord) => unknown) | undefined;
  /**
   * Called with each event when it happens. If it fails, the fleet ends as if it was aborted. A promise that it returns is not awaited.
   * @param event what happened
   */
  onProgress?: ((event: FleetProgressEvent) => unknown) | undefined;
}

/**
 * How a device ended.
 */
export type DeviceOutcome =
  /** The run succeeded: the logs are in the Teams admin center. */
  | "successful"
  /** The run failed. */
  | "failed"
  /** The run was cancelled. */
  | "cancelled"
  /** The run was started, and its end is not known: its time is up, or it cannot be followed (see `error`). `location` leads to it. */
  | "stillRunning"
  /** The start failed, and nothing was started. */
  | "refused"
  /**
   * Another operation is queued for the device (`location`). Nothing was started, unless it is this run, which a browser may have sent
   * twice: then `error.mayHaveStarted` is `true`.
   */
  | "conflict"
  /** A run may have been started, but it is not known; or Graph no longer knows the run. */
  | "lost"
  /** The fleet ended before the device was started. */
  | "notStarted"
  /** The caller's signal, or the end of the loop, ended the wait. The run continues; `location` leads to it. */
  | "aborted";

/** The result of a device. */
export interface DeviceResult {
  /** The device; empty if an access token was passed in its place. */
  deviceId: string;
  /** How it ended. */
  outcome: DeviceOutcome;
  /** The operation as Graph sent it last; absent after `resume` if it had ended before. */
  operation?: TeamworkDeviceOperation | undefined;
  /** Why it is not `successful`; absent if it was aborted or taken back. */
  error?: DiagnosticsError | undefined;
  /** The absolute URL of the operation, for `waitForOperation`. */
  location?: string | undefined;
  /** When Graph accepted the run, or the run was found, by this computer's clock (ISO 8601, UTC). */
  startedAt?: string | undefined;
  /** When the device ended, by this computer's clock (ISO 8601, UTC). */
  endedAt: string;
  /** The number of requests that were sent for the device. */
  attempts: number;
}

/** What must not be lost about a device: small, plain, and without secrets. It can be stored as JSON. */
export interface DeviceRecord {
  /** The version of this form. */
  version: 1;
  /** The device. */
  deviceId: string;
  /** `starting`: a POST follows. `running`: Graph accepted the run at `location`. `ended`: the device has its `outcome`. */
  state: "starting" | "running" | "ended";
  /** When the record was written, by this computer's clock (ISO 8601, UTC). */
  time: string;
  /** The same moment by Graph's clock, if that is known. */
  serviceTime?: string | undefined;
  /** The absolute URL of the operation. */
  location?: string | undefined;
  /** When Graph accepted the run, as in {@link DeviceResult}. */
  startedAt?: string | undefined;
  /** How the device ended; only with `ended`. */
  outcome?: DeviceOutcome | undefined;
  /** Why it is not `successful`; only with `ended`. */
  error?: RecordedError | undefined;
  /** The number of requests that were sent for the device. */
  attempts: number;
}

/** The error of a device in its record. */
export interface RecordedError {
  /** The code of the `DiagnosticsError`. */
  code: DiagnosticsErrorCode;
  /** Its message. */
  message: string;
}

/** What happens in a fleet: the events of each device with its `deviceId`, and those of the fleet. */
export type FleetProgressEvent = DeviceEvent | FleetEvent | PausedEvent;

/** An event of one device, as in a single call. */
export type DeviceEvent = (StartedEvent | AttachedEvent | StatusEvent | RetryEvent | ThrottledEvent) & OfDevice;

/** What an event of a fleet has in addition. */
export interface OfDevice {
  /** The device. */
  deviceId: string;
}

/** The state of the whole fleet, at most ten times a second. */
export interface FleetEvent {
  /** Which event this is. */
  type: "fleet";
  /** Devices that were not started yet. */
  waiting: number;
  /** Devices whose start is under way. */
  starting: number;
  /** Devices whose run has not ended. */
  running: number;
  /** Devices whose run succeeded. */
  successful: number;
  /** Devices whose run failed. */
  failed: number;
  /** Devices that ended otherwise. */
  other: number;
  /** The number of requests that were sent, also for earlier events. */
  requestsSent: number;
  /** When the next request may be sent, if Graph throttles (ISO 8601, UTC). */
  throttledUntil?: string | undefined;
  /** Why the fleet is paused; absent if it is not. */
  pausedFor?: PauseReason | undefined;
  /** An estimate of the time until the last device ends, in milliseconds; absent while there is nothing to base it on. */
  timeLeftMs?: number | undefined;
}

/** Why a fleet is paused: the token is refused or the token source fails; or the host is offline. */
export type PauseReason = "unauthorized" | "offline";

/** The fleet pauses: nothing is sent until the reason is gone. */
export interface PausedEvent {
  /** Which event this is. */
  type: "paused";
  /** Why. */
  reason: PauseReason;
  /** The failure of the token; only with `unauthorized`. */
  error?: DiagnosticsError | undefined;
}
