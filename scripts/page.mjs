// The files of the page that a host must have: where they are, and where the package has them.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DIST } from "./modules.mjs";
import { ROOT } from "./tools.mjs";

export const WWW = join(ROOT, "www");
/** The page that the command serves. */
export const PAGE = join(DIST, "page");

/** The names of the files, with those that the build makes if it has made them. */
export const filesOfPage = () => readdirSync(WWW).filter((name) => /\.(html|js|css|svg|md)$|^config\.json$/.test(name));
