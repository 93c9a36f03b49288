/** `npm run grade -- PATH… --out DIR`: marks, reasons and a table of what students have handed in. */
import "./node-version.cjs";

import("./grading/main.mjs")
  .then(({ main }) => main(process.argv.slice(2)))
  .then(
    (code) => process.exit(code),
    (error) => import("./steps.mjs").then(({ report }) => process.exit(report(error))),
  );
