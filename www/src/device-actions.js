// The actions by which the user lists devices, adds them, and saves selections.

import { messageOf } from "./error-message.js";
import { idsFromText } from "./device-ids.js";
import { fileRead, ignoredText } from "./device-import.js";
import * as texts from "./messages-devices.js";
import { savedSelections } from "./saved-selections.js";

/** @import { AccessActions } from "./access-actions.js" */
/** @import { DeviceList } from "./device-list.js" */
/** @import { KnownDevice } from "./devices.js" */
/** @import { SavedSelection } from "./saved-selections.js" */
/** @import { Store } from "./store.js" */

/** What was read from texts or files. @typedef {{ devices: KnownDevice[], ignored: string[], problems: string[] }} Read */

export class DeviceActions {
  #store;
  #access;
  #list;

  /** @param {Store} store @param {AccessActions} access @param {DeviceList} list */
  constructor(store, access, list) {
    this.#store = store;
    this.#access = access;
    this.#list = list;
    store.devices.selectionsSaved(savedSelections.all());
  }

  async readList() {
    if (this.#access.isThere()) await this.#list.read();
  }

  /** @param {string} text @returns {boolean} whether there were any */
  addIds(text) {
    try {
      const { ids, ignored } = idsFromText(text);
      return this.#add({ devices: ids.map((id) => ({ id })), ignored, problems: [] }, texts.noIdInText);
    } catch (error) {
      return this.#add({ devices: [], ignored: [], problems: [messageOf(error)] }, "");
    }
  }

  /** @param {File[]} files */
  async addFiles(files) {
    /** @type {Read} */
    const all = { devices: [], ignored: [], problems: [] };
    for (const file of files) {
      const { devices = [], ignored = [], problem } = await fileRead(file);
      all.devices = all.devices.concat(devices);
      all.ignored = all.ignored.concat(ignored);
      if (problem !== undefined) all.problems.push(files.length === 1 ? problem : `${file.name}: ${problem}`);
    }
    this.#add(all, texts.noIdInFile);
  }

  /** Saves the selected devices under a name. @param {string} name @returns {boolean} whether they are saved */
  saveSelection(name) {
    const devices = this.#store.devices.chosen().map((device) => ({ id: device.id, name: device.name }));
    if (name === "" || devices.length === 0) return false;
    const isKept = savedSelections.save({ name, service: this.#store.state.service.id, devices });
    this.#store.devices.selectionsSaved(savedSelections.all());
    this.#store.announced(isKept ? texts.saved(devices.length, name) : texts.notSaved);
    return isKept;
  }

  /** Selects the devices of a saved selection, and no others. Those that the list has not are added. @param {SavedSelection} selection */
  chooseSelection({ name, devices }) {
    this.#store.devices.selectionCleared();
    this.#store.devices.added(devices);
    this.#store.announced(texts.chosen(name, devices.length));
  }

  /** @param {SavedSelection} selection */
  removeSelection(selection) {
    savedSelections.remove(selection);
    this.#store.devices.selectionsSaved(savedSelections.all());
    this.#store.announced(texts.selectionRemoved(selection.name));
  }

  /** Adds what was read, and says what was taken and what was not. @param {Read} read @param {string} none the message if there are no ids */
  #add({ devices, ignored, problems }, none) {
    if (devices.length === 0) {
      this.#store.devices.notAdded(problems.join(" ") || `${none}${ignored.length > 0 ? ` ${ignoredText(ignored)}` : ""}`);
      return false;
    }
    const note = [texts.added(devices.length), ignored.length > 0 && ignoredText(ignored), ...problems];
    const text = note.filter(Boolean).join(" ");
    this.#store.devices.added(devices, text);
    this.#store.announced(text);
    return true;
  }
}
