// Runs the callers in Node, each in a context of AsyncLocalStorage: with the first calls of a process, which load the wasm, and with later
// ones.
import { AsyncLocalStorage } from "node:async_hooks";
import * as api from "../../pkg/dist/index.js";
import { callAll } from "./callers.mjs";

const storage = new AsyncLocalStorage();
/** @type {import("./callers.mjs").Contexts} */
const contexts = {
  inContext: (id, run) => storage.run(id, run),
  current: () => storage.getStore(),
  async readAll(list) {
    for await (const _ of list);
  },
};

const cold = await callAll(api, contexts, 50);
const warm = await callAll(api, contexts, 50);
console.log(JSON.stringify({ cold, warm, timers: process.getActiveResourcesInfo().filter((name) => name === "Timeout").length }));
