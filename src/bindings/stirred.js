// Tells when waiting may have become pointless: the page is seen again (timers of hidden pages are slowed down), or the network
// is back. Outside of pages there is no such event, or no document. The call back at the end lets what waits be freed: Rust's side
// of a promise is freed when that settles, not before.

export function listen(stirred) {
  const page = globalThis.document;
  const seen = () => page.visibilityState === "visible" && stirred();
  page?.addEventListener?.("visibilitychange", seen);
  globalThis.addEventListener?.("online", stirred);
  return () => {
    page?.removeEventListener?.("visibilitychange", seen);
    globalThis.removeEventListener?.("online", stirred);
    stirred();
  };
}
