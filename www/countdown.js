// Updates the texts that change by themselves: what is counted down to, and how long ago things were. None of it is announced.

import { ago, duration } from "./format.js";

const TICK_MS = 1_000;

/** Updates them for as long as the page is there. */
export function startClock() {
  setInterval(updateTimes, TICK_MS);
}

/** Writes them as they are now. */
export function updateTimes() {
  const now = Date.now();
  for (const element of elements("[data-due]")) {
    const left = Number(element.dataset.due) - now;
    write(element, left > 0 ? `${element.dataset.what} in ${duration(left)}` : "Waiting for Graph's response…");
  }
  for (const element of elements("[data-ago]")) write(element, ago(element.dataset.ago ?? "", now));
}

/** @param {string} selector @returns {NodeListOf<HTMLElement>} */
const elements = (selector) => document.querySelectorAll(selector);

/** @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
