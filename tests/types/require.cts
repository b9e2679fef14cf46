// CommonJS finds the same types.
import diagnostics = require("../../pkg/index.cjs");

export const location: Promise<string> = diagnostics.runDiagnostics("token", "device");
