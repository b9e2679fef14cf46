// What a call waits for: promises that can be ended early. Ending one settles it too, since Rust's side of a promise is freed when
// it settles, not before.

const ends = new Map();

/** What `begin` sets going: it is given what settles the promise, and returns what ends it. Whoever asks for it has to end it. */
export function waiting(begin) {
  let end;
  const promise = new Promise((done, failed) => {
    const stop = begin(done, failed);
    end = () => {
      stop();
      done();
    };
  });
  ends.set(promise, end);
  return promise;
}

export function end(promise) {
  ends.get(promise)();
  ends.delete(promise);
}

/** The wasm has trapped: what it waited for must not keep a program alive, or be listened to for ever. */
export function endAll() {
  for (const promise of ends.keys()) end(promise);
}

// The longest delay of setTimeout: anything longer would fire at once (HTML, timer initialization steps).
const LONGEST_DELAY_MS = 2 ** 31 - 1;

// A number of milliseconds; for ever when that is infinite.
export const sleep = (ms) =>
  waiting((done) => {
    let timer;
    const next = () => {
      const delay = Math.min(ms, LONGEST_DELAY_MS);
      ms -= delay;
      timer = setTimeout(ms > 0 ? next : done, delay);
    };
    if (ms < Infinity) next();
    return () => clearTimeout(timer);
  });

// Waiting may have become pointless: the page is seen again (timers of hidden pages are slowed down), or the network is back.
// Outside of pages there is no such event, or no document.
export const stirred = () =>
  waiting((done) => {
    const page = globalThis.document;
    const seen = () => page.visibilityState === "visible" && done();
    page?.addEventListener?.("visibilitychange", seen);
    globalThis.addEventListener?.("online", done);
    return () => {
      page?.removeEventListener?.("visibilitychange", seen);
      globalThis.removeEventListener?.("online", done);
    };
  });

export const aborted = (signal) =>
  waiting((done) => {
    signal.addEventListener("abort", done);
    // It may have fired in what was done just before.
    if (signal.aborted) done();
    return () => signal.removeEventListener("abort", done);
  });
