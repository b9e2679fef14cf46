// The leanest possible client, to measure how much the simulated Graph can handle: requests are text on persistent connections, and only
// as much of a response is read as the job needs. Do not use this as an example.
import { connect } from "node:net";
import { hasSucceeded, sleep, start } from "../job.mjs";

export function client({ baseUrl, token, pollInterval }) {
  const { hostname, port, pathname } = new URL(baseUrl);
  const idle = [];
  const request = (method, path, length) =>
    `${method} ${pathname}${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\n${length}\r\n`;

  function open() {
    /** @type {{ take: (response: string, head: number) => void }} */
    const customer = { take: () => {} };
    const socket = Object.assign(connect(Number(port), hostname), customer);
    socket.setEncoding("latin1");
    let received = "";
    socket.on("data", (text) => {
      received += text;
      const head = received.indexOf("\r\n\r\n") + 4;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1]);
      if (head < 4 || received.length < head + length) return;
      const response = received;
      received = "";
      idle.push(socket.unref());
      socket.take(response, head);
    });
    return socket;
  }

  const send = (text) =>
    new Promise((resolve) => {
      const socket = idle.pop()?.ref() ?? open();
      socket.take = (response, head) => resolve([response, head]);
      socket.write(text);
    });

  return async (device) => {
    const [started] = await send(request("POST", start(device), "Content-Length: 0\r\n"));
    const location = /\r\nlocation: (.*)\r\n/i.exec(started)?.[1];
    for (;;) {
      const [response, head] = await send(request("GET", location, ""));
      const { value } = JSON.parse(response.slice(head));
      if (hasSucceeded(value)) return value;
      await sleep(pollInterval);
    }
  };
}
