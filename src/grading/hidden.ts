import { check, refusal } from "../tensor";
import type { Check, Exercise } from "./exercise";
import type { AnyFunction } from "./inputs";

/**
 * The exercise as it is graded: after its own checks come those that no student has seen. They stand in a file
 * `NAME.hidden.ts` beside the exercise, which nothing imports but the author's gate and the grader.
 * @throws if they are not as many as the exercise says, or a name is taken.
 */
export function withHidden<F extends AnyFunction>(
  exercise: Exercise<F>,
  hidden: readonly Check[],
): Exercise<F> {
  check("withHidden", "exercise", exercise, "object");
  check("withHidden", "hidden", hidden, "objects");
  const { id, checks, points } = exercise;
  const wrong = (what: string): never => {
    throw refusal(`exercise ${id}`, what);
  };
  if (hidden.length !== exercise.hidden)
    wrong(`there are ${hidden.length} hidden checks, so write \`hidden: ${hidden.length}\` in the exercise`);
  const names = [...checks, ...hidden].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) wrong(`a hidden check is named "${twice}", as another one is`);
  const odd = hidden.find((one) => one.points !== 1);
  if (odd) wrong(`the hidden check "${odd.name}" is worth ${odd.points} points; each is worth one`);
  return { ...exercise, checks: [...checks, ...hidden], points: points + hidden.length, hidden: 0 };
}
