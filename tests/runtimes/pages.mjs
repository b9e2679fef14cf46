// Pages without a bundler, and their workers, with a strict Content-Security-Policy.

import { PACKAGE, job } from "../shared/customer.mjs";
import { TELL } from "./installed-package.mjs";

const FROM = `/node_modules/${PACKAGE}/dist/index.js`;
const POST = "(text) => postMessage(text)";

/** @typedef {import("./installed-package.mjs").Place} Place */

/**
 * Runs in both browsers, one after the other; resolves to their common report, which must be the same.
 *
 * @param {(place: Place, browser: "Chromium" | "Firefox") => Promise<string>} page
 */
const inBrowsers = (page) => async (/** @type {Place} */ place) => {
  const told = [await page(place, "Chromium"), await page(place, "Firefox")];
  return [...new Set(told)].join(" in Chromium, in Firefox ");
};

/** @type {import("./installed-package.mjs").Environment[]} */
export const pages = [
  {
    environment: "Page without a bundler",
    version: "Chromium, Firefox",
    ways: {
      '`<script type="module">`': inBrowsers((place, browser) => {
        place.write("page.js", job(place.baseUrl, { from: FROM, tell: TELL }));
        return place.page(".", { script: "page.js", browser });
      }),
    },
  },
  {
    environment: "Web Worker",
    version: "Chromium, Firefox",
    ways: {
      "a module": inBrowsers((place, browser) => {
        place.write("worker.js", job(place.baseUrl, { from: FROM, tell: POST }));
        place.write(
          "starts-worker.js",
          `const tell = ${TELL};
const worker = new Worker("/worker.js", { type: "module" });
worker.onmessage = ({ data }) => tell(data);
worker.onerror = ({ message }) => tell(message);`,
        );
        return place.page(".", { script: "starts-worker.js", browser });
      }),
    },
  },
  {
    environment: "Service Worker",
    version: "Chromium, Firefox",
    ways: {
      "a module": inBrowsers((place, browser) => {
        place.write("service-worker.js", job(place.baseUrl, { from: FROM, tell: TELL }));
        place.write(
          "starts-service-worker.js",
          `const tell = ${TELL};
navigator.serviceWorker.register("/service-worker.js", { type: "module" }).catch((error) => tell(String(error)));`,
        );
        return place.page(".", { script: "starts-service-worker.js", browser });
      }),
    },
  },
];
