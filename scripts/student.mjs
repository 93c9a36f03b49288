/** `npm run update`, `npm run reset`, `npm run progress`, `npm run hand-in`. */
import "./node-version.cjs";

import("./student/main.mjs")
  .then(({ main }) => main(process.argv.slice(2)))
  .then(
    (code) => process.exit(code),
    (error) => import("./steps.mjs").then(({ report }) => process.exit(report(error))),
  );
