import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Begun last, one of these would leave the other processors without work. */
const slowest = [
  "test/parity/variants.test.ts",
  "test/tensor/devices.test.ts",
  "test/lectures/gate.test.ts",
  "test/scripts/site.test.ts",
  "test/jupyter/stop.test.ts",
  "test/nonsense/nonsense.test.ts",
  "test/lectures/attempts.test.ts",
  "test/grading/submission/repair.test.ts",
  "test/grading/batch/grade.test.ts",
  "test/scripts/run-notebooks.test.ts",
].map(here);

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const rank = ({ moduleId }: TestSpecification) =>
      slowest.includes(moduleId) ? slowest.indexOf(moduleId) : slowest.length;
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** `--mode grading`: what takes too long for `npm test`, in files `*.grading.ts`. */
export default defineConfig(({ mode }) => ({
  resolve: {
    alias: [
      { find: /^gradschool\/lectures\/(.*)$/, replacement: here("./src/lectures/$1/index.ts") },
      { find: /^gradschool$/, replacement: here("./src/index.ts") },
    ],
  },
  test: {
    sequence: { sequencer: SlowestFirst },
    // vitest leaves one processor free; of two that would be half, and many tests wait for programs that they start.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    ...(mode === "grading"
      ? { include: ["test/**/*.grading.ts"], testTimeout: 600_000, hookTimeout: 600_000 }
      : { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 }),
  },
}));
