import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Exercise, gate } from "../../src/grading";

/** The author gate: every exercise of every lecture. */
const lectures = readdirSync(fileURLToPath(new URL("../../src/lectures", import.meta.url)), {
  withFileTypes: true,
}).filter((entry) => entry.isDirectory());

for (const { name } of lectures) {
  const { exercises = {} } = (await import(`../../src/lectures/${name}/index.ts`)) as {
    exercises?: Record<string, Exercise>;
  };

  describe.skipIf(Object.keys(exercises).length === 0)(`the exercises of ${name}`, () => {
    for (const [id, exercise] of Object.entries(exercises)) {
      it(`${id}: solution passes, hole fails, mutants are caught`, () => {
        expect(exercise.id).toBe(id);
        expect(gate(exercise)).toEqual([]);
      });
    }
  });
}
