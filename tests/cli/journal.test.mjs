// The state file: what was started survives a crash at any moment, nobody else writes the file, and no other file is harmed.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs, {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openJournal } from "../../js/cli/journal.js";
import { startSimulator } from "../simulator/simulator.mjs";
import { commandFolder, objects, run, start, until } from "./command.mjs";

const TIMEOUT = { timeout: 90_000 };
const SERVICE = "https://graph.microsoft.com/beta";

/** @returns {import("../../js/types/fleet.d.ts").DeviceRecord} */
function record(deviceId, state, more = {}) {
  const needed = { starting: {}, running: { location: "x" }, ended: { outcome: "successful" } };
  return { version: 1, deviceId, state, time: "2026-01-01T00:00:00.000Z", ...needed[state], attempts: 1, ...more };
}

/** The path of a file in a folder of its own. */
function newFile(t, content) {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "rooms.state");
  if (content !== undefined) writeFileSync(file, content);
  return file;
}

const lines = (...values) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const HEADER = { journal: "teams-device-diagnostics", version: 1, service: SERVICE };

test("an append resolves only when its record is written and flushed, in this order", async (t) => {
  const file = newFile(t);
  const journal = await openJournal(file, SERVICE);
  const probe = await open(file, "r");
  const handles = Object.getPrototypeOf(probe);
  await probe.close();
  /** @type {string[]} */
  const steps = [];
  const { sync, appendFile } = handles;
  t.after(() => Object.assign(handles, { sync, appendFile }));
  Object.assign(handles, {
    async appendFile(text) {
      await appendFile.call(this, text);
      steps.push(`written ${text.match(/"deviceId":"\w+"/g)?.length}`);
    },
    async sync() {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await sync.call(this);
      steps.push("flushed");
    },
  });
  const appended = async (id) => journal.append(record(id, "starting")).then(() => steps.push(`resolved ${id}`));
  await Promise.all([appended("a"), appended("b"), appended("c")]);
  assert.deepEqual(steps, ["written 1", "flushed", "resolved a", "written 2", "flushed", "resolved b", "resolved c"]);
  await journal.close();
});

test("a journal is reduced to the last record of each device, in the order of these, and a torn last line is dropped", async (t) => {
  const history = [
    record("a", "starting"),
    record("b", "starting"),
    record("a", "running", { location: "x" }),
    record("c", "starting"),
    record("b", "ended"),
  ];
  const whole = lines(HEADER, ...history);
  const last = [record("a", "running", { location: "x" }), record("c", "starting"), record("b", "ended")];
  for (const torn of ["", '{"version":1,"deviceId":"d","sta', "\u0000\u0000\u0000"]) {
    const file = newFile(t, whole + torn);
    const journal = await openJournal(file, SERVICE);
    assert.deepEqual(journal.records, last);
    assert.equal(readFileSync(file, "utf8"), lines(HEADER, ...last));
    await journal.append(record("d", "starting"));
    await journal.close();
    const again = await openJournal(file, SERVICE);
    assert.deepEqual(again.records, [...last, record("d", "starting")], "the line after the torn one is whole");
    await again.close();
  }
});

test("at every byte at which a crash can end the file, no whole record is lost", async (t) => {
  const rows = [HEADER, record("a", "starting"), record("b", "starting"), record("a", "ended")].map((value) => lines(value));
  const whole = rows.join("");
  for (let length = rows[0].length; length <= whole.length; length++) {
    const file = newFile(t, whole.slice(0, length));
    const journal = await openJournal(file, SERVICE);
    let ends = rows[0].length;
    const kept = rows
      .slice(1)
      .filter((row) => (ends += row.length) - 1 <= length)
      .map((row) => JSON.parse(row));
    const expected = kept.filter(({ deviceId }, at) => !kept.slice(at + 1).some((later) => later.deviceId === deviceId));
    assert.deepEqual(journal.records, expected, `${length} bytes`);
    await journal.close();
  }
});

