// The addresses of batches and runs within the page: `#batch/ID` and `#batch/ID/run/PLACE`. They are valid for as long as the history.

/** @import { Run } from "./run.js" */
/** @import { State } from "./state.js" */

/** @typedef {{ batch: string, place?: number }} Link */

const LINK = /^#batch\/([0-9a-f]+)(?:\/run\/(\d+))?$/;

/** @param {Pick<Run, "batch"> & Partial<Run>} run @returns {string} */
export const linkTo = ({ batch, place }) => `#batch/${batch}${place === undefined ? "" : `/run/${place}`}`;

/** @param {string} hash @returns {Link | undefined} */
export function linkIn(hash) {
  const [, batch, place] = LINK.exec(hash) ?? [];
  return batch === undefined ? undefined : { batch, place: place === undefined ? undefined : Number(place) };
}

/** Browsers refuse more than about three changes of the address a second. */
const WRITTEN_MS = 500;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Writes the chosen run into the address, so that a reload and a copied address lead to it. @param {Pick<State, "runs" | "run">} state */
export function writeAddress({ runs, run: id }) {
  clearTimeout(timer);
  const run = runs.find((run) => run.id === id);
  if (run === undefined && linkIn(location.hash) !== undefined) write(location.pathname + location.search);
  else if (run !== undefined && location.hash !== linkTo(run)) timer = setTimeout(() => write(linkTo(run)), WRITTEN_MS);
}

/** @param {string} address */
const write = (address) => history.replaceState(history.state, "", address);
