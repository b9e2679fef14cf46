// Which devices a run is for: ids of CSV files as they occur, of arguments, and of the tenant.
import assert from "node:assert/strict";
import { test } from "node:test";
import { idsFromCsv } from "../../js/cli/device-ids.js";
import { startSimulator } from "../simulator/simulator.mjs";
import { commandFolder, jwt, listen, objects, run, start, until } from "./command.mjs";

const TIMEOUT = { timeout: 90_000 };

const FILES = {
  "the export of the admin center": "\uFEFFDevice name,Device Id,Health\r\nRoom 1,a,Healthy\r\nRoom 2,b,Critical\r\n",
  semicolons: "Device name;Device Id\r\nRoom, 1;a\r\n2;b",
  tabs: "Name\tDeviceId\nx\ta\ny\tb\n",
  "quotes, with separators and line breaks in them": '"Name","Device Id"\n"Room ""1"", left","a"\n"two\nlines","b"\n',
  "quotes with semicolons": '"Name";"Device Id"\n"x";"a"\n"y";"b"\n',
  "Excel's way to keep text": 'id,Name\n="a",x\n"=""b""",y\n',
  "no-break spaces": "Device\u00A0Id\n\u00A0a\u00A0\nb\u00A0\n",
  "a translated column": "Name;Geräte-ID\nx;a\ny;b\n",
  "a column named id": "name,ID\nx,a\ny,b\n",
  "the id of the device before any other id": "id,Device Id\n1,a\n2,b\n",
  "an extra first line of Excel": "sep=;\r\nid;n\r\na;1\r\nb;2\r\n",
  "blank lines, short lines and repetitions": "device_id,x\n\na,1\n\na\nb,3\na,4\n",
  "one column": "Device ID\na\nb\n",
  "lines that end in different ways": "Device Id,Name\r\na,x\nb,y\r\n",
  "lines that end in different ways, the other way round": "Device Id,Name\na,x\r\nb,y\n",
  "the line ends of an old Mac": "Name,Device Id\rx,a\ry,b\r",
  "blanks around quotes": 'Name, "Device Id"\nx, "a" \n"y" ,"b"\n',
  "a line with blanks only": "Device Id\na\n   \nb\n\t\n",
  "lines of separators alone": 'Device Id,Name,x\na,x,\n,,\n"", \u00A0,\n,\nb,y,\n,,\n',
};

test("the ids of every usual form of the file are read", () => {
  for (const [name, text] of Object.entries(FILES)) assert.deepEqual(idsFromCsv(text, "f.csv"), ["a", "b"], name);
});

test("a file without ids is refused, with what to do", () => {
  const refused = (text, message) => assert.throws(() => idsFromCsv(text, "f.csv"), { message, exitCode: 2 });
  refused("Name,Serial\nx,1\n", /f\.csv: there is no column "Device Id"/);
  refused("", /f\.csv: the file is empty/);
  refused("\n\n", /the file is empty/);
  refused("Device Id,Name\n,x\n", /the column "Device Id" is empty/);
  refused('id,Name\n"a,x\n', /this is not CSV/);
  refused(`id\n${jwt({})}\n`, /an access token was given/);
  refused("id\na\nb\u0000c\n", /is no device id/);
});