test("a file that is not a journal, or a damaged one, is refused and left as it is", async (t) => {
  const files = {
    "a CSV": "Device Id\na\n",
    "a JSON report": '[{ "deviceId": "a" }]\n',
    "one line without an end": "hello",
    "records without the first line": lines(record("a", "running")),
    "a damaged line in the middle": `${lines(HEADER)}{"version":1,"dev\n${lines(record("a", "ended"))}`,
    "a record of another form": lines(HEADER, { ...record("a", "running"), version: 2 }, record("b", "running")),
    "a newer version": lines({ ...HEADER, version: 2 }),
    "no service": lines({ ...HEADER, service: { toString: 5 } }),
    "another service": lines({ ...HEADER, service: "https://graph.microsoft.us/beta" }),
  };
  for (const [name, content] of Object.entries(files)) {
    const file = newFile(t, content);
    await assert.rejects(openJournal(file, SERVICE), { exitCode: 2 }, name);
    assert.equal(readFileSync(file, "utf8"), content, name);
    assert.ok(!existsSync(`${file}.lock`), name);
  }
  const empty = newFile(t, "");
  await (await openJournal(empty, SERVICE)).close();
  assert.equal(readFileSync(empty, "utf8"), lines(HEADER), "an empty file is a new journal");
});

test("what is wrong in a state file is named with its line, in words of the command", async (t) => {
  const refusedLocation = async (location) => {
    if (!location.startsWith(SERVICE)) throw new Error(`it is not one of ${SERVICE}`);
  };
  const running = record("a", "running", { location: `${SERVICE}/teamwork/devices/a/operations/1` });
  for (const [wrong, message] of /** @type {[any, RegExp][]} */ ([
    ["{", /line 4 is damaged/],
    [record("b", "paused"), /line 4 is damaged/],
    [record("", "starting"), /line 4 is damaged/],
    [record("b", "starting", { time: "yesterday" }), /line 4 is damaged/],
    [record("b", "running", { location: undefined }), /line 4 is damaged/],
    [record("b", "ended", { outcome: undefined }), /line 4 is damaged/],
    [record("b", "ended", { outcome: "fine" }), /line 4 is damaged/],
    [record("b", "ended", { outcome: ["failed"] }), /line 4 is damaged/],
    [record("b", "ended", { outcome: { toString: 5 } }), /line 4 is damaged/],
    [record("b", "starting", { time: { toString: 5 } }), /line 4 is damaged/],
    [{ ...record("b", "starting"), state: { toString: 5 } }, /line 4 is damaged/],
    [{ ...record("b", "starting"), state: ["starting"] }, /line 4 is damaged/],
    [{ ...record("b", "starting"), version: 2 }, /line 4 is of another version/],
    [record("b", "running", { location: "https://elsewhere/1" }), /line 4 has a location that is not one of https:\/\/graph/],
  ])) {
    const text = typeof wrong === "string" ? `${wrong}\n` : lines(wrong);
    const file = newFile(t, `${lines(HEADER)}\n${lines(running)}${text}`);
    await assert.rejects(openJournal(file, SERVICE, refusedLocation), (/** @type {any} */ error) => {
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`--state ${file}: `));
      assert.ok(!error.message.includes("resume"));
      return error.exitCode === 2;
    });
  }
});

test("a state file that an editor has saved is read: a byte order mark, blank lines and other line ends", async (t) => {
  const text = lines(HEADER, record("a", "starting"), record("b", "starting"));
  const files = [
    `\uFEFF${text}`,
    text.replaceAll("\n", "\r\n"),
    text.replaceAll("\n", "\n\n"),
    `${text} \n`,
    Buffer.from(`\uFEFF${text}`, "utf16le"),
  ];
  for (const content of files) {
    const file = newFile(t, content);
    const journal = await openJournal(file, SERVICE);
    assert.deepEqual(journal.records, [record("a", "starting"), record("b", "starting")]);
    await journal.close();
    assert.equal(readFileSync(file, "utf8"), text);
  }
});

