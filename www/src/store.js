// The store: it holds the state of the page, lets its parts change it, and shows it to the views, which are functions of it.

import { AccessState } from "./access-state.js";
import { DeviceState } from "./device-state.js";
import { RunState } from "./run-state.js";
import { firstState } from "./state.js";

/** @import { Service } from "./service.js" */
/** @import { Dialog, State } from "./state.js" */

/** Nobody would listen to more messages at a time. */
const MOST_MILESTONES = 5;

export class Store {
  /** @type {State} */
  #state;
  /** @type {((state: State) => void)[]} */
  #views = [];
  #isScheduled = false;
  #milestones = 0;

  /** @param {Service[]} services @param {Service} service */
  constructor(services, service) {
    this.#state = firstState(services, service);
    this.access = new AccessState(this);
    this.devices = new DeviceState(this);
    this.runs = new RunState(this);
  }

  get state() {
    return this.#state;
  }

  /** @param {(state: State) => void} view */
  show(view) {
    this.#views.push(view);
    view(this.#state);
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
    this.change({ milestones: [...this.#state.milestones, { key: this.#milestones, text }].slice(-MOST_MILESTONES) });
  }

  /** Changes the state. The views are updated once for all changes of a task. @param {Partial<State>} changes */
  change(changes) {
    this.#state = { ...this.#state, ...changes };
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      for (const view of this.#views) view(this.#state);
    });
  }
}