test("a cell that is no id is refused with its line", () => {
  const guid = "0f3ce432-e432-0f3c-32e4-3c0f32e43c0f";
  const refused = (text, message, hint) =>
    assert.throws(
      () => idsFromCsv(text, "f.csv"),
      (/** @type {any} */ error) => {
        assert.match(error.message, message);
        assert.match(error.hint, hint);
        return error.exitCode === 2;
      },
      text,
    );
  refused("Device Id,Name\na,x\nTotal: 12,\n", /--csv f\.csv: line 3: "Total: 12" is no device id/, /Remove this line/);
  refused("Name;Device Id\r\nx;a\r\ny;1.23E+15\r\n", /line 3: "1\.23E\+15" is no device id/, /Excel.*as text/);
  refused("Name;Device Id\rx;1,23E+15\r", /line 2: "1,23E\+15" is no device id/, /Excel.*as text/);
  refused(`Device Id\n${guid}\n\n12\n`, /line 4: "12" is no device id/, /others are GUIDs/);
  refused(`Name,Device Id\n"two\nlines",${guid}\nx,Total:1\n`, /line 4: "Total:1" is no device id/, /others are GUIDs/);
  refused('Device Id\n"""b"""\n', /line 2: ""b"" is no device id/, /quot/);
  refused("Device Id\na\n\u201Cb\u201D\n", /line 3: "\u201Cb\u201D" is no device id/, /quot/);
  refused("Device Id\na\n'b'\n", /line 3: "'b'" is no device id/, /quot/);
  refused("Device Id,Name\nnosuch1,Foo\n,Room without id\n", /--csv f\.csv: line 3: there is no device id/, /Add it, or remove this line/);
  refused("Name;Device Id\r\nx;a\r\ny; \r\nz\r\n", /line 3: there is no device id/, /Add it/);
  refused("x,device_id\n\n1,a\n\n2\n", /line 5: there is no device id/, /Add it/);
  refused('Device Id,Name\na,x\n="",y\n', /line 3: there is no device id/, /Add it/);
  refused("Device Id,Name\na,x\nb,y\n,Total: 2\n", /line 4: there is no device id/, /such as a total/);
  refused('id,Name\na,x\n"b,y\n', /this is not CSV: .*line 3/, /Correct that line/);
});

test("a report of this command is read again, also where it guards against formulas", () => {
  assert.deepEqual(idsFromCsv("\uFEFFDevice Id,Outcome\r\n'-1,failed\r\n'=a,failed\r\nb,failed\r\n", "r.csv"), ["-1", "=a", "b"]);
});

test("a CSV file is run, from a file, from standard input, and in UTF-16", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const csv = "Device Id,Name\nsuccessful,x\nsucceeded,y\n";
  command.write("rooms.csv", csv);
  command.write("excel.csv", Buffer.from(`\uFEFF${csv.replaceAll(",", "\t")}`, "utf16le"));
  for (const [args, input] of /** @type {[string[], string][]} */ ([
    [["--csv", "rooms.csv"], ""],
    [["--csv", "excel.csv"], ""],
    [["--csv", "-"], csv],
  ])) {
    const { code, stdout, stderr } = await run(command, ["run", ...args, "--json", "--base-url", `${origin}/beta`], { input });
    assert.equal(code, 0, stderr);
    const ids = objects(stdout)
      .filter(({ type }) => type === "result")
      .map(({ deviceId }) => deviceId);
    assert.deepEqual(ids.sort(), ["succeeded", "successful"]);
  }
});

test("--all runs the devices of the tenant that --type and --health select, and starts nothing if there are none", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const rooms = [
    { id: "sip-1", deviceType: "sip", healthStatus: "critical" },
    { id: "sip-2", deviceType: "SIP", healthStatus: "Healthy" },
    { id: "sip-3", deviceType: "sip", healthStatus: "offline" },
    { id: "phone", deviceType: "ipPhone", healthStatus: "healthy" },
  ].map((device) => ({ ...device, scenario: {} }));
  const { origin } = await startSimulator(t, "--devices", command.write("d.json", JSON.stringify(rooms)));
  const service = ["--base-url", `${origin}/beta`];
  const wanted = ["--type", "Sip,other", "--health", "critical", "--health", "healthy"];
  const listed = objects((await run(command, ["devices", "--json", ...wanted, ...service])).stdout).map(({ id }) => id);
  assert.ok(listed.includes("sip-1") && listed.includes("sip-2"));
  assert.ok(!listed.includes("sip-3") && !listed.includes("phone"));
  const ran = await run(command, ["run", "--all", "--json", "--operation-timeout", "5s", ...wanted, ...service]);
  const ids = objects(ran.stdout)
    .filter(({ type }) => type === "result")
    .map(({ deviceId }) => deviceId);
  assert.deepEqual(ids.sort(), listed.sort());
  for (const [args, values] of /** @type {[string[], RegExp][]} */ ([
    [["--type", "teamsroms"], /Types: .*teamsRoom/],
    [["--type", "sip", "--health", "criticl"], /Types: .*sip.*Health: .*critical/],
  ])) {
    for (const json of [[], ["--json"]]) {
      const nothing = await run(command, ["devices", ...args, ...json, ...service]);
      assert.deepEqual([nothing.code, nothing.stdout], [0, ""], "a list may be empty");
      assert.match(nothing.stderr, /^None of the 41 devices is selected\n/);
      assert.match(nothing.stderr, values);
    }
  }
  await fetch(`${origin}/simulator/reset`, { method: "POST" });
  const none = await run(command, ["run", "--all", "--type", "toaster", ...service]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /None of the 41 devices is selected\nTypes: .*teamsRoom/);
  const posts = (await (await fetch(`${origin}/simulator/requests`)).json()).filter(({ method }) => method === "POST");
  assert.deepEqual(posts, []);
});