test("devices are known before anything is started, with one flush for all, and each keeps one line when the file is reduced", async (t) => {
  const file = newFile(t);
  const journal = await openJournal(file, SERVICE);
  const ids = Array.from({ length: 3_000 }, (_, at) => `room-${at}`);
  const began = Date.now();
  await journal.expect(ids);
  assert.ok(Date.now() - began < 1_000);
  await journal.append(record("room-1", "starting"));
  await journal.expect(["room-1", "room-2", "new"]);
  await journal.close();
  assert.equal(readFileSync(file, "utf8").trimEnd().split("\n").length, 1 + 3_000 + 1 + 1, "nothing is written again");
  for (let round = 0; round < 2; round++) {
    const again = await openJournal(file, SERVICE);
    assert.deepEqual(new Set(again.deviceIds), new Set([...ids, "new"]));
    assert.deepEqual(again.records, [record("room-1", "starting")]);
    await again.expect(again.deviceIds);
    await again.close();
    assert.equal(readFileSync(file, "utf8").trimEnd().split("\n").length, 1 + 3_001);
  }
});

test("a state file that is removed, replaced or changed while it is used is noticed before the next record", async (t) => {
  const changes = {
    removed: (/** @type {string} */ file) => rmSync(file),
    replaced: (/** @type {string} */ file) => {
      writeFileSync(`${file}.2`, readFileSync(file));
      renameSync(`${file}.2`, file);
    },
    emptied: (/** @type {string} */ file) => writeFileSync(file, ""),
  };
  for (const [name, change] of Object.entries(changes)) {
    const file = newFile(t);
    const journal = await openJournal(file, SERVICE);
    await journal.append(record("a", "starting"));
    change(file);
    for (let again = 0; again < 2; again++)
      await assert.rejects(journal.append(record("b", "starting")), { exitCode: 1, message: /^--state .*: another program has/ }, name);
    await journal.close();
  }
});

test("a state file keeps its permissions, and a link to a file that does not exist yet stays a link", async (t) => {
  const file = newFile(t, "");
  chmodSync(file, 0o600);
  await (await openJournal(file, SERVICE)).close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const link = `${file}.link`;
  symlinkSync("new.state", link);
  await (await openJournal(link, SERVICE)).close();
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(join(dirname(file), "new.state"), "utf8"), lines(HEADER));
});

test("what is no file is never replaced: folders, pipes, sockets and devices", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  mkdirSync(command.file("folder.csv"));
  execFileSync("mkfifo", [command.file("pipe.csv")]);
  const server = createServer().listen(command.file("socket.csv"));
  t.after(() => server.close());
  await once(server, "listening");
  symlinkSync("/dev/null", command.file("device.csv"));
  const names = ["folder.csv", "pipe.csv", "socket.csv", "device.csv"];
  for (const option of ["--state", "--report"]) {
    for (const name of [...names, ...(option === "--state" ? ["/dev/stdout", "/dev/null", "/dev/stdin"] : [])]) {
      const { code, stdout, stderr } = await run(command, ["run", "a", option, name, "--base-url", `${origin}/beta`]);
      assert.equal(code, 2, `${option} ${name}: ${stderr}`);
      assert.match(stderr, new RegExp(`${option} ${name}: .*it is (a folder|no file)`));
      assert.equal(stdout, "");
    }
  }
  const waited = await run(command, ["wait", "/teamwork/devices/a/operations/b", "--report", "pipe.csv", "--base-url", `${origin}/beta`]);
  assert.equal(waited.code, 2);
  assert.deepEqual(await (await fetch(`${origin}/simulator/requests`)).json(), []);
  assert.ok(lstatSync(command.file("pipe.csv")).isFIFO() && lstatSync(command.file("socket.csv")).isSocket());
  assert.ok(lstatSync("/dev/null").isCharacterDevice());
  assert.deepEqual(
    readdirSync(command.folder).filter((name) => /lock|new/.test(name)),
    [],
  );
});

