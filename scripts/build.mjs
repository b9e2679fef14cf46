// npm run build: builds the npm package in pkg/; fails when it is over its size budget.
import { preparePackage } from "./prepare.mjs";

if (!(await preparePackage("build"))) process.exitCode = 1;