test("the requests for the list of --all are within the rate of the fleet, also with its first request", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  /** @type {{ at: number, method?: string, url?: string }[]} */
  const requests = [];
  const origin = await listen(t, ({ method, url }, response) => {
    requests.push({ at: performance.now(), method, url });
    const page = Number(/page=(\d)/.exec(url ?? "")?.[1] ?? 0);
    if (requests.length === 3) return response.writeHead(503, { "retry-after": "0" }).end();
    // An empty page is followed by the next one at once.
    const value = page === 1 ? [] : [{ id: `room-${page}` }, { id: `phone-${page}` }];
    const next = page < 4 && { "@odata.nextLink": `${origin}/beta/teamwork/devices?page=${page + 1}` };
    if (method === "POST") return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ value, ...next }));
  });
  const flags = ["--max-requests-per-second", "2", "--timeout", "1500ms", "--base-url", `${origin}/beta`];
  const { stdout } = await run(command, ["run", "--all", ...flags]);
  assert.match(stdout, /^8 devices: /m);
  const first = requests.findIndex(({ method }) => method === "POST");
  assert.equal(first, 6, "five pages, and one of them twice");
  const distances = requests.slice(1, first + 1).map(({ at }, index) => at - requests[index].at);
  for (const distance of distances) assert.ok(distance > 400, `${distances.map(Math.round)}`);
  const sent = requests.length;
  const slow = start(command, ["run", "--all", "--max-requests-per-second", "0.01", "--base-url", `${origin}/beta`], { input: "" });
  await until(() => requests.length > sent);
  slow.child.kill("SIGINT");
  assert.equal((await slow.ended).code, 130);
});

test("devices and operations whose members have other types than documented are listed all the same", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const odd = { toString: 5 };
  const device = { deviceType: odd, healthStatus: 5, notes: odd, currentUser: odd, hardwareDetail: { manufacturer: odd, model: 7 } };
  const operation = { id: "o", operationType: odd, status: odd, createdDateTime: 5, createdBy: { user: { displayName: odd } }, error: odd };
  const origin = await listen(t, ({ url }, response) => {
    const value = url?.includes("operations") ? [operation, {}] : [{ id: "a", ...device }, { id: 7 }, { id: odd }, []];
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ value }));
  });
  const service = ["--base-url", `${origin}/beta`];
  for (const args of [["devices"], ["devices", "--health", "5"], ["devices", "--type", "sip"], ["operations", "a"]]) {
    const { code, stdout, stderr } = await run(command, [...args, ...service]);
    assert.equal(code, 0, `${args}: ${stderr}`);
    assert.ok(args.includes("sip") || stdout.includes("\t"), stdout + stderr);
  }
  const none = await run(command, ["run", "--all", "--type", "sip", ...service]);
  assert.equal(none.code, 2, none.stderr);
});

test("devices and operations are lists for other programs: tabs, or one JSON object a line", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const service = ["--base-url", `${origin}/beta`];
  const { stdout } = await run(command, ["devices", ...service]);
  const rows = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  assert.equal(rows.length, 37);
  assert.deepEqual(rows[0].slice(0, 4), ["successful", "teamsRoom", "healthy", "idle"]);
  const none = await run(command, ["operations", "failed", ...service]);
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, "", "The device has no operations\n"]);
  await run(command, ["run", "failed", ...service]);
  const [operation] = objects((await run(command, ["operations", "failed", "--json", ...service])).stdout);
  assert.equal(operation.state, "failed");
  const line = (await run(command, ["operations", "failed", ...service])).stdout;
  assert.ok(line.startsWith(`${operation.id}\tdeviceDiagnostics\tFailed\t`), line);
});