test("a symbolic link stays, and the file that it leads to is the journal", async (t) => {
  const file = newFile(t, lines(HEADER, record("a", "running")));
  const link = `${file}.link`;
  symlinkSync(file, link);
  const journal = await openJournal(link, SERVICE);
  await assert.rejects(openJournal(file, SERVICE), { exitCode: 1 }, "the lock is that of the file");
  await journal.close();
  execFileSync("test", ["-L", link]);
  assert.equal(readFileSync(file, "utf8"), lines(HEADER, record("a", "running")));
});

test("after a failed write nothing more is written, and every append rejects", async (t) => {
  const file = newFile(t);
  const journal = await openJournal(file, SERVICE);
  rmSync(`${file}.lock`);
  for (const id of ["a", "b"]) await assert.rejects(journal.append(record(id, "starting")), /lock .* was lost/);
  writeFileSync(`${file}.lock`, "another process");
  await assert.rejects(journal.append(record("c", "starting")), /lock .* was lost/);
  await journal.close();
  assert.equal(readFileSync(file, "utf8"), lines(HEADER));
  assert.equal(readFileSync(`${file}.lock`, "utf8"), "another process", "the lock of another process stays");
});

test("a lock that cannot be touched ends the next append, and not the process", async (t) => {
  const file = newFile(t);
  const journal = await openJournal(file, SERVICE);
  rmSync(`${file}.lock`);
  mkdirSync(`${file}.lock`);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await assert.rejects(journal.append(record("a", "starting")), { exitCode: 1 });
  await journal.close();
});

test("a lock of a process that is gone, or that shows no sign of life, is taken over; a live one is not", TIMEOUT, async (t) => {
  const gone = spawn("true");
  await once(gone, "exit");
  const past = new Date(Date.now() - 3_600_000);
  const locks = {
    "a process that is gone": JSON.stringify({ pid: gone.pid, host: hostname() }),
    "another computer, without a sign of life": JSON.stringify({ pid: 1, host: "elsewhere" }),
    "a reused process id": JSON.stringify({ pid: process.ppid, host: hostname() }),
    "half a lock": '{"pi',
  };
  for (const [name, content] of Object.entries(locks)) {
    const file = newFile(t);
    writeFileSync(`${file}.lock`, content);
    utimesSync(`${file}.lock`, past, past);
    await (await openJournal(file, SERVICE)).close();
    assert.ok(!existsSync(`${file}.lock`), name);
  }
  const file = newFile(t);
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: 1, host: "elsewhere" }));
  const touching = setInterval(() => utimesSync(`${file}.lock`, new Date(), new Date()), 500);
  t.after(() => clearInterval(touching));
  await assert.rejects(openJournal(file, SERVICE), { exitCode: 1, message: /process 1 on elsewhere is using this file/ });
});

test("what is no lock is never waited for: links that lead nowhere, folders, pipes and large files", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const lock = command.file("s.state.lock");
  const obstacles = {
    "a link that leads nowhere": () => symlinkSync("/nonexistent/x", lock),
    "a link to itself": () => symlinkSync(lock, lock),
    "a link to a file without an end": () => symlinkSync("/dev/zero", lock),
    "a folder": () => mkdirSync(lock),
    "a pipe that nobody writes to": () => execFileSync("mkfifo", [lock]),
    "a large file": () => {
      writeFileSync(lock, "");
      truncateSync(lock, 3 * 1024 ** 3);
    },
  };
  for (const [name, put] of Object.entries(obstacles)) {
    put();
    const began = Date.now();
    const { code, stderr } = await run(command, ["run", "a", "--state", "s.state", "--base-url", "http://127.0.0.1:1/beta"]);
    assert.equal(code, 1, `${name}: ${stderr}`);
    assert.match(stderr, /^error: --state s\.state: s\.state\.lock is in the way: it is no lock of this command\nRemove it\.\n$/, name);
    assert.ok(Date.now() - began < 5_000, name);
    assert.ok(!existsSync(command.file("s.state")), name);
    rmSync(lock, { recursive: true });
  }
});

