// A lock beside a file, so that no second process uses the file. Node has no lock of the operating system, so the lock is a small file
// that its process touches every second. A lock that is no longer touched, or whose process is gone, is left over from a crash.
import { lstatSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { codeOf, otherError } from "./failure.js";
import { objectOf } from "./foreign.js";

const TOUCHED_EVERY_MS = 1_000;
/** How long a lock is watched for a sign of life. Clocks of different computers are not compared. */
const WATCHED_FOR_MS = 5_000;
const WATCHED_EVERY_MS = 200;
/** How often a lock that others create and remove all the time is tried, and how long a turn is. */
const MOST_TURNS = 50;
const TURN_MS = 100;
/** The largest lock that is read: a lock of this command has less than a thousandth of it. */
const MOST_BYTES = 1024 * 1024;

/** @typedef {{ assertHeld: () => void, release: () => void }} Lock */

/**
 * Locks a file. Rejects if another process has it.
 *
 * @param {string} file
 * @returns {Promise<Lock>}
 */
export async function lockFile(file) {
  const lock = `${file}.lock`;
  const mark = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    if (created(lock, mark)) return heldLock(lock, mark, file);
    if (!canBeLock(lock)) throw otherError(`--state ${file}: ${lock} is in the way: it is no lock of this command`, "Remove it.");
    const owner = read(lock);
    // Its owner has removed it just now. The wait also lets signals through.
    if (owner === undefined) await delay(TURN_MS);
    else if (await isAlive(lock, owner)) throw inUse(file, lock, owner);
    // Only the lock that was judged is removed: another process may have replaced it meanwhile.
    else if (read(lock) === owner) rmSync(lock, { force: true });
  }
  throw otherError(
    `--state ${file}: its lock ${lock} changes all the time`,
    "Find out which other programs use the file, or use another one.",
  );
}

/** @param {string} lock @param {string} mark @param {string} file @returns {Lock} */
function heldLock(lock, mark, file) {
  const isHeld = () => {
    try {
      return read(lock) === mark;
    } catch {
      // Whatever is there now, it is not this lock.
      return false;
    }
  };
  const touch = setInterval(() => touchLock(lock, isHeld), TOUCHED_EVERY_MS);
  touch.unref();
  const release = () => {
    clearInterval(touch);
    process.off("exit", release);
    if (isHeld()) rmSync(lock, { force: true });
  };
  process.once("exit", release);
  const assertHeld = () => {
    // It was taken over while this process was stopped, or somebody removed it.
    if (!isHeld()) throw otherError(`The lock of ${file} was lost: another process may use the file now`, "Run the command again.");
  };
  return { assertHeld, release };
}

/** @param {string} lock @param {() => boolean} isHeld */
function touchLock(lock, isHeld) {
  try {
    const now = new Date();
    if (isHeld()) utimesSync(lock, now, now);
  } catch {
    // The next append finds out whether the lock is lost.
  }
}

/** Whether the owner of a lock still runs. @param {string} lock @param {string} owner */
async function isAlive(lock, owner) {
  if (isGone(owner)) return false;
  const first = touchedAt(lock);
  for (let waited = 0; waited < WATCHED_FOR_MS; waited += WATCHED_EVERY_MS) {
    await delay(WATCHED_EVERY_MS);
    if (read(lock) !== owner || touchedAt(lock) !== first) return read(lock) !== undefined;
  }
  return false;
}

/** Whether the owner ran on this computer and has ended. @param {string} owner */
function isGone(owner) {
  const { pid, host } = parsed(owner);
  if (host !== hostname() || pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

/** @param {string} file @param {string} lock @param {string} owner */
function inUse(file, lock, owner) {
  const { pid, host } = parsed(owner);
  const who = pid === undefined ? "another process" : `process ${pid}${host === hostname() ? "" : ` on ${host}`}`;
  return otherError(`--state ${file}: ${who} is using this file`, `Wait until it has ended, or use another file. Its lock is ${lock}.`);
}

/** @param {string} lock @param {string} mark */
function created(lock, mark) {
  try {
    writeFileSync(lock, mark, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Whether this may be a lock. Anything but a small file was never one, and may be what blocks its reader, such as a pipe, or what is not
 * there for a reader although it exists, such as a link that leads nowhere.
 *
 * @param {string} lock
 */
function canBeLock(lock) {
  const found = lstatSync(lock, { throwIfNoEntry: false });
  return found === undefined || (found.isFile() && found.size <= MOST_BYTES);
}

/** The content of the lock, or undefined if there is none. @param {string} lock */
function read(lock) {
  if (!canBeLock(lock)) return undefined;
  try {
    return readFileSync(lock, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @param {string} lock */
const touchedAt = (lock) => lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs;

/** What a lock says about its owner; nothing if the owner was ended while it wrote. @param {string} owner @returns {{ pid?: number, host?: string }} */
function parsed(owner) {
  const { pid, host } = objectOf(owner);
  return typeof pid === "number" && typeof host === "string" ? { pid, host } : {};
}
