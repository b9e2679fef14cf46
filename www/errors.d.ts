// The types of the package's errors, which lie beside this page as `errors.js`.
export { DiagnosticsError, isDiagnosticsError } from "../js/types/index.js";
