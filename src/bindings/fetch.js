// One request with fetch: its whole answer as [status, Location, Retry-After, request-id, Date, WWW-Authenticate, body]. Redirects are
// not followed: fetch would take the token along.
import { waiting } from "./waiting.js";

export const send = (fetch, method, url, token, clientRequestId, id, settle) =>
  waiting(id, settle, (done, failed) => {
    const ended = new AbortController();
    const headers = new Headers({ authorization: `Bearer ${token}`, "client-request-id": clientRequestId });
    const request = { method, headers, redirect: "manual", signal: ended.signal };
    let isRead = false;
    ask(fetch ?? globalThis.fetch, url, request, () => (isRead = true)).then(done, failed);
    // Not for nothing: the exception that an abort makes costs more than all else here.
    return () => isRead || ended.abort();
  });

async function ask(fetch, url, request, read) {
  const response = await fetch(url, request);
  const fields = FIELDS.map((name) => response.headers.get(name));
  // The head of the 202 says where the run is: that must not be lost because a body, which is empty, broke or stalled.
  if (response.status === 202 && request.method === "POST") return [response.status, ...fields, ""];
  const body = await response.text();
  read();
  return [response.status, ...fields, body];
}

const FIELDS = ["location", "retry-after", "request-id", "date", "www-authenticate"];
