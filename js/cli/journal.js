// The journal of a fleet: a file with one record a line, from which the same command goes on after Ctrl-C or a crash.
import { statSync } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { checkIsFile, replaceFile, targetOf } from "./durable-file.js";
import { Failure, codeOf, otherError, usageError } from "./failure.js";
import { lockFile } from "./file-lock.js";
import { entriesOf, isRecord, journalText, linesOf, waiting } from "./journal-text.js";
import { decoded } from "./text-encoding.js";
import { reason } from "./text-file.js";

/** @import { DeviceRecord } from "teams-device-diagnostics/fleet" */
/** @import { Lock } from "./file-lock.js" */

/**
 * @typedef {object} Journal
 * @property {string[]} deviceIds all devices of an earlier run, also those that were not started
 * @property {DeviceRecord[]} records the last record of each device that an earlier run started
 * @property {(deviceIds: string[]) => Promise<void>} expect resolves when these devices are in the file, so that none is forgotten
 * @property {(record: DeviceRecord) => Promise<void>} append resolves when the record is on the disk
 * @property {() => boolean} isIntact whether the file still has all records, as far as that is known without writing
 * @property {() => Promise<void>} close
 */

/**
 * Opens a journal, or creates it. It is reduced to the last record of each device.
 *
 * @param {string} file
 * @param {string} service the root that its records belong to
 * @param {(location: string) => Promise<unknown>} [locate] rejects if a location is not one of the service
 * @returns {Promise<Journal>}
 */
export async function openJournal(file, service, locate = async () => {}) {
  try {
    await checkIsFile(file);
    const target = await targetOf(file);
    const lock = await lockFile(target);
    try {
      const entries = await entriesOf(await contentOf(target), file, service, locate);
      await replaceFile(target, journalText(service, entries.values()));
      const { append, isIntact, close } = await appender(target, file, lock);
      const known = new Set(entries.keys());
      return {
        deviceIds: [...entries.keys()],
        records: [...entries.values()].filter(isRecord),
        expect: async (deviceIds) => {
          const added = deviceIds.filter((deviceId) => !known.has(deviceId));
          for (const deviceId of added) known.add(deviceId);
          if (added.length > 0) await append(linesOf(added.map(waiting)));
        },
        append: (record) => {
          known.add(record.deviceId);
          return append(linesOf([record]));
        },
        isIntact,
        close: async () => close().finally(lock.release),
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    throw error instanceof Failure ? error : usageError(`--state ${file}: cannot use this file: ${reason(error)}`, "Use another file.");
  }
}

/** The text of the file; an editor may have saved it in another encoding. @param {string} target */
async function contentOf(target) {
  return decoded(
    await readFile(target).catch((error) => {
      if (codeOf(error) === "ENOENT") return Buffer.alloc(0);
      throw error;
    }),
  );
}

/**
 * Appends text. What arrives during a write is written together by the next one.
 *
 * @param {string} target @param {string} file as the user named it @param {Lock} lock
 */
async function appender(target, file, lock) {
  const handle = await open(target, "a");
  const { write, isOwn } = await ownWriter(handle, target, file);
  /** @type {{ text: string, resolve: () => void, reject: (error: unknown) => void }[]} */
  let arrived = [];
  let isWriting = false;
  let written = Promise.resolve();
  /** After a failure nothing more is written, because the last line may be incomplete. @type {unknown} */
  let failure;

  const writeAll = async () => {
    isWriting = true;
    while (arrived.length > 0) {
      const batch = arrived;
      arrived = [];
      try {
        if (failure) throw failure;
        lock.assertHeld();
        await write(batch.map(({ text }) => text).join(""));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        failure ??= error instanceof Failure ? error : otherError(`--state ${file}: cannot write this file: ${reason(error)}`, GO_ON);
        for (const { reject } of batch) reject(failure);
      }
    }
    isWriting = false;
  };

  return {
    append: (/** @type {string} */ text) =>
      /** @type {Promise<void>} */ (
        new Promise((resolve, reject) => {
          arrived.push({ text, resolve, reject });
          if (!isWriting) written = writeAll();
        })
      ),
    isIntact: () => !failure && isOwn(),
    close: async () => {
      await written;
      await handle.close();
    },
  };
}

const GO_ON = "Correct that, and run the command again.";

/**
 * Appends durably, if the file is still the one that was opened, and as long as this process has made it. Otherwise the records would go
 * to a file that has no name any more, or behind what another program wrote.
 *
 * @param {import("node:fs/promises").FileHandle} handle @param {string} target @param {string} file
 */
async function ownWriter(handle, target, file) {
  const own = await handle.stat({ bigint: true });
  let size = own.size;
  const isSame = (/** @type {import("node:fs").BigIntStats | undefined} */ present) => present?.ino === own.ino && present.dev === own.dev;
  return {
    write: async (/** @type {string} */ text) => {
      const present = await stat(target, { bigint: true }).catch(() => undefined);
      if (!isSame(present) || present?.size !== size) {
        const change = present ? "replaced or changed" : "removed";
        throw otherError(
          `--state ${file}: another program has ${change} this file, so the command ends`,
          "Leave the file to this command.",
        );
      }
      await handle.appendFile(text);
      size += BigInt(Buffer.byteLength(text));
      await handle.sync();
    },
    /** Whether the file has its name, and all that was written. More may be there if a write is under way. */
    isOwn() {
      try {
        const present = statSync(target, { bigint: true });
        return isSame(present) && present.size >= size;
      } catch {
        return false;
      }
    },
  };
}
