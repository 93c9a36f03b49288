/** `npm test` in a student's bundle: everything is set up, and every notebook runs once from the top, short. */
import "../node-version.cjs";

/** Resolves with the exit code. */
async function main() {
  const [{ setup }, { runNotebooks, choose }] = await Promise.all([
    import("../setup.mjs"),
    import("../run.mjs"),
  ]);
  const jupyter = await setup();
  const notebooks = choose({ lectures: ["all"], students: true });
  return runNotebooks(jupyter, notebooks, { out: "short", short: true });
}

main().then(
  (code) => process.exit(code),
  (error) => import("../steps.mjs").then(({ report }) => process.exit(report(error))),
);
