// Devices from text and files, without a browser.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { idsFromText } from "../../www/src/device-ids.js";
import { devicesFromFile, devicesFromText } from "../../www/src/device-files.js";
import { csvReport, jsonReport } from "../../www/src/report.js";

const [A, B, TENANT] = [
  "0f3ce432-e432-4f3c-82e4-3c0f32e43c0f",
  "1A3CE432-E432-4F3C-82E4-3C0F32E43C0F",
  "9f3ce432-0000-4f3c-82e4-3c0f32e43c0f",
];
const TOKEN = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.c2ln";

const idsIn = (text) => devicesFromText(text).devices.map(({ id }) => id);
const rowsIn = (text) => devicesFromText(text).devices.map(({ id, name, make, user }) => [id, name, make, user]);

describe("pasted text", () => {
  test("ids are separated by white space, commas and semicolons; each once, in order", () => {
    assert.deepEqual(idsFromText("\uFEFF b, a;c\n\n a\tb ;").ids, ["b", "a", "c"]);
    assert.deepEqual(idsFromText("successful lost-start").ids, ["successful", "lost-start"]);
    assert.deepEqual(idsFromText(" \n"), { ids: [], ignored: [] });
  });

  test("where there are GUIDs, only these are ids, and the words around them are named", () => {
    const { ids, ignored } = idsFromText(`Hi, please run ${A} (Lobby) and {${B}}, then "${A}".`);
    assert.deepEqual(ids, [A, B]);
    assert.deepEqual(ignored, ["Hi", "please", "run", "(Lobby)", "and", "then"]);
  });

  test("a sentence without a GUID is no device", () => {
    const sentence = "Please run the diagnostics on the lobby.";
    assert.deepEqual(idsFromText(sentence), { ids: [], ignored: ["Please", "run", "the", "diagnostics", "on", "lobby."] });
    assert.deepEqual(idsFromText("please run it\nroom-1").ids, ["room-1"]);
    assert.deepEqual(idsFromText(`${"x".repeat(1_025)}, .., a`).ids, ["a"]);
  });

  test("an address of the admin center stands for its device, not for its tenant", () => {
    const address = `https://admin.teams.microsoft.com/devices/ipphones/${A}/details?tenantId=${TENANT}`;
    assert.deepEqual(idsFromText(`${address}\nhttps://admin.teams.microsoft.com/#/devices/${B}`), { ids: [A, B], ignored: [] });
    assert.deepEqual(idsFromText("https://admin.teams.microsoft.com/devices").ids, []);
  });

  test("an access token is refused, and not repeated", () => {
    for (const read of [
      () => idsFromText(`a ${TOKEN}`),
      () => devicesFromText(`Device Id\n${TOKEN}`),
      () => devicesFromText(`id,Name\na,${TOKEN}`),
    ])
      assert.throws(read, ({ message }) => /looks like an access token/.test(message) && !message.includes(TOKEN));
    assert.deepEqual(idsFromText("eyJ.a eyJhbGciOi").ids, ["eyJ.a", "eyJhbGciOi"]);
  });
});

