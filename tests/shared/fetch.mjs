// The type of a stand-in for fetch, as the package calls it.

/**
 * What the package passes to fetch besides the URL.
 *
 * @typedef {object} Init
 * @property {"GET" | "POST"} method
 * @property {Record<string, string>} headers
 * @property {AbortSignal} signal
 * @property {"manual"} redirect
 * @property {"no-store"} cache
 */

/** @typedef {(url: string, init: Init) => Response | Promise<Response>} StandIn */

/**
 * A stand-in with the type of fetch. Anyone may call fetch with a Request or without an init, but the package always passes both a text and an
 * init, so that a stand-in need not handle more.
 *
 * @param {StandIn} standIn
 */
export const asFetch = (standIn) => /** @type {typeof fetch} */ (/** @type {unknown} */ (standIn));

/** A stand-in that gives each of the responses once, in turn. @param {...Response} responses */
export const inTurn = (...responses) =>
  asFetch(() => {
    const response = responses.shift();
    if (response === undefined) throw new Error("there is a request more than there are responses");
    return response;
  });
