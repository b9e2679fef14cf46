// npm run build: builds the npm package in pkg/. Fails if the package exceeds its size budget.
import { preparePackage } from "./prepare.mjs";
import { OVER_BUDGET } from "./size.mjs";
import { SetUpError } from "./tools.mjs";

if (!(await preparePackage("build"))) throw new SetUpError(OVER_BUDGET);