test(
  "a lock that others create and remove all the time ends the wait for it, and a strange content is no lock of anybody",
  TIMEOUT,
  async (t) => {
    const file = newFile(t);
    const lock = `${file}.lock`;
    const { writeFileSync: write } = fs;
    let tries = 0;
    t.mock.method(fs, "writeFileSync", (/** @type {any[]} */ ...args) => {
      if (args[0] !== lock) return write(.../** @type {[any, any]} */ (args));
      tries++;
      throw Object.assign(new Error("exists"), { code: "EEXIST" });
    });
    syncBuiltinESMExports();
    t.after(syncBuiltinESMExports);
    await assert.rejects(openJournal(file, SERVICE), { exitCode: 1, message: /its lock .* changes all the time/ });
    assert.ok(tries > 10 && tries < 100, `${tries} tries`);
    t.mock.restoreAll();
    syncBuiltinESMExports();
    const past = new Date(Date.now() - 3_600_000);
    for (const content of ["null", '{"pid":{"valueOf":1},"host":{"toString":5}}']) {
      writeFileSync(lock, content);
      utimesSync(lock, past, past);
      await (await openJournal(file, SERVICE)).close();
      writeFileSync(lock, content);
      const touching = setInterval(() => utimesSync(lock, new Date(), new Date()), 300);
      await assert.rejects(openJournal(file, SERVICE), { exitCode: 1, message: /: another process is using this file/ }, content);
      clearInterval(touching);
      rmSync(lock);
    }
  },
);

test("links whose paths lead back to themselves are refused", { timeout: 10_000 }, async (t) => {
  const file = newFile(t);
  symlinkSync("missing/../rooms.state", file);
  await assert.rejects(openJournal(file, SERVICE), { exitCode: 2, message: /symbolic links lead in a circle/ });
});

test("a second process with the same state file is refused while the first one runs, also when that was killed", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const args = ["run", "queued", "--base-url", `${origin}/beta`, "--state", "s.state"];
  const first = start(command, args);
  await until(() => first.result.stdout.includes("Queued"));
  const before = command.read("s.state");
  const second = await run(command, args);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`s\\.state: process ${first.child.pid} is using this file`));
  assert.equal(command.read("s.state"), before);
  first.child.kill("SIGKILL");
  await first.ended;
  assert.ok(existsSync(command.file("s.state.lock")), "a killed process leaves its lock");
  const third = start(command, args);
  await until(() => third.result.stdout.includes("Queued"));
  assert.match(third.result.stderr, /Resuming from s\.state: 0 ended, 1 under way, 0 not started/);
  third.child.kill("SIGINT");
  assert.equal((await third.ended).code, 130);
  assert.ok(!existsSync(command.file("s.state.lock")), "an orderly end removes the lock");
});

test("the record of a start is in the file before Graph gets the POST", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const running = start(command, ["run", "start-hang", "--base-url", `${origin}/beta`, "--state", "s.state"]);
  const posts = async () => (await (await fetch(`${origin}/simulator/requests`)).json()).filter(({ method }) => method === "POST");
  while ((await posts()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill("SIGKILL");
  await running.ended;
  const last = objects(command.read("s.state")).at(-1);
  assert.deepEqual([last.deviceId, last.state], ["start-hang", "starting"]);
});

test("the same command goes on after a crash: it starts nothing twice, and reports every device", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(
    t,
    "--devices",
    command.write("d.json", JSON.stringify([{ id: "room", scenario: { paceMs: 1_000 } }])),
  );
  const args = [
    "run",
    "successful",
    "room",
    "failed",
    "--base-url",
    `${origin}/beta`,
    "--state",
    "s.state",
    "--report",
    "r.json",
    "--poll-interval",
    "100ms",
  ];
  const first = start(command, args);
  await until(() => /successful after/.test(first.result.stdout) && first.result.stdout.includes("room InProgress"));
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await run(command, args);
  assert.equal(second.code, 1, second.stderr);
  assert.match(second.stderr, /Resuming from s\.state: \d ended, \d under way, 0 not started/);
  const outcomes = Object.fromEntries(JSON.parse(command.read("r.json")).map(({ deviceId, outcome }) => [deviceId, outcome]));
  assert.deepEqual(outcomes, { successful: "successful", room: "successful", failed: "failed" });
  const posts = (await (await fetch(`${origin}/simulator/requests`)).json()).filter(({ method }) => method === "POST");
  assert.equal(posts.length, 3);
  // Without ids the devices are those of the file.
  const third = await run(command, ["run", "--state", "s.state", "--base-url", `${origin}/beta`]);
  assert.equal(third.code, 1);
  assert.match(third.stderr, /All devices in s\.state have ended, so nothing is started/);
  assert.match(third.stdout, /^3 devices: /m);
  assert.equal((await (await fetch(`${origin}/simulator/requests`)).json()).filter(({ method }) => method === "POST").length, 3);
});

