// Divides the requests of a fleet among its runs: one `fetch` serves all devices, but each run shows its own HTTP exchange.

/** The device in the path of a URL, as a segment or as a key: `/teamwork/devices/ID/…` or `/teamwork/devices('ID')/…`. */
const DEVICE = /\/teamwork\/devices(?:\/([^/?#]+)|\((?:'|%27)(.*?)(?:'|%27)\)(?=[/?#]|$))/i;

/** The id of the device that a request is for. @param {string} url @returns {string | undefined} */
export function deviceInUrl(url) {
  const [, segment, key] = DEVICE.exec(url) ?? [];
  const encoded = segment ?? key?.replaceAll(/''|%27%27/g, "'");
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/**
 * The `fetch` of a fleet.
 *
 * @param {(deviceId: string) => typeof globalThis.fetch | undefined} fetchOf the fetch of a device's run, which records
 * @param {typeof globalThis.fetch} [others] for requests of no run
 * @returns {typeof globalThis.fetch}
 */
export function dividedFetch(fetchOf, others = (input, init) => globalThis.fetch(input, init)) {
  return (input, init) => {
    const deviceId = deviceInUrl(input instanceof Request ? input.url : String(input));
    return ((deviceId !== undefined && fetchOf(deviceId)) || others)(input, init);
  };
}
