// The part of the page about runs, which is downloaded when it is first needed.

import { downloaded } from "./download.js";
import { runPart } from "./messages.js";

/** @import { RunPage } from "./run-page.jsx" */

/** @type {() => Promise<typeof import("./run-page.jsx")>} */
const download = downloaded("run-page.js", runPart);

export class RunPart {
  /** Undefined until it is downloaded. @type {RunPage | undefined} */
  loaded;
  #connect;

  /** @param {(Page: typeof RunPage) => RunPage} connect makes the part */
  constructor(connect) {
    this.#connect = connect;
  }

  /** @returns {Promise<RunPage>} rejects if it cannot be downloaded */
  async load() {
    const module = await download();
    this.loaded ??= this.#connect(module.RunPage);
    return this.loaded;
  }
}
