/** Every exercise of the course with its hidden checks, for the author's gate: `npm run author`, and in `npm test`. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Check, type Exercise, type GateReport, inspect } from "../../src/grading";
import { course } from "../../src/lectures/course";

export interface Authored {
  readonly lecture: string;
  readonly id: string;
  readonly exercise: Exercise;
  /** Null where the file with them is missing. */
  readonly hidden: readonly Check[] | null;
}

const pathOf = (below: string) => fileURLToPath(new URL(`../../src/lectures/${below}`, import.meta.url));

/** `causal-attention` of `causalAttention`: the name of an exercise's files. */
export const fileName = (id: string): string => id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

async function find(): Promise<Authored[]> {
  const all: Authored[] = [];
  for (const { name } of course) {
    if (!existsSync(pathOf(`${name}/index.ts`))) continue;
    const lecture = (await import(`../../src/lectures/${name}/index.ts`)) as {
      exercises?: Readonly<Record<string, Exercise>>;
    };
    for (const [id, exercise] of Object.entries(lecture.exercises ?? {})) {
      const own = fileName(id);
      const file = existsSync(pathOf(`${name}/exercises/${own}.hidden.ts`))
        ? await import(`../../src/lectures/${name}/exercises/${own}.hidden.ts`)
        : null;
      all.push({ lecture: name, id, exercise, hidden: file?.hidden ?? null });
    }
  }
  return all;
}

/** The exercises of the lectures that have an `index.ts`, in the order of the course. */
export const authored: readonly Authored[] = await find();

/** What the gate says of one of them. */
export function judged({ id, exercise, hidden }: Authored): GateReport {
  const report = inspect(exercise, { hidden });
  const problems = [
    ...(exercise.id === id ? [] : [`it stands in exercises as "${id}", but its id is "${exercise.id}"`]),
    ...(hidden
      ? []
      : [`no hidden checks: write exercises/${fileName(id)}.hidden.ts, export const hidden = [ … ]`]),
    ...report.problems,
  ];
  return { ...report, problems };
}
