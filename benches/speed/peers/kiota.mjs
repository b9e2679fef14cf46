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

const response = (target = {}) => ({ value: (node) => (target.value = node.getObjectValue(() => operation)) });
const operation = (target = {}) => ({
  id: (node) => (target.id = node.getStringValue()),
  operationType: (node) => (target.operationType = node.getStringValue()),
  status: (node) => (target.status = node.getStringValue()),
  createdDateTime: (node) => (target.createdDateTime = node.getDateValue()),
  startedDateTime: (node) => (target.startedDateTime = node.getDateValue()),
  lastActionDateTime: (node) => (target.lastActionDateTime = node.getDateValue()),
  completedDateTime: (node) => (target.completedDateTime = node.getDateValue()),
  createdBy: (node) => (target.createdBy = node.getObjectValue(() => identitySet)),
  lastActionBy: (node) => (target.lastActionBy = node.getObjectValue(() => identitySet)),
  error: (node) => (target.error = node.getObjectValue(() => operationError)),
});
const identitySet = (target = {}) => ({
  application: (node) => (target.application = node.getObjectValue(() => identity)),
  device: (node) => (target.device = node.getObjectValue(() => identity)),
  user: (node) => (target.user = node.getObjectValue(() => identity)),
});
const identity = (target = {}) => ({
  id: (node) => (target.id = node.getStringValue()),
  displayName: (node) => (target.displayName = node.getStringValue()),
});
const operationError = (target = {}) => ({
  code: (node) => (target.code = node.getStringValue()),
  message: (node) => (target.message = node.getStringValue()),
});