describe("a file", () => {
  test("has its columns in any order, with any delimiter and quoting", () => {
    const rows = ['"Room ""Oslo"", 2nd floor";x-1;online', "Lobby;x-2", ";;", '"two\r\nlines"; x-1 ;', "Last;x-3;"];
    assert.deepEqual(idsIn(["\uFEFFDisplay name;Device Id;State", ...rows].join("\r\n")), ["x-1", "x-2", "x-3"]);
    assert.deepEqual(idsIn('"Device Id","Name"\n"a","b"\n"c"'), ["a", "c"]);
    assert.deepEqual(idsIn("sep=;\r\nName;DEVICE ID\r\na,b;c"), ["c"]);
    assert.deepEqual(idsIn("Name\tDevice Id\nA, B\tc\n"), ["c"]);
    assert.deepEqual(idsIn('"a, b, c";Device Id\nx;y'), ["y"]);
    assert.deepEqual(idsIn("Device Id"), []);
  });

  test("says the name, the model and the user of each id", () => {
    const text = `Device Id,Device name,Manufacturer,Model,User\n${A},Lobby,Contoso,Kit 2,Room Lobby\n${B},,,,ada@contoso.example\n`;
    assert.deepEqual(rowsIn(text), [
      [A, "Lobby", "Contoso Kit 2", "Room Lobby"],
      [B, "", "", "ada@contoso.example"],
    ]);
  });

  test("may spell and translate the name of the column", () => {
    const names = [
      "DeviceId",
      "device\u00A0id",
      "DEVICE_ID",
      "Device\u2009ID",
      "Geräte-ID",
      "Gera\u0308te-ID",
      "ID de l\u2019appareil",
      "Id. de dispositivo",
    ];
    for (const name of [...names, "ID dispositivo", "Apparaat-id", "デバイス ID", "设备 ID", "장치 ID", "ID do dispositivo"])
      assert.deepEqual(idsIn(`Name;${name}\nx;${A}\n`), [A], name);
  });

  test("may guard its cells as Excel and reports do", () => {
    assert.deepEqual(idsIn(`Device Id,Name\n="${A}",x\n"=""${B}""",y\n'=a,z\n`).slice(0, 2), [A, B]);
    assert.deepEqual(idsIn("Device Id\n'-1\n\u00A0b\u00A0\n"), ["-1", "b"]);
  });

  test("is decoded by its content", () => {
    const text = `Gerätename;Geräte-ID\r\nBüro;${A}\r\n`;
    const bytes = (list) => new Uint8Array(list);
    const wide = (mark, isBig) => {
      const buffer = Buffer.from(mark + text, "utf16le");
      return bytes(isBig ? buffer.swap16() : buffer);
    };
    const files = {
      "UTF-8": bytes(Buffer.from(text)),
      "UTF-8 with mark": bytes(Buffer.from(`\uFEFF${text}`)),
      "UTF-16LE": wide("\uFEFF", false),
      "UTF-16BE": wide("\uFEFF", true),
      "UTF-16LE without mark": wide("", false),
      "UTF-16BE without mark": wide("", true),
      "windows-1252": bytes(Buffer.from(text, "latin1")),
    };
    for (const [name, file] of Object.entries(files)) {
      const [device] = devicesFromFile(file).devices;
      assert.deepEqual([device?.id, device?.name], [A, "Büro"], name);
    }
  });

  test("names what is in place of an id", () => {
    const { devices, ignored } = devicesFromText(`Device Id,Name\n${A},x\nTotal: 12,\n1.23E+15,y\n,Lobby\n,\n`);
    assert.deepEqual([devices.length, ignored], [1, ["Total: 12", "1.23E+15", "Lobby (no id)"]]);
  });

  test("without that column is refused with an explanation, unless it is a list of GUIDs", () => {
    for (const text of ["", "Name,Serial\na,b", "MAC Address\nx"]) assert.throws(() => devicesFromText(text), /no column "Device Id"/);
    assert.deepEqual(idsIn(`${A}\r\n${B}\r\n`), [A, B]);
  });

  test("may be a report of this page, or a document of Graph", () => {
    const rows = [{ deviceId: A, deviceName: "Lobby" }, { deviceId: "=1" }];
    for (const report of [csvReport(rows), jsonReport(rows)]) assert.deepEqual(idsIn(report).slice(0, 1), [A]);
    assert.equal(devicesFromText(jsonReport(rows)).devices[0].name, "Lobby");
    const document = { value: [{ id: A, currentUser: { displayName: "Ada" }, hardwareDetail: { manufacturer: "Contoso", model: "Kit" } }] };
    assert.deepEqual(rowsIn(JSON.stringify(document)), [[A, "", "Contoso Kit", "Ada"]]);
    assert.throws(() => devicesFromText("{ not JSON"), /neither CSV nor JSON/);
  });

  test("of twenty thousand rows is read in time that grows with its rows", () => {
    const rows = (count) =>
      Array.from({ length: count }, (_, at) => `"Room ${at}, north",${A.slice(0, -5)}${String(at).padStart(5, "0")},Contoso`);
    const time = (count) => {
      const text = ["Name,Device Id,Manufacturer", ...rows(count)].join("\r\n");
      const times = Array.from({ length: 5 }, () => {
        const start = performance.now();
        assert.equal(idsIn(text).length, count);
        return performance.now() - start;
      });
      return Math.min(...times);
    };
    const [few, many] = [time(2_000), time(20_000)];
    console.log(`2,000 rows of CSV: ${few.toFixed(0)} ms; 20,000 rows: ${many.toFixed(0)} ms`);
    assert.ok(many < Math.max(few, 2) * 40, `${many} ms, but ${few} ms for a tenth`);
  });
});
