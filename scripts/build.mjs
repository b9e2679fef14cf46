// npm run build: builds the npm package in pkg/. Fails if the package exceeds its size budget.
import { preparePackage } from "./prepare.mjs";

if (!(await preparePackage("build"))) process.exitCode = 1;
