// Keeps the focus in place when the focused element disappears; otherwise the browser would move it to the top of the page.

/**
 * Changes the page. If the focused element disappears, moves the focus to the nearest remaining part.
 *
 * @param {() => void} change
 */
export function keepingFocus(change) {
  const focused = document.activeElement;
  const around = focused === null ? [] : ancestors(focused);
  change();
  const isLost = document.activeElement === null || document.activeElement === document.body;
  if (focused === null || focused === document.body || focused.isConnected || !isLost) return;
  const remaining = around.find((element) => element.isConnected && element.matches("article, section, dialog"));
  const place = remaining ?? document.querySelector("#runs");
  // What is in closed details cannot have the focus.
  const visibleButton = [...(place?.querySelectorAll("button") ?? [])].find((button) => button.checkVisibility());
  const focusFallback = place?.querySelector("[data-focus-fallback]") ?? visibleButton ?? place;
  if (focusFallback instanceof HTMLElement) focusFallback.focus({ preventScroll: true });
}

/** @param {Element} element */
function ancestors(element) {
  const found = [];
  for (let parent = element.parentElement; parent !== null; parent = parent.parentElement) found.push(parent);
  return found;
}
