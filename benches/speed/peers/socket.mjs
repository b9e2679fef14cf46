// The leanest possible client, to measure how much the simulated Graph can handle: requests are text on persistent connections, and only
// as much of a response is read as the job needs. Do not use this as an example.
import { connect } from "node:net";
import { hasSucceeded, sleep, start } from "../job.mjs";

/** @typedef {{ onResponse: (response: string, head: number) => void }} Waiting what happens with the next response on a connection */

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  const { hostname, port, pathname } = new URL(baseUrl);
  /** @type {ReturnType<typeof open>[]} */
  const idle = [];
  /** @param {string} method @param {string} path @param {string} length its header field */
  const request = (method, path, length) =>
    `${method} ${pathname}${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\n${length}\r\n`;

  /** @returns {import("node:net").Socket & Waiting} */
  function open() {
    /** @type {Waiting} */
    const customer = { onResponse: () => {} };
    const socket = Object.assign(connect(Number(port), hostname), customer);
    socket.setEncoding("latin1");
    let received = "";
    socket.on("data", (/** @type {string} */ text) => {
      received += text;
      const head = received.indexOf("\r\n\r\n") + 4;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1]);
      if (head < 4 || received.length < head + length) return;
      const response = received;
      received = "";
      idle.push(socket.unref());
      socket.onResponse(response, head);
    });
    return socket;
  }

  /** @param {string} text @returns {Promise<[response: string, head: number]>} */
  const send = (text) =>
    new Promise((resolve) => {
      const socket = idle.pop()?.ref() ?? open();
      socket.onResponse = (response, head) => resolve([response, head]);
      socket.write(text);
    });

  return async (device) => {
    const [started] = await send(request("POST", start(device), "Content-Length: 0\r\n"));
    const location = /\r\nlocation: (.*)\r\n/i.exec(started)?.[1] ?? "";
    for (;;) {
      const [response, head] = await send(request("GET", location, ""));
      const { value } = JSON.parse(response.slice(head));
      if (hasSucceeded(value)) return value;
      await sleep(pollInterval);
    }
  };
}
