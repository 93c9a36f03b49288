/** `npm test`: every check of the project, on a fresh clone too. */
import "./node-version.cjs";

import("./suite.mjs")
  .then(({ suite }) => suite())
  .then(
    (code) => process.exit(code),
    (error) => import("./steps.mjs").then(({ report }) => process.exit(report(error))),
  );
