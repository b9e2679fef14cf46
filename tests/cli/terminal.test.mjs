// What a person sees in a terminal while devices run, also when its size changes; and Ctrl-C, once and twice.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { quotedForWindows } from "../../js/cli/next-command.js";
import { startSimulator } from "../simulator/simulator.mjs";
import { commandFolder, objects, start, until } from "./command.mjs";
import { inTerminal } from "./terminal.mjs";

const TIMEOUT = { timeout: 90_000 };
const time = "2026-01-01T00:00:00.000Z";

const fleet = (counts) => ({
  event: { type: "fleet", waiting: 0, starting: 0, running: 0, successful: 0, failed: 0, other: 0, requestsSent: 0, ...counts },
});
const status = (deviceId, text, previousStatus) => ({
  event: { type: "status", deviceId, location: "x", state: "inProgress", status: text, previousStatus },
});
const successful = (deviceId) => ({
  result: { deviceId, outcome: "successful", startedAt: time, endedAt: "2026-01-01T00:01:05.000Z", attempts: 3 },
});
const aborted = (deviceId, location) => ({ result: { deviceId, outcome: "aborted", location, endedAt: time, attempts: 3 } });
const rooms = (count) => Array.from({ length: count }, (_, at) => `room-${at + 1}`);

test("there is one line for each running device, a bar, counts and an estimate; ended devices stay above", TIMEOUT, async (t) => {
  const script = [
    ...["a", "b", "c"].map((id) => status(id, "Queued")),
    fleet({ waiting: 6, running: 3, failed: 1, timeLeftMs: 240_000 }),
    { afterMs: 1_500 },
    successful("a"),
    status("b", "InProgress", "Queued"),
    fleet({ waiting: 2, running: 2, successful: 5, failed: 1, throttledUntil: "2026-01-01T10:20:30.000Z" }),
    { afterMs: 1_500 },
    successful("b"),
    {
      result: {
        deviceId: "c",
        outcome: "failed",
        error: { code: "operationFailed", message: "it broke", hint: "look at it" },
        endedAt: time,
        attempts: 1,
      },
    },
  ];
  const { screen, shows, ended, raw } = await inTerminal(commandFolder(t, { script }), ["run", "a", "b", "c"], { env: { TZ: "UTC" } });
  await shows(
    /^• a {2}Queued {2}\d s\n• b {2}Queued {2}\d s\n• c {2}Queued {2}\d s\n██░{22} 1 of 10 {2}3 running {2}1 failed {2}about 4 min 00 s left\n$/,
  );
  await shows(
    /^✓ a successful after 1 min 05 s\n• b {2}InProgress {2}\d s\n• c {2}Queued {2}\d s\n█{14}░{10} 6 of 10 {2}2 running {2}1 failed {2}throttled until 10:20:30\n$/,
  );
  assert.equal(await ended, 1);
  assert.equal(
    screen.text(),
    "✓ a successful after 1 min 05 s\n✓ b successful after 1 min 05 s\n✗ c failed: it broke\n3 devices: 2 successful, 1 failed\n  operationFailed: look at it\n",
  );
  assert.ok(screen.isCursorVisible);
  assert.ok(raw().includes("\u001B[36m"), "colours");
});

test("more devices than rows are counted, and a resized terminal is filled again without remains", TIMEOUT, async (t) => {
  const script = [...rooms(40).map((id) => status(id, "Queued")), fleet({ running: 40 }), { untilAborted: true }];
  const { screen, shows, ended, resize, pressCtrlC } = await inTerminal(commandFolder(t, { script }), ["run", "a"], {
    rows: 12,
    columns: 70,
  });
  const lines = () => screen.text().trimEnd().split("\n");
  await shows(/^• room-1 {2}Queued.*\n(• .*\n){7}… and 32 more\n░{24} 0 of 40 {2}40 running\n$/);
  for (const [columns, rows, devices] of [
    [30, 12, 8],
    [70, 24, 20],
    [20, 8, 4],
    [110, 50, 40],
    [40, 5, 1],
  ]) {
    resize(columns, rows);
    const fits = () => lines().every((line) => line.length < columns);
    const shown = () => lines().filter((line) => line.startsWith("• ")).length;
    await until(
      () => fits() && shown() === devices,
      () => `${columns}x${rows}:\n${screen.text()}`,
    );
    assert.equal(lines().filter((line) => line.startsWith("░")).length, 1, `one bar in ${columns}x${rows}:\n${screen.text()}`);
    assert.ok(lines().length < rows, "the first row stays free");
  }
  pressCtrlC();
  assert.equal(await ended, 130);
});

