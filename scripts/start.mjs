/** `npm start`: from a fresh clone to the open course. Needs nothing but Node. */
import "./node-version.cjs";

// Imported only now: an old Node would fail on their syntax before it could say what is wrong.
import("./main.mjs")
  .then(({ main }) => main(process.argv.slice(2)))
  .then(
    (code) => process.exit(code),
    (error) => import("./steps.mjs").then(({ report }) => process.exit(report(error))),
  );
