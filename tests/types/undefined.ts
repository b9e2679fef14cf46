// With `exactOptionalPropertyTypes`, as here, every optional member may also be undefined, and null means no options.
import {
  type AccessToken, type AttachedEvent, type DiagnosticsError, type GetOptions, type HardwareDetail, type Identity, type IdentitySet,
  type OperationError, type RequestOptions, type RetryEvent, type RunOptions, type StartedEvent, type StatusEvent, type TeamworkDevice,
  type TeamworkDeviceOperation, type ThrottledEvent, type TokenRequest, type WaitOptions,
  getOperation, listDevices, listOperations, runDiagnostics, waitForOperation,
} from "teams-device-diagnostics";
import type { CompiledWasm } from "teams-device-diagnostics/init";

/** The optional members of a type that cannot be undefined. */
type Refusing<T> = keyof {
  [K in keyof T as string extends K ? never : number extends K ? never : {} extends Pick<T, K> ? (Record<K, undefined> extends Pick<T, K> ? never : K) : never]: true;
};

type All =
  | Refusing<RequestOptions> | Refusing<RunOptions> | Refusing<GetOptions> | Refusing<WaitOptions> | Refusing<TokenRequest> | Refusing<AccessToken>
  | Refusing<StartedEvent> | Refusing<AttachedEvent> | Refusing<StatusEvent> | Refusing<RetryEvent> | Refusing<ThrottledEvent>
  | Refusing<TeamworkDeviceOperation> | Refusing<OperationError> | Refusing<IdentitySet> | Refusing<Identity> | Refusing<TeamworkDevice>
  | Refusing<HardwareDetail> | Refusing<DiagnosticsError> | Refusing<CompiledWasm>;
// This shows that the type finds such members.
export const found: Refusing<{ a?: string; b?: string | undefined; c: string }> = "a";
// @ts-expect-error none of the types has one
export const refusing: All = "signal";

/** A caller who passes on values that may be undefined. */
export async function passesOn(token: string, deviceId: string, signal?: AbortSignal, timeout?: number): Promise<void> {
  const request = { signal, timeout, cloud: undefined, baseUrl: undefined, tokenTimeout: undefined, operationTimeout: undefined, maxRetries: undefined };
  const options = { ...request, onProgress: undefined, fetch: undefined };
  const location = await runDiagnostics(token, deviceId, { ...options, onConflict: undefined });
  await waitForOperation(location, { ...options, token: undefined, pollInterval: undefined, patience: undefined });
  await getOperation(location, { ...options, token: undefined });
  await listOperations(token, deviceId, options).next();
  await listDevices(token, options).next();
}

export async function noOptions(token: string, deviceId: string): Promise<void> {
  const location = await runDiagnostics(token, deviceId, null);
  await waitForOperation(location, null);
  await getOperation(location, null);
  await listOperations(token, deviceId, null).next();
  await listDevices(token, null).next();
  await getOperation(location, undefined);
}

// @ts-expect-error an option is never null
runDiagnostics("token", "device", { signal: null });
