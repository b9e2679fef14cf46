// What a call waits for. Each waiting has an id, settles once, and can be ended early. Not promises: those would take a closure of
// Rust's for each outcome.

const ends = new Map();

/** Sets a waiting going: `begin` is given what settles it, and returns what stops it. Whoever asks for it has to end it. */
export function waiting(id, settle, begin) {
  let isSettled = false;
  const once = (isDone) => (value) => {
    if (isSettled) return;
    isSettled = true;
    settle(id, isDone, value);
  };
  const done = once(true);
  const failed = once(false);
  let stop;
  try {
    stop = begin(done, failed);
  } catch (error) {
    failed(error);
  }
  ends.set(id, { stop, done });
}

/** Also settles it: Rust keeps its half until then. */
export function end(id) {
  const { stop, done } = ends.get(id);
  ends.delete(id);
  stop?.();
  done();
}

/** The wasm has trapped: what it waited for must not keep a program alive, or be listened to for ever. */
export function endAll() {
  for (const { stop } of ends.values()) stop?.();
  ends.clear();
}

// The longest delay of setTimeout: anything longer would fire at once (HTML, timer initialization steps).
const LONGEST_DELAY_MS = 2 ** 31 - 1;

// A number of milliseconds; for ever when that is infinite.
export const sleep = (ms, id, settle) =>
  waiting(id, settle, (done) => {
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
export const stirred = (id, settle) =>
  waiting(id, settle, (done) => {
    const page = globalThis.document;
    const seen = () => page.visibilityState === "visible" && done();
    page?.addEventListener?.("visibilitychange", seen);
    globalThis.addEventListener?.("online", done);
    return () => {
      page?.removeEventListener?.("visibilitychange", seen);
      globalThis.removeEventListener?.("online", done);
    };
  });

export const aborted = (signal, id, settle) =>
  waiting(id, settle, (done) => {
    signal.addEventListener("abort", done);
    // It may have fired in what was done just before.
    if (signal.aborted) done();
    return () => signal.removeEventListener("abort", done);
  });
