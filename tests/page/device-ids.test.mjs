// Device ids from text and CSV, without a browser.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { idsFromCsv, idsFromText } from "../../www/src/device-ids.js";

describe("device ids", () => {
  test("from text: separated by white space, commas and semicolons, without duplicates, in order", () => {
    assert.deepEqual(idsFromText("\uFEFF b, a;c\n\n a\tb ;"), ["b", "a", "c"]);
    assert.deepEqual(idsFromText(" \n"), []);
  });

  test("from the admin center's export, with any order of columns and any quoting", () => {
    const rows = ['"Room ""Oslo"", 2nd floor";x-1;online', "Lobby;x-2", ";;", '"two\r\nlines"; x-1 ;', "Last;x-3;"];
    assert.deepEqual(idsFromCsv(["\uFEFFDisplay name;Device Id;State", ...rows].join("\r\n")), ["x-1", "x-2", "x-3"]);
    assert.deepEqual(idsFromCsv('"Device Id","Name"\n"a","b"\n"c"'), ["a", "c"]);
    assert.deepEqual(idsFromCsv("sep=;\r\nName;DEVICE ID\r\na,b;c"), ["c"]);
    assert.deepEqual(idsFromCsv("Name\tDevice Id\nA, B\tc\n"), ["c"]);
    assert.deepEqual(idsFromCsv('"a, b, c";Device Id\nx;y'), ["y"]);
    assert.deepEqual(idsFromCsv('Device Id,Name\n"a"b,c\n"d'), ["ab", "d"]);
    assert.deepEqual(idsFromCsv("Device Id"), []);
  });

  test("an access token among them is refused, and not repeated", () => {
    const token = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.c2ln";
    for (const read of [() => idsFromText(`a ${token}`), () => idsFromCsv(`Device Id\n${token}`)]) {
      assert.throws(read, ({ message }) => /looks like an access token/.test(message) && !message.includes(token));
    }
    assert.deepEqual(idsFromText("eyJ.a eyJhbGciOi"), ["eyJ.a", "eyJhbGciOi"]);
  });

  test("a file without that column is refused with an explanation", () => {
    for (const text of ["", "Name,Id\na,b", "MAC Address\nx"]) assert.throws(() => idsFromCsv(text), /no column "Device Id"/);
  });
});
