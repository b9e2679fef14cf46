// Updates the texts that change with time: countdowns, and how long ago things were. Screen readers do not announce these changes.

import { ago, duration } from "./format.js";

const TICK_MS = 1_000;

/** Starts to update the texts every second. */
export function startClock() {
  setInterval(updateTimes, TICK_MS);
}

/** Updates the texts once. */
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
