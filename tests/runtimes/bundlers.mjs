// Bundlers and frameworks, with no option for this package.

import assert from "node:assert/strict";
import { PACKAGE, calls, job } from "../shared/customer.mjs";
import { TOOLS_NODE, program, version } from "./programs.mjs";
import { TELL } from "./installed-package.mjs";

/** @typedef {import("./installed-package.mjs").Place} Place */

/** @param {Place} place @param {string} name */
const inPage = (place, name) => place.write(name, job(place.baseUrl, { tell: TELL }));
/** @param {Place} place @param {string} name */
const onServer = (place, name) => place.write(name, job(place.baseUrl));
/** @param {Place} place @param {string} name */
const html = (place, name) => place.write(name, '<!doctype html><script type="module" src="./job.js"></script>');

/** @type {import("./installed-package.mjs").Environment[]} */
export const bundlers = [
  {
    environment: "Vite",
    version: version("vite"),
    ways: {
      "`vite build`": async (place) => {
        inPage(place, "vite/job.js");
        html(place, "vite/index.html");
        await place.call(program("vite"), "build", "vite");
        return place.page("vite/dist");
      },
      "`vite dev`": async (place) => {
        place.write("vite-dev/job.js", job(place.baseUrl, { tell: "(text) => { document.title = text; }" }));
        html(place, "vite-dev/index.html");
        place.write("vite-dev/public/favicon.ico", "");
        const { url, stop } = await place.start(
          /Local: +http:\/\/[^:]+:(\d+)/,
          program("vite"),
          "vite-dev",
          "--host",
          "127.0.0.1",
          "--port",
          "0",
        );
        return place.visit(url, title).finally(stop);
      },
      "`vite build --ssr`": async (place) => {
        onServer(place, "vite-ssr/job.js");
        await place.call(program("vite"), "build", "vite-ssr", "--ssr", "job.js");
        return place.call(TOOLS_NODE, "vite-ssr/dist/job.mjs");
      },
    },
  },
  {
    environment: "webpack",
    version: version("webpack"),
    ways: {
      "for pages": async (place) => {
        inPage(place, "webpack/job.js");
        await place.call(program("webpack"), "--mode", "production", "--entry", "./webpack/job.js", "--output-path", "webpack/dist");
        return place.page("webpack/dist", { script: "main.js", type: "text/javascript" });
      },
      "for Node": async (place) => {
        onServer(place, "webpack-node/job.js");
        const args = ["--target", "node", "--entry", "./webpack-node/job.js", "--output-path", "webpack-node/dist"];
        await place.call(program("webpack"), "--mode", "production", ...args);
        return place.call(TOOLS_NODE, "webpack-node/dist/main.js");
      },
    },
  },
  {
    environment: "esbuild",
    version: version("esbuild"),
    ways: {
      "`esm`": async (place) => {
        inPage(place, "esbuild/job.js");
        await place.call(program("esbuild"), "esbuild/job.js", "--bundle", "--format=esm", "--outfile=esbuild/esm.js");
        return place.page("esbuild", { script: "esm.js" });
      },
      "`iife`": async (place) => {
        inPage(place, "esbuild/job.js");
        await place.call(program("esbuild"), "esbuild/job.js", "--bundle", "--format=iife", "--outfile=esbuild/iife.js");
        return place.page("esbuild", { script: "iife.js", type: "text/javascript" });
      },
      "for Node": async (place) => {
        onServer(place, "esbuild/node.js");
        await place.call(program("esbuild"), "esbuild/node.js", "--bundle", "--platform=node", "--outfile=esbuild/node.cjs");
        return place.call(TOOLS_NODE, "esbuild/node.cjs");
      },
    },
  },
  {
    environment: "Rollup",
    version: version("rollup"),
    ways: {
      "with its node-resolve": async (place) => {
        inPage(place, "rollup/job.js");
        await place.call(
          program("rollup"),
          "./rollup/job.js",
          "--plugin",
          "node-resolve",
          "--format",
          "es",
          "--file",
          "rollup/dist/job.js",
        );
        return place.page("rollup/dist", { script: "job.js" });
      },
    },
  },
  {
    environment: "Parcel",
    version: version("parcel"),
    ways: {
      "`parcel build`": async (place) => {
        inPage(place, "parcel/job.js");
        html(place, "parcel/index.html");
        await place.call(program("parcel"), "build", "parcel/index.html", "--dist-dir", "parcel/dist", "--no-cache");
        return place.page("parcel/dist");
      },
    },
  },
  {
    environment: "Next.js",
    version: version("next"),
    ways: { "server component, client component": inNext },
  },
];

/** Resolves to the title of a page. @param {import("playwright-core").Page} page */
const title = async (page) => (await page.waitForFunction(() => document.title)).jsonValue();

/** @param {Place} place */
async function inNext(place) {
  place.write("next/app/icon.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>');
  place.write("next/app/layout.js", "export default ({ children }) => <html><body>{children}</body></html>;");
  place.write(
    "next/app/page.js",
    `import { connection } from "next/server";
import { runDiagnostics, waitForOperation } from "${PACKAGE}";
import { Client } from "./client.js";
export default async function Page() {
  await connection();
  ${calls(place.baseUrl)}
  return <><p id="server">{operation.status}</p><Client /></>;
}`,
  );
  place.write(
    "next/app/client.js",
    `"use client";
import { useEffect, useState } from "react";
import { runDiagnostics, waitForOperation } from "${PACKAGE}";
async function diagnose() {
  ${calls(place.baseUrl)}
  return operation.status;
}
export function Client() {
  const [status, setStatus] = useState("");
  useEffect(() => { diagnose().catch(String).then(setStatus); }, []);
  return <p id="client">{status}</p>;
}`,
  );
  await place.call(program("next"), "build", "next");
  const { url, stop } = await place.start(
    /Local: +http:\/\/[^:]+:(\d+)[^]*Ready/,
    program("next"),
    "start",
    "next",
    "-H",
    "127.0.0.1",
    "-p",
    "0",
  );
  const seen = await place
    .visit(url, async (page) => {
      await page.locator("#client:not(:empty)").waitFor();
      return page.locator("#server, #client").allTextContents();
    })
    .finally(stop);
  assert.equal(seen[0], seen[1], "the server's component and the client's");
  return seen[0];
}
