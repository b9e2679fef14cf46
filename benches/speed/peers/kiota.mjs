// Kiota's fetch adapter, used as Kiota's generated code uses it, for the two requests and the one type of this job.
import {
  AllowedHostsValidator,
  BaseBearerTokenAuthenticationProvider,
  HttpMethod,
  ParseNodeFactoryRegistry,
  RequestInformation,
} from "@microsoft/kiota-abstractions";
import { FetchRequestAdapter, HeadersInspectionOptions } from "@microsoft/kiota-http-fetchlibrary";
import { JsonParseNodeFactory } from "@microsoft/kiota-serialization-json";
import { hasSucceeded, sleep } from "../job.mjs";

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  const tokens = { getAuthorizationToken: async () => token, getAllowedHostsValidator: () => new AllowedHostsValidator() };
  const parsers = new ParseNodeFactoryRegistry();
  const json = new JsonParseNodeFactory();
  parsers.contentTypeAssociatedFactories.set(json.getValidContentType(), json);
  const adapter = new FetchRequestAdapter(new BaseBearerTokenAuthenticationProvider(tokens), parsers);
  adapter.baseUrl = baseUrl;

  return async (device) => {
    const post = new RequestInformation(HttpMethod.POST, "{+baseurl}/teamwork/devices/{teamworkDevice%2Did}/runDiagnostics", {
      baseurl: baseUrl,
      "teamworkDevice%2Did": device,
    });
    const inspection = new HeadersInspectionOptions({ inspectResponseHeaders: true });
    post.addRequestOptions([inspection]);
    await adapter.sendNoResponseContent(post, undefined);
    const [location] = inspection.getResponseHeaders().get("location") ?? [];
    for (;;) {
      const get = new RequestInformation(HttpMethod.GET);
      get.URL = baseUrl + location;
      get.headers.tryAdd("Accept", "application/json");
      const { value } = /** @type {{ value?: any }} */ (await adapter.send(get, () => response, undefined));
      if (hasSucceeded(value)) return value;
      await sleep(pollInterval);
    }
  };
}

/**
 * @typedef {import("@microsoft/kiota-abstractions").ParseNode} Node
 * @typedef {Record<string, unknown>} Target
 */

/** @param {Target} [target] */
const response = (target = {}) => ({ value: (/** @type {Node} */ node) => (target.value = node.getObjectValue(() => operation)) });
/** @param {Target} [target] */
const operation = (target = {}) => ({
  id: (/** @type {Node} */ node) => (target.id = node.getStringValue()),
  operationType: (/** @type {Node} */ node) => (target.operationType = node.getStringValue()),
  status: (/** @type {Node} */ node) => (target.status = node.getStringValue()),
  createdDateTime: (/** @type {Node} */ node) => (target.createdDateTime = node.getDateValue()),
  startedDateTime: (/** @type {Node} */ node) => (target.startedDateTime = node.getDateValue()),
  lastActionDateTime: (/** @type {Node} */ node) => (target.lastActionDateTime = node.getDateValue()),
  completedDateTime: (/** @type {Node} */ node) => (target.completedDateTime = node.getDateValue()),
  createdBy: (/** @type {Node} */ node) => (target.createdBy = node.getObjectValue(() => identitySet)),
  lastActionBy: (/** @type {Node} */ node) => (target.lastActionBy = node.getObjectValue(() => identitySet)),
  error: (/** @type {Node} */ node) => (target.error = node.getObjectValue(() => operationError)),
});
/** @param {Target} [target] */
const identitySet = (target = {}) => ({
  application: (/** @type {Node} */ node) => (target.application = node.getObjectValue(() => identity)),
  device: (/** @type {Node} */ node) => (target.device = node.getObjectValue(() => identity)),
  user: (/** @type {Node} */ node) => (target.user = node.getObjectValue(() => identity)),
});
/** @param {Target} [target] */
const identity = (target = {}) => ({
  id: (/** @type {Node} */ node) => (target.id = node.getStringValue()),
  displayName: (/** @type {Node} */ node) => (target.displayName = node.getStringValue()),
});
/** @param {Target} [target] */
const operationError = (target = {}) => ({
  code: (/** @type {Node} */ node) => (target.code = node.getStringValue()),
  message: (/** @type {Node} */ node) => (target.message = node.getStringValue()),
});
