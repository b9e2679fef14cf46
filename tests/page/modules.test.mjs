// The modules of the page, without a browser: device ids from text and CSV, the report, the HTTP log, the shown code, and the runs that
// are resumed after a reload.

import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { nodeSnippet, portalSnippet } from "../../www/snippets.js";
import { idsFromCsv, idsFromText } from "../../www/device-ids.js";
import { HttpLog } from "../../www/http-log.js";
import { csvReport, jsonReport, supportText } from "../../www/report.js";
import { resumableRuns } from "../../www/resumable-runs.js";
import { activityTitle, healthText, typeTitle } from "../../www/format.js";
import { customer, runInNode, typeCheck } from "../readme/customer.mjs";
import { startSimulator } from "../simulator/simulator.mjs";

test("values of Graph's such as constructor are shown like any unknown value", () => {
  for (const word of ["constructor", "__proto__", "toString"]) {
    assert.deepEqual([typeTitle(word), activityTitle(word)], [typeTitle(word), typeTitle(word)]);
    assert.equal(typeof typeTitle(word), "string");
    assert.deepEqual(healthText(word), { title: typeTitle(word), icon: "unknown", tone: "quiet" });
  }
});

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

describe("the HTTP log", () => {
  const TOKEN = "eyJhbGciOi/long.enough+to-be_real";
  const init = { method: "POST", headers: new Headers({ authorization: `Bearer ${TOKEN}`, "client-request-id": "mine" }) };

  test("records requests and responses, and shows them as HTTP", async (t) => {
    const origin = await serve(t, (_request, response) => response.writeHead(202, { location: "/there" }).end("taken"));
    const httpLog = new HttpLog();
    const response = await httpLog.fetch(`${origin}/here?a=b`, init);
    assert.deepEqual([response.status, await response.text()], [202, "taken"]);
    const [{ method, url, status, body, failure }] = httpLog.entries;
    assert.deepEqual(
      { method, url, status, body, failure },
      { method: "POST", url: `${origin}/here?a=b`, status: 202, body: "taken", failure: undefined },
    );
    const text = httpLog.toText();
    assert.match(text, /^# \d{4}-\d\d-\d\dT[\d:.]+Z\nPOST \/here\?a=b HTTP\/1\.1\nhost: 127\.0\.0\.1:\d+\n/);
    assert.match(text, /\nauthorization: Bearer \[token\]\nclient-request-id: mine\n\nHTTP\/1\.1 202\n/);
    assert.match(text, /\nlocation: \/there\n[^]*\n\ntaken\n$/);
  });

  test("keeps no token, wherever and however the service repeats it", async (t) => {
    const escaped = TOKEN.replace("/", "\\/").replace("+", "\\u002B");
    const body = [TOKEN, escaped, encodeURIComponent(TOKEN), "x".repeat(19_850), TOKEN].join(" ");
    const origin = await serve(t, (_request, response) => response.writeHead(400, { "x-echo": TOKEN }).end(body));
    const httpLog = new HttpLog();
    const response = await httpLog.fetch(`${origin}/${encodeURIComponent(TOKEN)}`, init);
    assert.equal(await response.text(), body, "the caller gets what was sent");
    const kept = JSON.stringify(httpLog.entries) + httpLog.toText();
    for (const part of ["eyJhbGciOi", "long.enough", "be_real"]) assert.ok(!kept.includes(part), part);
    assert.ok(httpLog.entries[0].body.startsWith("[token] [token] [token] xxx"));
  });

  test("a token as short as those of tests is removed where it is a whole value", async (t) => {
    const origin = await serve(t, (_request, response) => response.end('{"token":"any","any":"any where"}'));
    const httpLog = new HttpLog();
    await (await httpLog.fetch(origin, { headers: { Authorization: "bearer any" } })).text();
    assert.equal(httpLog.entries[0].body, '{"token":"[token]","any":"any where"}');
  });

  test("the caller does not wait for a body, and may leave it", async (t) => {
    const origin = await serve(t, (_request, response) => response.writeHead(202, { location: "/there" }).write("the first part"));
    const httpLog = new HttpLog();
    const left = new AbortController();
    await httpLog.fetch(origin, { ...init, signal: left.signal });
    left.abort();
    const ended = new AbortController();
    const body = (await httpLog.fetch(origin, { ...init, signal: ended.signal })).text();
    ended.abort();
    await assert.rejects(body, { name: "AbortError" });
    assert.deepEqual(
      httpLog.entries.map(({ status, failure }) => [status, failure?.slice(0, 10)]),
      [
        [202, undefined],
        [202, "AbortError"],
      ],
    );
  });

  test("a body that was read is recorded, although the request is aborted at once", async (t) => {
    const origin = await serve(t, (_request, response) => response.end("all"));
    const httpLog = new HttpLog();
    const controller = new AbortController();
    await (await httpLog.fetch(origin, { signal: controller.signal })).text().then(() => controller.abort());
    assert.deepEqual([httpLog.entries[0].body, httpLog.entries[0].failure], ["all", undefined]);
  });

  test("an aborted or lost request is recorded as such, and rejects as without the log", async (t) => {
    const origin = await serve(t, (request, response) => request.url === "/lost" && response.destroy());
    const httpLog = new HttpLog();
    const controller = new AbortController();
    const hanging = httpLog.fetch(origin, { ...init, signal: controller.signal });
    assert.match(httpLog.toText(), /# No response yet\.\n$/);
    const reason = new Error(`ended with ${TOKEN}`);
    controller.abort(reason);
    await assert.rejects(hanging, reason);
    await assert.rejects(httpLog.fetch(`${origin}/lost`, init), TypeError);
    assert.deepEqual(
      httpLog.entries.map(({ status }) => status),
      [undefined, undefined],
    );
    assert.match(httpLog.toText(), /# Error: ended with \[token\][^]*# TypeError: fetch failed\n$/);
  });

  test("a body that breaks off is recorded as a failure", async (t) => {
    const origin = await serve(t, (_request, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half");
      setTimeout(() => response.destroy(), 20);
    });
    const httpLog = new HttpLog();
    await assert.rejects((await httpLog.fetch(origin)).text());
    assert.deepEqual([httpLog.entries[0].status, typeof httpLog.entries[0].failure], [200, "string"]);
  });

  test("a redirect that the browser hides is recorded", async (t) => {
    t.mock.method(globalThis, "fetch", async () => Object.defineProperty(new Response(), "type", { value: "opaqueredirect" }));
    const httpLog = new HttpLog();
    await httpLog.fetch("https://graph.microsoft.com/beta/x", init);
    assert.match(httpLog.toText(), /# A redirect, which is not followed/);
  });

  test("no more is kept than 200 entries of 20,000 characters", async (t) => {
    const origin = await serve(t, (_request, response) => response.end("x".repeat(20_007)));
    const httpLog = new HttpLog();
    for (let number = 0; number < 203; number++) await (await httpLog.fetch(`${origin}/${number}`)).text();
    assert.equal(httpLog.entries.length, 200);
    assert.equal(httpLog.entries[0].url, `${origin}/3`);
    assert.equal(httpLog.entries[0].body, `${"x".repeat(20_000)}\n[7 more characters]`);
  });
});

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
    assert.deepEqual(idsFromCsv(csvReport([row, { deviceId: "d-2" }])), ["d-1", "d-2"]);
  });

  test("as CSV holds no formula", () => {
    for (const start of ["=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D"]) {
      const [, name] = csvReport([{ deviceId: "d", deviceName: `${start}1+1` }]).match(/"d","([^"]*)"/);
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

describe("unfinished runs", () => {
  const origin = "http://127.0.0.1:8787";
  const run = (number, more) => ({ location: `${origin}/beta/${number}`, deviceId: "d", baseUrl: `${origin}/beta`, ...more });

  /** Replaces the globals of a page for one test. */
  function inTab(t, kept = new Map()) {
    const sessionStorage = {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, text) => kept.set(name, text),
      removeItem: (name) => kept.delete(name),
    };
    Object.assign(globalThis, { sessionStorage, location: new URL(origin) });
    t.after(() => {
      delete globalThis.sessionStorage;
      delete globalThis.location;
    });
    return kept;
  }

  test("are stored once each, until they are removed", (t) => {
    const kept = inTab(t);
    resumableRuns.remember(run(1));
    resumableRuns.remember(run(2, { deviceName: "Room", startedAt: "2026-01-02T03:04:05.000Z" }));
    resumableRuns.remember(run(1, { deviceName: "Renamed" }));
    assert.deepEqual(
      resumableRuns.all().map(({ location, deviceName }) => [location.at(-1), deviceName]),
      [
        ["2", "Room"],
        ["1", "Renamed"],
      ],
    );
    resumableRuns.forget(run(2).location);
    resumableRuns.forget(run(1).location);
    assert.deepEqual([resumableRuns.all(), kept.size], [[], 0]);
  });

  test("contain only the known members", (t) => {
    const kept = inTab(t);
    resumableRuns.remember({ ...run(1), token: "secret" });
    assert.ok(![...kept.values()].join().includes("secret"));
  });

  test("that are not runs, or name an unknown service, are ignored", (t) => {
    const kept = inTab(t);
    resumableRuns.remember(run(1));
    const [key] = kept.keys();
    for (const junk of ["", "{", "null", "7", '{"a":1}']) {
      kept.set(key, junk);
      assert.deepEqual(resumableRuns.all(), [], junk);
    }
    const runs = [
      null,
      7,
      {},
      { location: "x" },
      run(1, { deviceName: 7 }),
      run(2, { baseUrl: "https://elsewhere.example/beta" }),
      run(3, { baseUrl: "/beta" }),
      run(4, { cloud: "global" }),
      run(5, { baseUrl: undefined, cloud: "mine" }),
      run(6),
      run(7, { baseUrl: undefined, cloud: "china" }),
    ];
    kept.set(key, JSON.stringify(runs));
    assert.deepEqual(
      resumableRuns.all().map(({ location }) => location.at(-1)),
      ["6", "7"],
    );
  });

  test("are lost, without an error, where nothing can be stored", (t) => {
    inTab(t);
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    Object.assign(globalThis.sessionStorage, { getItem: refuse, setItem: refuse, removeItem: refuse });
    resumableRuns.remember(run(1));
    resumableRuns.forget(run(1).location);
    assert.deepEqual(resumableRuns.all(), []);
  });
});

describe("the code that is shown", { timeout: 120_000 }, () => {
  const ODD = `Room "1" \\ \${x} '2'`;
  let home;
  before(() => {
    home = customer();
  });
  after(() => home?.remove());

  test("compiles strictly for every cloud, whatever a device is called", async () => {
    const services = [
      {},
      { cloud: "global" },
      { cloud: "usGovL4" },
      { cloud: "usGovL5" },
      { cloud: "china" },
      { baseUrl: "http://127.0.0.1:1/beta" },
    ];
    const files = services.flatMap((service, number) => {
      const made = { deviceId: ODD, ...service };
      const texts = {
        [`portal-${number}.ts`]: portalSnippet(made),
        [`node-${number}.mjs`]: nodeSnippet(made),
        [`node-${number}.mts`]: nodeSnippet(made),
      };
      for (const [file, text] of Object.entries(texts)) writeFileSync(join(home.folder, file), text);
      return Object.keys(texts);
    });
    assert.equal(await typeCheck(home.folder, files), "");
    writeFileSync(join(home.folder, "mistake.ts"), portalSnippet({ deviceId: "d", cloud: "mine" }));
    assert.match(await typeCheck(home.folder, ["mistake.ts"]), /error TS2322/, "a mistake is found");
  });

  test("signs in at the authority of the cloud, and leaves out defaults", () => {
    assert.match(portalSnippet({ deviceId: "d", cloud: "china" }), /login\.partner\.microsoftonline\.cn\/organizations".*cloud: "china"/s);
    assert.match(
      nodeSnippet({ deviceId: "d", cloud: "usGovL5" }),
      /authorityHost: "https:\/\/login\.microsoftonline\.us".*cloud: "usGovL5"/s,
    );
    assert.doesNotMatch(portalSnippet({ deviceId: "d", cloud: "global" }), /cloud/);
    assert.doesNotMatch(nodeSnippet({ deviceId: "d" }), /cloud|authorityHost|, \)/);
  });

  for (const [name, code, printed] of /** @type {[string, typeof nodeSnippet, RegExp][]} */ ([
    [
      "Node",
      nodeSnippet,
      /^Started: http\S+\n(credential .*\n|\w+\n)*Successful\nSuccessful - download the logs in the Teams admin center$/,
    ],
    ["a portal", portalSnippet, /^msal https:\/\/login[^]*\nstarted\n[^]*status\n[^]*The logs are in the Teams admin center\.$/],
  ])) {
    test(`for ${name} does that run`, async (t) => {
      const { origin } = await startSimulator(t);
      const text = code({ deviceId: "successful", baseUrl: `${origin}/beta` });
      const { stdout, stderr } = await runInNode(home.folder, "shown.run.mjs", text, { GRAPH: origin, SIMULATOR: origin });
      assert.match(stdout.replace(/^(credential .*\n)+/, ""), printed, stderr.slice(-2_000));
      const requests = await (await fetch(`${origin}/simulator/requests`)).json();
      assert.equal(requests[0].target, "/beta/teamwork/devices/successful/runDiagnostics");
    });
  }
});

/** A server that ends with the test; resolves to its origin. */
async function serve(t, answer) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
}
