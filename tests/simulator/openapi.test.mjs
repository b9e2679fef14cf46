// Compares the simulator's responses with the OpenAPI description of the service. The description is not part of the repository; without
// it, these tests are skipped.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { send, startDiagnostics, startSimulator, waitFor } from "./simulator.mjs";
import { present } from "../shared/present.mjs";

const DESCRIPTION = new URL("../../../shared/openapi/teamwork-openapi.json", import.meta.url);
const OPTIONS = { timeout: 30_000, skip: existsSync(DESCRIPTION) ? false : `there is no ${DESCRIPTION.pathname}` };

/** Translates `nullable` of OpenAPI 3.0, beside a type or an allOf, into the type or alternative for null of JSON Schema. */
function jsonSchema(node) {
  if (Array.isArray(node)) return node.map(jsonSchema);
  if (node === null || typeof node !== "object") return node;
  const { nullable, ...rest } = node;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, jsonSchema(value)]));
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

/** A function that throws if a document does not match the named schema. */
function validator() {
  const { components } = JSON.parse(readFileSync(DESCRIPTION, "utf8"));
  const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true }));
  ajv.addSchema({ $id: "graph", components: jsonSchema(components) });
  return (document, name) => {
    const validate = present(ajv.getSchema(`graph#/components/schemas/microsoft.graph.${name}`), name);
    assert.ok(validate(document), `${name}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(document)}`);
  };
}

test("the check finds wrong documents", OPTIONS, () => {
  const check = validator();
  assert.throws(() => check({ value: [{ id: 42 }] }, "teamworkDeviceCollectionResponse"), /string/);
  assert.throws(() => check({ id: "1", createdDateTime: "2021-06-19T12-01-03.45Z" }, "teamworkDeviceOperation"), /pattern/);
  assert.throws(() => check({ id: "1", deviceType: "toaster" }, "teamworkDevice"), /allowed values/);
  assert.throws(() => check({ error: { message: "" } }, "ODataErrors.ODataError"), /code/);
  check({ id: "1", error: null, createdBy: null }, "teamworkDeviceOperation");
});

test("every page of devices, and every device", OPTIONS, async (t) => {
  const { origin } = await startSimulator(t);
  const check = validator();
  let next = "/teamwork/devices?$top=10";
  while (next) {
    const page = await (await send(`${origin}/beta${next}`)).json();
    check(page, "teamworkDeviceCollectionResponse");
    for (const { id } of page.value) {
      check(await (await send(`${origin}/beta/teamwork/devices/${id}`)).json(), "teamworkDevice");
    }
    next = page["@odata.nextLink"];
  }
});

test("operations in every state, alone and in lists", OPTIONS, async (t) => {
  const { origin } = await startSimulator(t);
  const check = validator();
  const ends = { successful: "Successful", failed: "Failed", cancelled: "Cancelled", "junk-error": "Successful" };
  for (const [device, last] of Object.entries(ends)) {
    const url = await startDiagnostics(origin, device);
    for (const status of ["Queued", "InProgress", last]) {
      const operation = await waitFor(url, status, last);
      check(operation, "teamworkDeviceOperation");
      assert.deepEqual([operation.operationType, operation.id], ["deviceDiagnostics", url.split("/").at(-1)]);
    }
    const list = await (await send(`${origin}/beta/teamwork/devices/${device}/operations`)).json();
    check(list, "teamworkDeviceOperationCollectionResponse");
    assert.equal(list.value.length, 1);
  }
});

test("errors", OPTIONS, async (t) => {
  const { origin } = await startSimulator(t);
  const check = validator();
  /** @type {[number, string, string, string][]} */
  const errors = [
    [400, "GET", "/beta/nothing", "any"],
    [401, "GET", "/beta/teamwork/devices", "expired"],
    [403, "POST", "/beta/teamwork/devices/successful/runDiagnostics", "no-roles"],
    [404, "GET", "/beta/teamwork/devices/nowhere", "any"],
    [405, "DELETE", "/beta/teamwork/devices/successful", "any"],
    [409, "POST", "/beta/teamwork/devices/conflict/runDiagnostics", "any"],
    [410, "POST", "/beta/teamwork/devices/withdrawn/runDiagnostics", "any"],
    [429, "POST", "/beta/teamwork/devices/throttled/runDiagnostics", "any"],
    [500, "POST", "/beta/teamwork/devices/start-server-error/runDiagnostics", "any"],
    [503, "POST", "/beta/teamwork/devices/unavailable/runDiagnostics", "any"],
  ];
  for (const [status, method, path, token] of errors) {
    const response = await send(`${origin}${path}`, { method, token });
    assert.equal(response.status, status, path);
    const document = await response.json();
    check(document, "ODataErrors.ODataError");
    assert.equal(document.error.innerError["request-id"], response.headers.get("request-id"));
  }
});
