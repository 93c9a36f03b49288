import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** `--mode grading`: what takes too long for `npm test`, in files `*.grading.ts`. */
export default defineConfig(({ mode }) => ({
  resolve: {
    alias: [
      { find: /^gradschool\/lectures\/(.*)$/, replacement: here("./src/lectures/$1/index.ts") },
      { find: /^gradschool$/, replacement: here("./src/index.ts") },
    ],
  },
  test: {
    // vitest leaves one processor free; of two that would be half, and many tests wait for programs that they start.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    ...(mode === "grading"
      ? { include: ["test/**/*.grading.ts"], testTimeout: 600_000, hookTimeout: 600_000 }
      : { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 }),
  },
}));