test("a pause says why, and goes away", TIMEOUT, async (t) => {
  const error = { code: "unauthorized", message: "the token expired" };
  const script = [
    fleet({ running: 1, pausedFor: "unauthorized" }),
    { event: { type: "paused", reason: "unauthorized", error } },
    { afterMs: 1_200 },
    fleet({ running: 1 }),
    { afterMs: 1_200 },
    successful("a"),
  ];
  const { shows, ended } = await inTerminal(commandFolder(t, { script }), ["run", "a"]);
  await shows(/^paused until there is another token: the token expired\n░+ 0 of 1 {2}1 running\n$/);
  await shows(/^░+ 0 of 1 {2}1 running\n$/);
  assert.equal(await ended, 0);
});

test("a terminal without UTF-8 gets ASCII only", TIMEOUT, async (t) => {
  const script = [status("zoë", "Queued"), fleet({ running: 1, successful: 1 }), { afterMs: 1_000 }, successful("zoë")];
  const { raw, shows, ended } = await inTerminal(commandFolder(t, { script }), ["run", "a"], { env: { LANG: "C" } });
  await shows(/^- zo\? {2}Queued {2}\d s\n#{12}\.{12} 1 of 2 {2}1 running\n$/);
  assert.equal(await ended, 0);
  assert.doesNotMatch(raw(), /\P{ASCII}/u);
});

test("NO_COLOR and a dumb terminal are respected", TIMEOUT, async (t) => {
  const script = [status("a", "Queued"), fleet({ running: 1 }), { afterMs: 500 }, successful("a")];
  const plain = await inTerminal(commandFolder(t, { script }), ["run", "a"], { env: { NO_COLOR: "1" } });
  assert.equal(await plain.ended, 0);
  assert.ok(!/\[\d*m/.test(plain.raw()), plain.raw());
  assert.ok(plain.raw().includes("\u001B[J"), "the lines are live all the same");
  const dumb = await inTerminal(commandFolder(t, { script }), ["run", "a"], { env: { TERM: "dumb" } });
  assert.equal(await dumb.ended, 0);
  assert.ok(!dumb.raw().includes("\u001B"), dumb.raw());
  assert.match(dumb.screen.text(), /Z a Queued\n.*✓ a successful/);
});

test("Ctrl-C keeps the state, ends the waits, and names the command that goes on; that command goes on", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const args = ["run", "queued", "successful", "--base-url", `${origin}/beta`, "--state", "s.state"];
  const { screen, shows, ended, pressCtrlC } = await inTerminal(command, args);
  await shows(/• queued {2}Queued/);
  await shows(/✓ successful/);
  pressCtrlC();
  assert.equal(await ended, 130);
  const text = screen.text();
  assert.match(text, /Stopping: nothing more is started, and runs continue on their devices\. Press Ctrl-C again to end at once\./);
  assert.match(
    text,
    new RegExp(
      `To go on where this ended, run the same command again:\n  teams-device-diagnostics ${args.join(" ")}\n2 devices: 1 successful, 1 interrupted, still running\n$`,
    ),
  );
  assert.ok(screen.isCursorVisible);
  assert.ok(!existsSync(command.file("s.state.lock")));
  const again = await inTerminal(command, args);
  await again.shows(/Resuming from s\.state: 1 ended, 1 under way, 0 not started/);
  await again.shows(/• queued {2}Queued/);
  again.pressCtrlC();
  assert.equal(await again.ended, 130);
  const posts = (await (await fetch(`${origin}/simulator/requests`)).json()).filter(({ method }) => method === "POST");
  assert.equal(posts.length, 2, "nothing is started twice");
});

test("without a state file Ctrl-C names the command that waits for what runs", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const running = start(command, ["run", "queued", "--base-url", `${origin}/beta`]);
  await until(() => running.result.stdout.includes("Queued"));
  running.child.kill("SIGTERM");
  const { code, stderr } = await running.ended;
  assert.equal(code, 130);
  const [, line] = /To wait for the runs that continue:\n {2}teams-device-diagnostics (.*)\n/.exec(stderr) ?? [];
  assert.ok(line?.startsWith(`wait --base-url ${origin}/beta ${origin}/`), stderr);
  assert.match(stderr, /With --state FILE, the same command goes on/);
  const waiting = start(command, line.split(" "));
  await until(() => waiting.result.stdout.includes("queued Queued"));
  waiting.child.kill("SIGINT");
  const waited = await waiting.ended;
  assert.equal(waited.code, 130);
  assert.match(waited.stderr, /To go on waiting:\n {2}teams-device-diagnostics wait /);
});

