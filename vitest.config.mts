import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^gradschool\/lectures\/(.*)$/, replacement: here("./src/lectures/$1/index.ts") },
      { find: /^gradschool$/, replacement: here("./src/index.ts") },
    ],
  },
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
