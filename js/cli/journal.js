// The journal of a fleet: a file with one record a line, from which the same command goes on after Ctrl-C or a crash.
import { open, readFile } from "node:fs/promises";
import { replaceFile, targetOf } from "./durable-file.js";
import { Failure, codeOf, otherError, usageError } from "./failure.js";
import { lockFile } from "./file-lock.js";
import { jsonLine } from "./safe-text.js";
import { reason } from "./text-file.js";

/** @import { DeviceRecord } from "teams-device-diagnostics/fleet" */

const FORM = "teams-device-diagnostics";
const VERSION = 1;

/**
 * @typedef {object} Journal
 * @property {DeviceRecord[]} records the last record of each device of an earlier run
 * @property {(record: DeviceRecord) => Promise<void>} append resolves when the record is on the disk
 * @property {() => Promise<void>} close
 */

/**
 * Opens a journal, or creates it. It is reduced to the last record of each device.
 *
 * @param {string} file
 * @param {string} service the root that its records belong to
 * @returns {Promise<Journal>}
 */
export async function openJournal(file, service) {
  try {
    const target = await targetOf(file);
    const lock = await lockFile(target);
    try {
      const records = await recordsOf(target, file, service);
      await replaceFile(target, [{ journal: FORM, version: VERSION, service }, ...records].map(line).join(""));
      const { append, close } = await appender(target, lock);
      return { records, append, close: async () => close().finally(lock.release) };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    throw error instanceof Failure ? error : usageError(`--state ${file}: cannot use this file: ${reason(error)}`, "Use another file.");
  }
}

/**
 * Appends records. Those that arrive during a write are written together by the next one.
 *
 * @param {string} target
 * @param {import("./file-lock.js").Lock} lock
 */
async function appender(target, lock) {
  const handle = await open(target, "a");
  /** @type {{ text: string, resolve: () => void, reject: (error: unknown) => void }[]} */
  let waiting = [];
  let isWriting = false;
  let written = Promise.resolve();
  /** After a failure nothing more is written, because the last line may be incomplete. @type {unknown} */
  let failure;

  const writeAll = async () => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (failure) throw failure;
        lock.assertHeld();
        await handle.appendFile(batch.map(({ text }) => text).join(""));
        await handle.sync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        failure ??=
          error instanceof Failure
            ? error
            : otherError(`The state file cannot be written: ${reason(error)}`, "Free the disk and run the command again.");
        for (const { reject } of batch) reject(failure);
      }
    }
    isWriting = false;
  };

  return {
    append: (/** @type {DeviceRecord} */ record) =>
      /** @type {Promise<void>} */ (
        new Promise((resolve, reject) => {
          waiting.push({ text: line(record), resolve, reject });
          if (!isWriting) written = writeAll();
        })
      ),
    close: async () => {
      await written;
      await handle.close();
    },
  };
}

/**
 * The last record of each device, in the order of these records.
 *
 * @param {string} target @param {string} file as the user named it @param {string} service
 * @returns {Promise<DeviceRecord[]>}
 */
async function recordsOf(target, file, service) {
  const text = await readFile(target, "utf8").catch((error) => {
    if (codeOf(error) === "ENOENT") return "";
    throw error;
  });
  if (text === "") return [];
  const [first, ...rest] = text.split("\n");
  checkHeader(parsed(first), file, service);
  /** @type {Map<string, DeviceRecord>} */
  const last = new Map();
  rest.forEach((row, index) => {
    const record = parsed(row);
    if (isRecord(record)) {
      last.delete(record.deviceId);
      last.set(record.deviceId, record);
    } else if (index < rest.length - 1) {
      // Only the last line can be incomplete after a crash.
      throw usageError(`--state ${file}: line ${index + 2} is damaged`, "Restore the file, or use another one and check what runs.");
    }
  });
  return [...last.values()];
}

/** @param {any} header @param {string} file @param {string} service */
function checkHeader(header, file, service) {
  if (header?.journal !== FORM)
    throw usageError(`--state ${file}: this file is not a state file; it was left unchanged`, "Name a new file.");
  if (header.version !== VERSION) throw usageError(`--state ${file}: this file is of another version of this command`, "Use that version.");
  if (header.service !== service) {
    throw usageError(`--state ${file}: this file belongs to ${header.service}, not to ${service}`, "Pass the same --cloud or --base-url.");
  }
}

/** @param {any} value @returns {value is DeviceRecord} */
const isRecord = (value) =>
  value?.version === 1 && typeof value.deviceId === "string" && ["starting", "running", "ended"].includes(value.state);

/** @param {string} text @returns {unknown} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {unknown} value */
const line = (value) => `${jsonLine(value)}\n`;
