// One request with fetch: its whole answer as [status, Location, Retry-After, request-id, Date, WWW-Authenticate, body]. Redirects are
// not followed: fetch would take the token along.
import { waiting } from "./waiting.js";

export const send = (fetch, method, url, token, clientRequestId, id, settle) =>
  waiting(id, settle, (done, failed) => {
    const ended = new AbortController();
    const headers = new Headers({ authorization: `Bearer ${token}`, "client-request-id": clientRequestId });
    let isOpen = true;
    ask(fetch ?? globalThis.fetch, url, { method, headers, redirect: "manual", signal: ended.signal })
      .finally(() => (isOpen = false))
      .then(done, failed);
    // Not for nothing: the exception that an abort makes costs more than all else here.
    return () => isOpen && ended.abort();
  });

async function ask(fetch, url, init) {
  const response = await fetch(url, init);
  const fields = FIELDS.map((name) => response.headers.get(name));
  // The head of the 202 says where the run is: that must not be lost because a body, which is empty, broke or stalled.
  const isStarted = response.status === 202 && init.method === "POST";
  if (isStarted) response.body?.cancel().catch(() => {});
  return [response.status, ...fields, isStarted ? "" : await response.text()];
}

const FIELDS = ["location", "retry-after", "request-id", "date", "www-authenticate"];
