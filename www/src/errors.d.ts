// The types of the package's errors; the build puts `errors.js` beside this page.
export { DiagnosticsError, isDiagnosticsError } from "../../js/types/index.js";
