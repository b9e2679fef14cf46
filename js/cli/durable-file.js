// Files that survive a crash of this process, and one of the computer.
import { open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "./failure.js";

/**
 * Replaces a file as a whole: after a crash it has either its old content or the new one.
 *
 * @param {string} file
 * @param {string} text
 */
export async function replaceFile(file, text) {
  const target = await targetOf(file);
  const draft = `${target}.${process.pid}.new`;
  try {
    const handle = await open(draft, "w");
    try {
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

/** The file that a symbolic link leads to; a file that does not exist yet is itself. @param {string} file */
export async function targetOf(file) {
  try {
    return await realpath(file);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return file;
    throw error;
  }
}

/** Makes the name of a new file durable. Windows cannot do this with folders, and does not need it. @param {string} folder */
async function syncFolder(folder) {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  // Some network file systems refuse it.
  await handle.sync().catch(() => {});
  await handle.close();
}