test("Ctrl-C ends the command while it reads standard input or a pipe, or waits for a token", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  execFileSync("mkfifo", [command.file("pipe")]);
  const az = command.file("az");
  writeFileSync(az, "#!/bin/sh\nexec sleep 60\n");
  chmodSync(az, 0o755);
  const noToken = { GRAPH_TOKEN: "", PATH: `${command.folder}:/usr/bin:/bin` };
  for (const [args, env] of /** @type {[string[], NodeJS.ProcessEnv?][]} */ ([
    [["run", "--csv", "-"]],
    [["run", "a", "--token-file", "-"]],
    [["devices", "--token-file", "-"]],
    [["wait", "-"]],
    [["run", "--csv", "pipe"]],
    [["check", "--token-file", "pipe"]],
    [["devices"], noToken],
  ])) {
    const reading = start(command, args, { env });
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(reading.child.exitCode, null, args.join(" "));
    const began = Date.now();
    reading.child.kill("SIGINT");
    const { code, stdout, stderr } = await reading.ended;
    assert.deepEqual([code, stdout, stderr], [130, "", ""], args.join(" "));
    assert.ok(Date.now() - began < 3_000, args.join(" "));
  }
});

test("a person at a terminal is told what is read, and how to end it", TIMEOUT, async (t) => {
  for (const [args, what] of /** @type {[string[], RegExp][]} */ ([
    [["wait", "-"], /^Reading locations, one a line, from standard input; end with Ctrl-D\n/],
    [["run", "--csv", "-"], /^Reading --csv from standard input; end with Ctrl-D\n/],
  ])) {
    const { shows, ended, pressCtrlC } = await inTerminal(commandFolder(t), args);
    await shows(what);
    pressCtrlC();
    assert.equal(await ended, 130);
  }
});

test("a second Ctrl-C ends at once, with the terminal and the lock as they were", TIMEOUT, async (t) => {
  const state = { version: 1, deviceId: "a", state: "running", time, attempts: 1 };
  // A fleet that does not end when its signal fires.
  const command = commandFolder(t, {
    script: [...Array(100).fill({ state }), status("a", "Queued"), fleet({ running: 1 }), { hang: true }],
  });
  const { screen, shows, ended, pressCtrlC } = await inTerminal(command, ["run", "a", "--state", "s.state"]);
  await shows(/• a {2}Queued/);
  pressCtrlC();
  await shows(/Stopping:[^]*stopping\n$/);
  const began = Date.now();
  pressCtrlC();
  assert.equal(await ended, 130);
  assert.ok(Date.now() - began < 2_000);
  assert.match(
    screen.text(),
    /To go on where this ended, run the same command again:\n {2}teams-device-diagnostics run a --state s\.state\n$/,
  );
  assert.ok(screen.isCursorVisible);
  assert.ok(!existsSync(command.file("s.state.lock")));
  assert.equal(objects(command.read("s.state")).length, 102);
});