test("a run that is killed early goes on without ids, also with the devices that were not started", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  command.write("rooms.csv", "Device Id\nqueued\nsuccessful\nfailed\nsucceeded\n");
  const flags = ["--base-url", `${origin}/beta`, "--state", "s.state", "--json"];
  for (const signal of /** @type {const} */ (["SIGKILL", "SIGINT"])) {
    const first = start(command, ["run", "--csv", "rooms.csv", "--concurrency", "1", ...flags]);
    await until(() => first.result.stdout.includes("Queued"));
    first.child.kill(signal);
    await first.ended;
  }
  const states = Object.fromEntries(
    objects(command.read("s.state"))
      .slice(1)
      .map(({ deviceId, state }) => [deviceId, state]),
  );
  assert.deepEqual(states, { queued: "running", successful: "waiting", failed: "waiting", succeeded: "waiting" });
  const { code, stdout, stderr } = await run(command, ["run", "--operation-timeout", "3s", ...flags]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /Resuming from s\.state: 0 ended, 1 under way, 3 not started/);
  const results = objects(stdout).filter(({ type }) => type === "result");
  assert.deepEqual(Object.fromEntries(results.map(({ deviceId, outcome }) => [deviceId, outcome])), {
    queued: "stillRunning",
    successful: "successful",
    failed: "failed",
    succeeded: "successful",
  });
  const posts = (await (await fetch(`${origin}/simulator/requests`)).json()).filter(({ method }) => method === "POST");
  assert.equal(posts.length, 4);
});

test("when the state file is lost during a run, nothing more is started, and the locations are said instead", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(
    t,
    "--devices",
    command.write("d.json", JSON.stringify([{ id: "room", scenario: { paceMs: 700 } }])),
  );
  const args = ["run", "room", "queued", "--state", "s.state", "--poll-interval", "100ms", "--base-url", `${origin}/beta`];
  const running = start(command, args);
  await until(() => ["room Queued", "queued Queued"].every((text) => running.result.stdout.includes(text)));
  rmSync(command.file("s.state"));
  const { code, stderr } = await running.ended;
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^To wait for the runs that continue:\n {2}teams-device-diagnostics wait --base-url \S+ \S+queued\/operations\/\S+\n/m,
  );
  assert.match(stderr, /error: --state s\.state: another program has removed this file, so the command ends\n/);
  assert.ok(!stderr.includes("run the same command"), "it would start the devices again");
});

