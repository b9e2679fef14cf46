// The store: it holds the state of the page, lets its parts change it, and shows it to the views, which are functions of it.

import { AccessState } from "./access-state.js";
import { DeviceState } from "./device-state.js";
import { RunState } from "./run-state.js";
import { firstState } from "./state.js";

/** @import { Service } from "./service.js" */
/** @import { Dialog, LaterChange, State } from "./state.js" */

/** Nobody would listen to more messages at a time. */
const MOST_MILESTONES = 5;
/** The time between two updates of the views while nobody waits for one. A frame would be too seldom in a hidden tab: never. */
const SOON_MS = 100;

export class Store {
  /** @type {State} */
  #state;
  /** @type {((state: State) => void)[]} */
  #views = [];
  /** Changes that are not computed yet. @type {Set<LaterChange>} */
  #later = new Set();
  #isDue = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #shownAt = Number.NEGATIVE_INFINITY;
  #milestones = 0;

  /** @param {Service[]} services @param {Service} service */
  constructor(services, service) {
    this.#state = firstState(services, service);
    this.access = new AccessState(this);
    this.devices = new DeviceState(this);
    this.runs = new RunState(this);
  }

  get state() {
    for (const later of this.#later) {
      this.#later.delete(later);
      this.#state = { ...this.#state, ...later(this.#state) };
    }
    return this.#state;
  }

  /** @param {(state: State) => void} view */
  show(view) {
    this.#views.push(view);
    view(this.state);
  }

  /** @param {Dialog | undefined} dialog */
  dialogChanged(dialog) {
    this.change({ dialog });
  }

  /** @param {string | undefined} copied */
  copiedChanged(copied) {
    this.change({ copied });
  }

  /** @param {State["notification"]} notification */
  notificationChanged(notification) {
    this.change({ notification });
  }

  /** @param {string} text */
  announced(text) {
    this.#milestones += 1;
    this.change({ milestones: [...this.state.milestones, { key: this.#milestones, text }].slice(-MOST_MILESTONES) });
  }

  /** Changes the state. The views are updated once for all changes of a task. @param {Partial<State>} changes */
  change(changes) {
    this.#state = { ...this.state, ...changes };
    this.#showNow();
  }

  /**
   * Changes the state by what comes without a user. The views are updated at most ten times a second, and a change that was not computed
   * yet is computed only once.
   *
   * @param {LaterChange} later
   */
  changeSoon(later) {
    this.#later.add(later);
    const wait = this.#shownAt + SOON_MS - performance.now();
    if (wait <= 0) this.#showNow();
    else this.#timer ??= setTimeout(() => this.#show(), wait);
  }

  #showNow() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#show());
  }

  #show() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
    for (const view of this.#views) view(this.state);
    this.#shownAt = performance.now();
  }
}
