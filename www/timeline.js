// @ts-check
// The view of a run while it goes on: what happened, newest last, and what happens next.

import { element, icon } from "./dom.js";
import { duration, wordsFor } from "./words.js";

/** @import { ProgressEvent } from "./teams-device-diagnostics.js" */
/** @import { Words } from "./words.js" */

export class Timeline {
  #list;
  #next;
  /** The last entry while it shows a status: later looks at the same status are counted in it. */
  #status = { title: "", looks: 0, note: element("p", {}) };
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #countdown;

  /**
   * @param {HTMLOListElement} list
   * @param {HTMLElement} next where it says what happens next
   */
  constructor(list, next) {
    this.#list = list;
    this.#next = next;
  }

  /**
   * Shows an event.
   *
   * @param {ProgressEvent} event
   * @returns {Words | undefined} the words of a new entry; nothing when a look found no change
   */
  show(event) {
    this.#announceNext(event);
    const words = wordsFor(event);
    if (event.type === "status" && this.#status.title === words.title) {
      this.#countLook();
      return undefined;
    }
    const note = this.add(words);
    if (event.type === "status") this.#status = { title: words.title, looks: 1, note };
    return words;
  }

  /**
   * Appends an entry.
   *
   * @param {Words} words
   */
  add({ icon: name, title, detail }) {
    const now = new Date();
    const note = element("p", { className: "about" });
    const entry = element("li", {},
      icon(name),
      element("p", { className: "title" },
        element("strong", {}, title), " ", element("time", { dateTime: now.toISOString() }, now.toLocaleTimeString())),
      element("p", {}, detail ?? ""),
      note);
    entry.dataset.state = name;
    this.#list.append(entry);
    this.#status = { title: "", looks: 0, note };
    return note;
  }

  /**
   * Says what is under way.
   *
   * @param {string} text
   */
  now(text) {
    clearInterval(this.#countdown);
    this.#next.textContent = text;
    this.#next.hidden = text === "";
  }

  clear() {
    this.#list.replaceChildren();
    this.#status = { title: "", looks: 0, note: element("p", {}) };
    this.now("");
  }

  #countLook() {
    this.#status.looks += 1;
    this.#status.note.textContent = `Looked ${this.#status.looks} times, last at ${new Date().toLocaleTimeString()}.`;
  }

  /** @param {ProgressEvent} event */
  #announceNext(event) {
    if (event.type === "started" || event.type === "attached") this.now("Looking at the operation…");
    else if (event.type !== "status") this.#countDown("Next try", event.retryAfterMs);
    else if (event.nextPollInMs !== undefined) this.#countDown("Next look", event.nextPollInMs);
    else this.now("");
  }

  /**
   * @param {string} what
   * @param {number} ms
   */
  #countDown(what, ms) {
    const due = performance.now() + ms;
    const tick = () => {
      const left = due - performance.now();
      if (left <= 0) return this.now("Waiting for Graph's answer…");
      this.#next.textContent = `${what} in ${duration(left)}`;
    };
    this.now(`${what} in ${duration(ms)}`);
    this.#countdown = setInterval(tick, 1_000);
  }
}
