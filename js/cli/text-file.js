// Reads a text from a file or from standard input, in the encodings that Windows programs write.
import { constants, createReadStream, openSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import { codeOf, messageOf, usageError } from "./failure.js";
import { decoded } from "./text-encoding.js";

/** The most that is read: far more than a list of devices needs. */
const MOST = 64 * 1024 * 1024;

/** What reads standard input; only one can. @type {string | undefined} */
let reader;

/** Reserves standard input. @param {string} option what will read it */
export function reserveStandardInput(option) {
  if (reader && reader !== option)
    throw usageError(`${reader} and ${option} cannot both read standard input`, "Use a file for one of them.");
  reader = option;
}

/**
 * The text of a file, or of standard input if its name is `-`. Rejects with the reason of the signal when that fires.
 *
 * @param {string} file
 * @param {{ option: string, what?: string, signal: AbortSignal }} why the option that names the file, and what a person types
 */
export async function readText(file, { option, what = option, signal }) {
  const name = file === "-" ? "standard input" : file;
  try {
    if (file === "-") return decoded(await contentOf(standardInput(option, what), name, option, signal));
    const found = await stat(file);
    if (found.isFIFO()) return decoded(await contentOf(pipe(file), name, option, signal));
    // A device says no size, and some, such as /dev/zero, have no end.
    if (found.isCharacterDevice()) return decoded(await contentOf(createReadStream(file), name, option, signal));
    if (found.size > MOST) throw tooLarge(name, option);
    return decoded(await readFile(file));
  } catch (error) {
    signal.throwIfAborted();
    throw codeOf(error) ? usageError(`${option}: cannot read ${name}: ${reason(error)}`, "Check its name and permissions.") : error;
  }
}

/** @param {string} option @param {string} what */
function standardInput(option, what) {
  reserveStandardInput(option);
  const end = process.platform === "win32" ? "Ctrl-Z and Enter" : "Ctrl-D";
  if (process.stdin.isTTY) process.stderr.write(`Reading ${what} from standard input; end with ${end}\n`);
  return process.stdin;
}

/**
 * A named pipe. Opening it in the usual way would block until a program writes, and Node could not even exit meanwhile.
 *
 * @param {string} file
 */
const pipe = (file) => new Socket({ fd: openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });

/** @param {import("node:stream").Readable} stream @param {string} name @param {string} option @param {AbortSignal} signal */
async function contentOf(stream, name, option, signal) {
  addAbortSignal(signal, stream);
  const parts = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > MOST) throw tooLarge(name, option);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** @param {string} name @param {string} option */
const tooLarge = (name, option) => usageError(`${option}: ${name} is larger than 64 MiB`, "Check that it is what you mean.");

/** Why a file cannot be used, in words. @param {unknown} error */
export function reason(error) {
  /** @type {Record<string, string>} */
  const words = {
    ENOENT: "there is no such file or folder",
    EACCES: "access is denied",
    EPERM: "access is denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of its path is not a folder",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
    ENAMETOOLONG: "its name is too long",
    ENXIO: "it is no file",
    EBUSY: "another program has it open",
  };
  return words[codeOf(error) ?? ""] ?? messageOf(error);
}
