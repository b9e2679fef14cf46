// What the page stands on, without a browser: device ids out of text and CSV, the report, the recorded exchange, the code that
// is shown, and what is remembered over a reload.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { idsFromCsv, idsFromText } from "../../www/device-ids.js";

describe("device ids", () => {
  test("out of text: white space, commas and semicolons, each once, in order", () => {
    assert.deepEqual(idsFromText("\uFEFF b, a;c\n\n a\tb ;"), ["b", "a", "c"]);
    assert.deepEqual(idsFromText(" \n"), []);
  });

  test("out of the admin center's export, wherever its column stands and however it is quoted", () => {
    const rows = ['"Room ""Oslo"", 2nd floor";x-1;online', "Lobby;x-2", ";;", '"two\r\nlines"; x-1 ;', "Last;x-3;"];
    assert.deepEqual(idsFromCsv(["\uFEFFDisplay name;Device Id;State", ...rows].join("\r\n")), ["x-1", "x-2", "x-3"]);
    assert.deepEqual(idsFromCsv('"Device Id","Name"\n"a","b"\n"c"'), ["a", "c"]);
    assert.deepEqual(idsFromCsv("sep=;\r\nName;DEVICE ID\r\na,b;c"), ["c"]);
    assert.deepEqual(idsFromCsv("Name\tDevice Id\nA, B\tc\n"), ["c"]);
    assert.deepEqual(idsFromCsv('"a, b, c";Device Id\nx;y'), ["y"]);
    assert.deepEqual(idsFromCsv('Device Id,Name\n"a"b,c\n"d'), ["ab", "d"]);
    assert.deepEqual(idsFromCsv("Device Id"), []);
  });

  test("a file without that column is refused in words", () => {
    for (const text of ["", "Name,Id\na,b", "MAC Address\nx"]) assert.throws(() => idsFromCsv(text), /no column "Device Id"/);
  });
});
