// What must not compile.
import { DiagnosticsError, runDiagnostics, waitForOperation } from "teams-device-diagnostics";

// @ts-expect-error the device id is missing
runDiagnostics("token");
// @ts-expect-error a number is not a token source
runDiagnostics(1, "device");
// @ts-expect-error there is no such cloud
runDiagnostics("token", "device", { cloud: "moon" });
// @ts-expect-error a callback is a function
runDiagnostics("token", "device", { onProgress: "status" });
// @ts-expect-error milliseconds are a number
runDiagnostics("token", "device", { tokenTimeout: "1m" });
// @ts-expect-error a start has no poll interval
runDiagnostics("token", "device", { pollInterval: 1 });
// @ts-expect-error it must be a boolean
runDiagnostics("token", "device", { rememberToken: "no" });
// @ts-expect-error only a start remembers a token source
waitForOperation("location", { rememberToken: false });
// @ts-expect-error a start has no patience
runDiagnostics("token", "device", { patience: 1 });
// @ts-expect-error milliseconds are a number
waitForOperation("location", { timeout: "1s" });
// @ts-expect-error only the package creates errors
new DiagnosticsError();
