// The report as CSV, as JSON and for support, without a browser.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { matched } from "../../scripts/tools.mjs";
import { devicesFromText } from "../../www/src/device-files.js";
import { csvReport, jsonReport, supportText } from "../../www/src/report.js";

describe("the report", () => {
  const row = {
    deviceId: "d-1",
    deviceName: 'Room "Oslo"',
    outcome: "Diagnostics failed",
    message: "one\ntwo",
    startedAt: "2026-01-02T03:04:05.000Z",
  };

  test("as CSV has every cell in quotes, and its ids can be read again", () => {
    const [names, ...lines] = csvReport([row, { deviceId: "d-2" }]).split("\r\n");
    assert.equal(
      names,
      '\uFEFF"Device Id","Device","Outcome","Status","Code","Message","Location","request-id","client-request-id","Started","Ended"',
    );
    assert.deepEqual(lines, [
      '"d-1","Room ""Oslo""","Diagnostics failed","","","one\ntwo","","","","2026-01-02T03:04:05.000Z",""',
      '"d-2","","","","","","","","","",""',
      "",
    ]);
    const { devices } = devicesFromText(csvReport([row, { deviceId: "d-2" }]));
    assert.deepEqual(
      devices.map(({ id, name }) => [id, name]),
      [
        ["d-1", 'Room "Oslo"'],
        ["d-2", ""],
      ],
    );
  });

  test("as CSV holds no formula", () => {
    for (const start of ["=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D"]) {
      const [, name] = matched(/"d","([^"]*)"/, csvReport([{ deviceId: "d", deviceName: `${start}1+1` }]));
      assert.equal(name, `'${start}1+1`);
    }
    assert.ok(csvReport([{ deviceId: "d", deviceName: "a=b" }]).includes('"a=b"'));
  });

  test("as JSON has the same rows", () => {
    assert.deepEqual(JSON.parse(jsonReport([row])), [row]);
  });

  test("for support has one line for each known detail", () => {
    const error = {
      code: "operationFailed",
      statusCode: 200,
      message: "It\nfailed",
      hint: "Check there.",
      requestId: "r",
      clientRequestId: "c",
      location: "https://graph.microsoft.com/beta/x",
      mayHaveStarted: false,
      operation: { error: { code: "Unreachable", message: "No answer" } },
    };
    assert.equal(
      supportText(row, /** @type {any} */ (error)),
      [
        "Microsoft Teams device diagnostics",
        "Outcome: Diagnostics failed",
        'Device: Room "Oslo"',
        "Device id: d-1",
        "Code: operationFailed",
        "HTTP status: 200",
        "Message: It failed",
        "The device says: Unreachable: No answer",
        "Hint: Check there.",
        "request-id: r",
        "client-request-id: c",
        "Location: https://graph.microsoft.com/beta/x",
        "Started: 2026-01-02T03:04:05.000Z",
        "",
      ].join("\n"),
    );
    assert.equal(supportText({ deviceId: "d" }), "Microsoft Teams device diagnostics\nDevice id: d\n");
  });
});