test(
  "when Ctrl-C comes before the loss of the state file is noticed, the locations are said and the report is written",
  TIMEOUT,
  async (t) => {
    const command = commandFolder(t);
    const { origin } = await startSimulator(t);
    for (const json of [[], ["--json"]]) {
      await fetch(`${origin}/simulator/reset`, { method: "POST" });
      const args = ["run", "queued", "--state", "s.state", "--report", "r.json", "--base-url", `${origin}/beta`, ...json];
      const running = start(command, args);
      await until(() => running.result.stdout.includes("Queued"));
      rmSync(command.file("s.state"));
      running.child.kill("SIGINT");
      const { code, stdout, stderr } = await running.ended;
      assert.match(
        stderr,
        /^Stopping: .*\nTo wait for the runs that continue:\n {2}teams-device-diagnostics wait --base-url \S+ \S+queued\/operations\/\S+\n/,
      );
      assert.match(
        stderr,
        /The report is in r\.json\n[^]*error: --state s\.state: another program has removed this file, so the command ends\n/,
      );
      assert.ok(!stderr.includes("run the same command"), stderr);
      assert.equal(code, 1);
      assert.equal(stderr.match(/^To wait/gm)?.length, 1, "it is said once");
      const [{ deviceId, outcome, location }] = JSON.parse(command.read("r.json"));
      assert.deepEqual([deviceId, outcome], ["queued", "aborted"]);
      assert.ok(stderr.includes(location));
      assert.match(stdout, json.length > 0 ? /"type":"result"/ : /^1 device: 1 interrupted, still running$/m);
      rmSync(command.file("r.json"));
    }
  },
);

test(
  "a record that is lost after Ctrl-C is no less a failure if the fleet is silent about it, or reports it to nobody",
  TIMEOUT,
  async (t) => {
    const location = "https://x/operations/a";
    for (const unkept of /** @type {const} */ (["silent", "reported"])) {
      const command = commandFolder(t, {
        script: [
          { state: record("a", "running", { location }) },
          { event: { type: "started", deviceId: "a", location } },
          { untilAborted: true, afterMs: 1 },
          { afterMs: 300, state: record("a", "running", { location }), unkept },
          { result: { deviceId: "a", outcome: "aborted", location, endedAt: "2026-01-01T00:00:00.000Z", attempts: 1 } },
        ],
      });
      const running = start(command, ["run", "a", "--state", "s.state", "--report", "r.json"]);
      await until(() => running.result.stdout.includes("started"));
      // A disk that is full is noticed only by a write.
      writeFileSync(command.file("s.state.lock"), "another process");
      running.child.kill("SIGINT");
      const { code, stderr } = await running.ended;
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        /run the same command again[^]*The report is in r\.json\nTo wait for the runs that continue:\n.*x\/operations\/a\nerror: The lock /,
      );
      assert.equal(JSON.parse(command.read("r.json")).length, 1);
    }
  },
);

test("an empty or absent state file names no device, and asks for no token", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  command.write("empty.state", "");
  for (const name of ["empty.state", "absent.state"]) {
    const { code, stderr } = await run(command, ["run", "--state", name], { env: { GRAPH_TOKEN: "" } });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /No device is named/);
  }
});

test("a device that was refused because of the token is started by the same command with another token", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const args = ["run", "successful", "withdrawn", "--base-url", `${origin}/beta`, "--state", "s.state", "--json"];
  const outcomes = async (token) => {
    const { code, stdout } = await run(command, args, { env: { GRAPH_TOKEN: token } });
    const results = objects(stdout).filter(({ type }) => type === "result");
    return { code, ...Object.fromEntries(results.map(({ deviceId, outcome, error }) => [deviceId, error?.code ?? outcome])) };
  };
  assert.deepEqual(await outcomes("no-roles"), { code: 3, successful: "forbidden", withdrawn: "forbidden" });
  assert.deepEqual(await outcomes("expired"), { code: 3, successful: "unauthorized", withdrawn: "unauthorized" });
  assert.deepEqual(await outcomes("a-token"), { code: 1, successful: "successful", withdrawn: "notFound" });
  await fetch(`${origin}/simulator/reset`, { method: "POST" });
  assert.deepEqual(await outcomes("a-token"), { code: 1, successful: "successful", withdrawn: "notFound" });
  assert.deepEqual(await (await fetch(`${origin}/simulator/requests`)).json(), [], "what ended otherwise is not started again");
});