test("the first Ctrl-C already says how to go on: with a state file the command, without one the locations", TIMEOUT, async (t) => {
  const devices = Array.from({ length: 25 }, (_, at) => `room-${at}`);
  const started = (deviceId) => ({ event: { type: "started", deviceId, location: `https://x/operations/${deviceId}` } });
  for (const [ids, flags, expected] of /** @type {[string[], string[], RegExp][]} */ ([
    [
      ["a", "b"],
      [],
      /To wait for the runs that continue:\n {2}teams-device-diagnostics wait https:\/\/x\/operations\/b\nWith --state FILE/,
    ],
    [devices, [], /To wait for the 25 runs .* wait -:\n(https:\/\/x\/operations\/room-\d+\n){25}With --state FILE/],
    [["a", "b"], ["--state", "s.state"], /run the same command again:\n {2}teams-device-diagnostics run /],
  ])) {
    const ended = ids[0] === "a" ? [{ result: { deviceId: "a", outcome: "failed", endedAt: time, attempts: 1 } }] : [];
    const command = commandFolder(t, { script: [...ids.map(started), ...ended, fleet({ running: 1 }), { hang: true }] });
    const running = start(command, ["run", ...ids, ...flags]);
    await until(() => running.result.stdout.includes(`${ids.at(-1)} started`));
    await new Promise((resolve) => setTimeout(resolve, 200));
    running.child.kill("SIGINT");
    await until(() => running.result.stderr.includes("Stopping"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.match(running.result.stderr, expected);
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    assert.equal(code, 130);
    assert.equal(stderr.match(/^(To go on|To wait)/gm)?.length, 1, "it is said once");
  }
});

test("a device whose start was under way is named after Ctrl-C, because no location leads to its run", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const running = start(command, ["run", "start-hang", "--base-url", `${origin}/beta`]);
  while ((await (await fetch(`${origin}/simulator/requests`)).json()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill("SIGINT");
  const { code, stderr } = await running.ended;
  assert.equal(code, 130);
  assert.match(
    stderr,
    /^Runs may have been started on these devices: start-hang\. teams-device-diagnostics operations ID lists the runs of a device\.$/m,
  );
});

test("the named command is quoted for Windows, too", () => {
  assert.equal(quotedForWindows("C:\\rooms\\s.state"), "C:\\rooms\\s.state");
  assert.equal(quotedForWindows("C:\\my rooms\\"), '"C:\\my rooms\\\\"');
  assert.equal(quotedForWindows('a "b" c'), '"a \\"b\\" c"');
  assert.equal(quotedForWindows('a\\"b'), '"a\\\\\\"b"');
});

test("the named command is quoted for the shell", TIMEOUT, async (t) => {
  const command = commandFolder(t, { script: [fleet({ running: 1 }), { untilAborted: true }, aborted("a b", "https://x/1")] });
  const running = start(command, ["run", "it's a room", "$HOME", "plain", "--state", "my rooms.state", "--json"]);
  await until(() => running.result.stdout.includes("fleet"));
  running.child.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 130);
  assert.match(stderr, /^ {2}teams-device-diagnostics run 'it'\\''s a room' '\$HOME' plain --state 'my rooms\.state' --json$/m);
  assert.equal(objects(stdout).at(-1).outcome, "aborted");
});

test("a list fits the width of the terminal, and ids stay whole", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const { screen, ended } = await inTerminal(commandFolder(t), ["devices", "--base-url", `${origin}/beta`], { columns: 76 });
  assert.equal(await ended, 0);
  const lines = screen.text().trimEnd().split("\n");
  assert.match(lines[0], /^ID +TYPE +HEALTH +ACTIVITY +USER +MODEL +NOTES/);
  assert.equal(lines.length, 38);
  for (const line of lines) assert.ok(line.length <= 76, line);
  assert.ok(lines.some((line) => line.startsWith("running-retry-after ")));
});

test("3,000 devices end while the lines are live, and the output is whole", TIMEOUT, async (t) => {
  const script = [
    fleet({ running: 3_000 }),
    ...rooms(3_000).flatMap((id) => [status(id, "Queued"), successful(id)]),
    fleet({ successful: 3_000 }),
  ];
  const { screen, ended } = await inTerminal(commandFolder(t, { script }), ["run", "a"]);
  assert.equal(await ended, 0);
  const lines = screen.text().trimEnd().split("\n");
  assert.equal(lines.filter((line) => /^✓ room-\d+ successful after 1 min 05 s$/.test(line)).length, 3_000);
  assert.deepEqual(lines.at(-1), "3000 devices: 3000 successful");
});
