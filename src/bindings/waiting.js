// What a call waits for, one function each: it calls back when that has happened, and returns the function that ends the waiting.
// That calls back too, since Rust's side of a promise is freed when it settles, not before.

const underWay = new Set();

/** Makes a function that ends a waiting, for the wasm, which always calls it; and for when it no longer can. */
export function ending(end) {
  const ended = () => {
    underWay.delete(ended);
    end();
  };
  underWay.add(ended);
  return ended;
}

/** The wasm has trapped: what it waited for must not keep a program alive, or be listened to for ever. */
export function endAll() {
  for (const end of underWay) end();
}

// The longest delay of setTimeout: anything longer would fire at once (HTML, timer initialization steps).
const LONGEST_DELAY_MS = 2 ** 31 - 1;

// A number of milliseconds; for ever when that is infinite.
export function sleep(ms, done) {
  let timer;
  const next = () => {
    const delay = Math.min(ms, LONGEST_DELAY_MS);
    ms -= delay;
    timer = setTimeout(ms > 0 ? next : done, delay);
  };
  if (ms < Infinity) next();
  return () => {
    clearTimeout(timer);
    done();
  };
}

// Waiting may have become pointless: the page is seen again (timers of hidden pages are slowed down), or the network is back.
// Outside of pages there is no such event, or no document.
export function stirred(done) {
  const page = globalThis.document;
  const seen = () => page.visibilityState === "visible" && done();
  page?.addEventListener?.("visibilitychange", seen);
  globalThis.addEventListener?.("online", done);
  return () => {
    page?.removeEventListener?.("visibilitychange", seen);
    globalThis.removeEventListener?.("online", done);
    done();
  };
}

export function aborted(signal, done) {
  signal.addEventListener("abort", done);
  // It may have fired in what was done just before.
  if (signal.aborted) done();
  return () => {
    signal.removeEventListener("abort", done);
    done();
  };
}
