/** `npm test` in a student's bundle: everything is set up, and every notebook (or those that are named) runs once from the top, short. */
import "../node-version.cjs";

/** Resolves with the exit code. */
async function main() {
  const [{ setup }, { runNotebooks, choose }] = await Promise.all([
    import("../setup.mjs"),
    import("../run.mjs"),
  ]);
  const named = process.argv.slice(2);
  const notebooks = choose({ lectures: named.length > 0 ? named : ["all"], students: true });
  const jupyter = await setup();
  const code = await runNotebooks(jupyter, notebooks, { out: "short", short: true });
  const what = `${notebooks.length} notebook${notebooks.length === 1 ? "" : "s"}`;
  console.log(
    code === 0
      ? `\nThe course works here: ${what} ran from top to bottom.`
      : "\nNot every cell ran: the lines above say which did not, and why. npm start -- --check looks for the cause.",
  );
  return code;
}

main().then(
  (code) => process.exit(code),
  (error) => import("../steps.mjs").then(({ report }) => process.exit(report(error))),
);
