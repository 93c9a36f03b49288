/** `npm run test:grading`: grading in full, which takes longer than `npm test` should. Arguments go to vitest. */
import { build } from "./build.mjs";
import { requireVite } from "./load-typescript.mjs";
import { call } from "./processes.mjs";
import { inRoot, report, step } from "./steps.mjs";

try {
  requireVite();
  await step("library", build);
  const vitest = [inRoot("node_modules", "vitest", "vitest.mjs"), "run", "--mode", "grading"];
  const { code } = await call(process.execPath, [...vitest, ...process.argv.slice(2)], {
    cwd: inRoot(),
    show: true,
  });
  process.exit(code);
} catch (error) {
  process.exit(report(error));
}
