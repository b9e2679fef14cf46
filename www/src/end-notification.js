// A notification of the system when all runs have ended while the page is out of sight, if the user has asked for it.

import { NOTIFICATION, progress } from "./messages-runs.js";
import { isWaitedFor } from "./run-phase.js";
import { totals } from "./run-totals.js";

/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** `denied` if the browser forbids it, `missing` if it has none. @typedef {"off" | "on" | "denied" | "missing"} NotificationState */

const KEY = "teams-device-diagnostics/notification";
/** It replaces the last one. */
const TAG = "teams-device-diagnostics";

export class EndNotification {
  #store;
  #wasRunning = false;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    this.#changed();
    store.show((state) => this.#check(state));
  }

  /** Switches it on or off. Browsers ask the user for permission only after a click. */
  async switch() {
    const isOn = this.#store.state.notification === "on";
    keep(!isOn);
    if (!isOn) await Notification.requestPermission();
    this.#changed();
  }

  #changed() {
    this.#store.notificationChanged(present());
  }

  /** @param {State} state */
  #check({ runs, notification }) {
    const isRunning = runs.some(isWaitedFor);
    const haveEnded = this.#wasRunning && !isRunning && runs.length > 0;
    this.#wasRunning = isRunning;
    if (!haveEnded || notification !== "on" || !document.hidden) return;
    try {
      const shown = new Notification(NOTIFICATION.title, { body: progress(totals(runs)), tag: TAG, icon: "./favicon.svg" });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      // Chromium on Android shows notifications of service workers only.
    }
  }
}

/** @returns {NotificationState} */
function present() {
  if (!("Notification" in globalThis)) return "missing";
  if (Notification.permission === "denied") return "denied";
  return isKept() && Notification.permission === "granted" ? "on" : "off";
}

function isKept() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** @param {boolean} isOn */
function keep(isOn) {
  try {
    if (isOn) localStorage.setItem(KEY, "on");
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing asks again.
  }
}
