/** `npm start`: from a fresh clone to the open course. Needs nothing but Node. */
const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old: the course needs Node 20 or newer.`);
  console.error("Get it from https://nodejs.org, or with nvm: nvm install 22");
  process.exit(1);
}
// Imported only now: an old Node would fail on their syntax before it could say what is wrong.
import("./main.mjs")
  .then(({ main }) => main(process.argv.slice(2)))
  .then(
    (code) => process.exit(code),
    (error) => import("./steps.mjs").then(({ report }) => process.exit(report(error))),
  );
