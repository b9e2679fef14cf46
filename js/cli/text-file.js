// Reads a text from a file or from standard input, in the encodings that Windows programs write.
import { readFile, stat } from "node:fs/promises";
import { codeOf, messageOf, usageError } from "./failure.js";

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

/** The text of a file, or of standard input if its name is `-`. @param {string} file @param {string} option that names it */
export async function readText(file, option) {
  if (file === "-") return decoded(await standardInput(option));
  try {
    if ((await stat(file)).size > MOST) throw usageError(`${option}: ${file} is larger than 64 MiB`, "Check the name of the file.");
    return decoded(await readFile(file));
  } catch (error) {
    throw codeOf(error) ? usageError(`${option}: cannot read ${file}: ${reason(error)}`, "Check its name and permissions.") : error;
  }
}

/** @param {string} option */
async function standardInput(option) {
  reserveStandardInput(option);
  if (process.stdin.isTTY) process.stderr.write(`Reading ${option} from standard input; end with Ctrl-D\n`);
  const parts = [];
  let size = 0;
  for await (const part of process.stdin) {
    size += part.length;
    if (size > MOST) throw usageError(`${option}: standard input is larger than 64 MiB`, "Check what is piped into it.");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** PowerShell and Excel write UTF-16 with a byte order mark. TextDecoder removes the mark. @param {Buffer} bytes */
function decoded(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}

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
  };
  return words[codeOf(error) ?? ""] ?? messageOf(error);
}
