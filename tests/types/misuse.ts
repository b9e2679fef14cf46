// What must not compile.
import { DiagnosticsError, runDiagnostics, waitForOperation } from "teams-device-diagnostics";

// @ts-expect-error the device id is missing
runDiagnostics("token");
// @ts-expect-error a number is no token
runDiagnostics(1, "device");
// @ts-expect-error there is no such cloud
runDiagnostics("token", "device", { cloud: "moon" });
// @ts-expect-error a callback is a function
runDiagnostics("token", "device", { onProgress: "status" });
// @ts-expect-error milliseconds are a number
runDiagnostics("token", "device", { tokenTimeout: "1m" });
// @ts-expect-error a POST is not polled
runDiagnostics("token", "device", { pollInterval: 1 });
// @ts-expect-error it is true or false
runDiagnostics("token", "device", { rememberToken: "no" });
// @ts-expect-error only a start remembers
waitForOperation("location", { rememberToken: false });
// @ts-expect-error a POST is not waited for
runDiagnostics("token", "device", { patience: 1 });
// @ts-expect-error milliseconds are a number
waitForOperation("location", { timeout: "1s" });
// @ts-expect-error only the package makes these
new DiagnosticsError();
