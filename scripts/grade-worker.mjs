/** `npm run grade:worker -- --queue redis://HOST`: takes submissions from a queue, on any number of machines, until it is stopped. */
import "./node-version.cjs";

import("./grading/worker.mjs")
  .then(({ main }) => main(process.argv.slice(2)))
  .then(
    (code) => process.exit(code),
    (error) => import("./steps.mjs").then(({ report }) => process.exit(report(error))),
  );
