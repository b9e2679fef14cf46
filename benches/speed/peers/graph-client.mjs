// Microsoft's Graph client. It sends its token only over https, so only its last step redirects the requests from the real Graph to the
// simulated one.
import { Client, MiddlewareFactory, ResponseType } from "@microsoft/microsoft-graph-client";
import { hasSucceeded, sleep, start } from "../job.mjs";

const GRAPH = "https://graph.microsoft.com/beta";

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  const middleware = MiddlewareFactory.getDefaultMiddlewareChain({ getAccessToken: async () => token }).slice(0, -1);
  const toSimulator = {
    /** @param {import("@microsoft/microsoft-graph-client").Context} context */
    async execute(context) {
      context.response = await fetch(baseUrl + String(context.request).slice(GRAPH.length), context.options);
    },
  };
  const graph = Client.initWithMiddleware({ defaultVersion: "beta", middleware: [...middleware, toSimulator] });
  return async (device) => {
    const started = await graph.api(start(device)).responseType(ResponseType.RAW).post(undefined);
    if (started.status !== 202) throw new Error(`Not started: ${started.status} ${await started.text()}`);
    const location = started.headers.get("location");
    for (;;) {
      const { value } = await graph.api(location).get();
      if (hasSucceeded(value)) return value;
      await sleep(pollInterval);
    }
  };
}
