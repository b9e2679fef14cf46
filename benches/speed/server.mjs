// The server of the benchmark. It repeats what the simulated Graph answers to one operation, because the clients must be the limit, and
// not the server. `/requests` is the number of requests so far, `/reset` begins again, and a folder of files is at `/`.
import { createServer } from "node:http";
import sirv from "sirv";
import { simulateGraph } from "../../pkg/dist/simulator.js";
import { device, devices, token } from "./tenant.mjs";

const BETA = "https://graph.microsoft.com/beta";
const [started, ...polled] = await recorded();
const files = sirv(process.argv[2] ?? "nothing", { dev: true });
/** The number of polls of each operation that has not ended. @type {Map<string, number>} */
const polls = new Map();
let requests = 0;
let operations = 0;

const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
  const { method, url = "/" } = request;
  if (url === "/requests") return response.end(String(requests));
  if (url === "/reset") {
    requests = 0;
    return response.end();
  }
  if (!url.startsWith("/beta/")) return files(request, response);
  requests += 1;
  if (method === "POST") {
    const location = url.replace(/^\/beta(.*)\/runDiagnostics$/, `$1/operations/${++operations}`);
    polls.set(`/beta${location}`, 0);
    return send({ ...started, headers: { ...started.headers, location } });
  }
  const count = polls.get(url) ?? polled.length - 1;
  if (count === polled.length - 1) polls.delete(url);
  else polls.set(url, count + 1);
  send(polled[count]);

  /** @param {typeof started} answer */
  function send({ status, headers, body }) {
    request.resume();
    response.writeHead(status, { ...headers, "content-length": body.length }).end(body);
  }
});
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
process.on("disconnect", () => process.exit());

/** The responses to a start and to its polls, until it is successful. */
async function recorded() {
  const graph = await simulateGraph({ devices: devices() });
  const headers = { authorization: `Bearer ${token}` };
  const responses = [await graph.fetch(`${BETA}/teamwork/devices/${device(0)}/runDiagnostics`, { method: "POST", headers })];
  const answers = [];
  for (const response of responses) {
    const body = Buffer.from(await response.arrayBuffer());
    answers.push({ status: response.status, headers: Object.fromEntries(response.headers), body });
    const location = answers[0].headers.location;
    if (!body.includes("Successful")) responses.push(await graph.fetch(BETA + location, { headers }));
  }
  return answers;
}
