// Files that survive a crash of this process, and one of the computer.
import { open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { codeOf } from "./failure.js";

/**
 * Replaces a file as a whole: after a crash it has either its old content or the new one.
 *
 * @param {string} file
 * @param {string} text
 */
export async function replaceFile(file, text) {
  const target = await targetOf(file);
  const before = await found(target);
  const draft = draftOf(target);
  try {
    const handle = await open(draft, "w");
    try {
      // Whoever may not read the old file shall not read the new one.
      if (before) await handle.chmod(before.mode);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/** Rejects if `replaceFile` could not write this file, or would destroy something that is no file. @param {string} file */
export async function checkReplaceable(file) {
  await checkIsFile(file);
  const draft = draftOf(await targetOf(file));
  await (await open(draft, "w")).close();
  await rm(draft);
}

/** Rejects if this is no regular file, or may not be written. It need not exist. @param {string} file */
export async function checkIsFile(file) {
  const present = await found(file);
  if (!present) return;
  if (present.isDirectory()) throw new Error("it is a folder");
  if (!present.isFile()) throw new Error("it is no file, but a device, a pipe or a socket");
  // On Windows, a file that Excel has open can neither be opened for writing nor be replaced.
  await (await open(file, "r+")).close();
}

/** How many links are followed, as by Linux. */
const MOST_LINKS = 40;

/**
 * The file that a symbolic link leads to; a file that does not exist yet is itself.
 *
 * @param {string} file
 * @returns {Promise<string>}
 */
export async function targetOf(file, links = 0) {
  // A link such as `a -> missing/../a` leads to itself only when its path is resolved as a text.
  if (links > MOST_LINKS) throw new Error("its symbolic links lead in a circle");
  try {
    return await realpath(file);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    // A link that leads to no file yet must stay a link, too.
    const next = await readlink(file).catch(() => undefined);
    return next === undefined ? file : targetOf(resolve(dirname(file), next), links + 1);
  }
}

/** @param {string} target */
const draftOf = (target) => `${target}.${process.pid}.new`;

/** @param {string} file */
async function found(file) {
  return stat(file).catch((error) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
}

/** Makes the name of a new file durable. Windows cannot do this with folders, and does not need it. @param {string} folder */
async function syncFolder(folder) {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  // Some network file systems refuse it.
  await handle.sync().catch(() => {});
  await handle.close();
}
