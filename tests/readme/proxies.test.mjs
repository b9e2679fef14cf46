// What the README says about proxies: Node's fetch uses the proxy of the environment if that is switched on.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as forward } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { run } from "../../scripts/run.mjs";
import { job } from "../shared/customer.mjs";
import { present } from "../shared/present.mjs";
import { NODES, node } from "../runtimes/programs.mjs";
import { startSimulator } from "../simulator/simulator.mjs";
import { customer } from "./customer.mjs";

let home;
before(() => {
  home = customer();
});
after(() => home?.remove());

/** A proxy that records its requests: to forward a request, or to make a tunnel. @param {import("node:test").TestContext} t */
async function openProxy(t) {
  /** @type {string[]} */
  const requested = [];
  const server = createServer((request, response) => {
    const { url = "", method, headers } = request;
    requested.push(url);
    const forwarded = forward(url, { method, headers }, (original) => {
      response.writeHead(present(original.statusCode, "the status"), original.headers);
      original.pipe(response);
    });
    request.pipe(forwarded);
  });
  server.on("connect", ({ url }, socket) => {
    requested.push(`http://${url}/`);
    const tunnel = connect(Number(new URL(`http://${url}`).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      tunnel.pipe(socket).pipe(tunnel);
    });
    tunnel.on("error", () => socket.destroy());
    socket.on("error", () => tunnel.destroy());
    t.after(() => tunnel.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`, requested };
}

for (const major of NODES) {
  const takesProxy = major >= 22;
  const name = `Node ${major} takes ${takesProxy ? "the proxy of the environment" : "no proxy of the environment"}`;
  test(name, { timeout: 60_000, skip: !node(major) && "npm has no such Node for this platform" }, async (t) => {
    const { origin } = await startSimulator(t);
    const { url, requested } = await openProxy(t);
    const own = Object.keys(process.env)
      .filter((variable) => /_proxy$/i.test(variable))
      .map((variable) => [variable, undefined]);
    const env = { ...Object.fromEntries(own), NODE_USE_ENV_PROXY: "1", HTTP_PROXY: url, HTTPS_PROXY: url };
    const script = ["--input-type=module", "--eval", job(`${origin}/beta`)];
    const { code, stdout, output } = await run(String(node(major)), script, { cwd: home.folder, env, quiet: true });
    assert.equal(code, 0, output);
    assert.equal(stdout.trim(), "Successful");
    assert.equal(requested.length > 0, takesProxy);
    assert.ok(
      requested.every((address) => address.startsWith(`${origin}/`)),
      requested.join(" "),
    );
  });
}
