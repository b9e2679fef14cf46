// Azure's poller on Azure's pipeline. The poller knows neither Graph's wrapped response nor its states, so a running operation is passed to
// it as a 202. Its policy for tokens refuses plain http, so the token is added here.
import { createHttpPoller } from "@azure/core-lro";
import { createDefaultHttpClient, createHttpHeaders, createPipelineFromOptions, createPipelineRequest } from "@azure/core-rest-pipeline";
import { hasSucceeded, start } from "../job.mjs";

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  const http = createDefaultHttpClient();
  const pipeline = createPipelineFromOptions({});

  /** @param {"GET" | "POST"} method @param {string} url @param {import("@azure/core-rest-pipeline").PipelineRequest["abortSignal"]} [abortSignal] */
  async function send(method, url, abortSignal) {
    const headers = createHttpHeaders({ authorization: `Bearer ${token}` });
    const response = await pipeline.sendRequest(
      http,
      createPipelineRequest({ method, url, headers, abortSignal, allowInsecureConnection: true }),
    );
    if (response.status >= 300) throw new Error(`${method} ${url}: ${response.status} ${response.bodyAsText}`);
    return response;
  }

  return (device) =>
    createHttpPoller(
      {
        async sendInitialRequest() {
          const url = baseUrl + start(device);
          const { status, headers } = await send("POST", url);
          const location = baseUrl + headers.get("location");
          return { flatResponse: undefined, rawResponse: { statusCode: status, headers: { location }, request: { method: "POST", url } } };
        },
        async sendPollRequest(url, options) {
          const { headers, bodyAsText } = await send("GET", url, options?.abortSignal);
          const { value } = JSON.parse(bodyAsText ?? "");
          const statusCode = hasSucceeded(value) ? 200 : 202;
          const retryAfter = headers.get("retry-after");
          /** @type {Record<string, string>} */
          const pollLater = retryAfter === undefined ? {} : { "retry-after": retryAfter };
          return { flatResponse: value, rawResponse: { statusCode, headers: pollLater, body: value, request: { method: "GET", url } } };
        },
      },
      { intervalInMs: pollInterval },
    ).pollUntilDone();
}
