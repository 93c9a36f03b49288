import { recall } from "../../grading";
import { Drawing, language, say } from "../../notebook";
import { check } from "../../tensor";
import { allExercises } from "../exercises";

type All = typeof allExercises;

/** The functions that the course asks for, by the names of their exercises. */
export type CourseFunctions = { readonly [Id in keyof All]: All[Id]["solution"] };

/**
 * Functions of earlier lectures. `use("mine")` gives the student's own where they have passed, and the reference where not;
 * `use("reference")` gives the reference. Each says which it is when it is taken out:
 *
 * ```ts
 * const { causalAttention, splitHeads } = use("mine");
 * ```
 *
 * A remembered function is put to its checks anew first. It is not used if it does not pass them by itself, away from the
 * notebook in which it was written, or if the check asks something else since.
 */
export function use(whose: "mine" | "reference"): CourseFunctions {
  check("use", "whose", whose, ["mine", "reference"]);
  const functions = {};
  for (const [id, exercise] of Object.entries(allExercises)) {
    // Looked for when it is taken, and once.
    let found: unknown;
    const get = () => {
      found ??= whose === "mine" ? mineOrReference(id as keyof All) : exercise.solution;
      return found;
    };
    Object.defineProperty(functions, id, { get, enumerable: true });
  }
  return functions as CourseFunctions;
}

function mineOrReference(id: keyof All): unknown {
  const exercise: (typeof allExercises)[typeof id] = allExercises[id];
  const found = recall(exercise as Parameters<typeof recall>[0]);
  if (found.fn) {
    const day = new Date(found.passed.time).toLocaleDateString(language() === "ru" ? "ru" : "en-GB", {
      dateStyle: "long",
    });
    tell(id, "✓", { en: `yours, passed on ${day}`, ru: `ваша функция, проверка пройдена ${day}` });
    return found.fn;
  }
  tell(id, "○", reasons[found.why](id, found.detail ?? ""));
  return exercise.solution;
}

interface Both {
  readonly en: string;
  readonly ru: string;
}

const tell = (id: string, mark: string, text: Both): void =>
  new Drawing(`${mark} ${id}: ${say(text)}.`).show();

type Why = Extract<ReturnType<typeof recall>, { why: unknown }>["why"];

/** Why it is the reference. */
const reasons: Record<Why, (id: string, detail: string) => Both> = {
  nowhere: () => ({
    en: "the reference; no progress is kept here",
    ru: "эталон; прогресс здесь не сохраняется",
  }),
  notPassed: () => ({
    en: "the reference; yours has not passed yet",
    ru: "эталон; ваша функция ещё не прошла проверку",
  }),
  newCheck: () => ({
    en: "the reference; its check has changed since yours passed: run the check in its lecture once more",
    ru: "эталон; проверка изменилась с тех пор, как вы её прошли: запустите её в той лекции ещё раз",
  }),
  noSource: () => ({
    en: "the reference; yours has passed, but its source was not kept: run the check in its lecture once more",
    ru: "эталон; ваша функция прошла проверку, но её текст не сохранился: запустите проверку в той лекции ещё раз",
  }),
  edited: (id) => ({
    en: `the reference; progress/${id}.ts is not what has passed: run the check in its lecture once more`,
    ru: `эталон; в progress/${id}.ts не то, что прошло проверку: запустите её в той лекции ещё раз`,
  }),
  broken: (_, detail) => ({
    en: `the reference; yours does not run by itself (${detail}): put what it needs into its own cell, and run the check again`,
    ru: `эталон; ваша функция не работает сама по себе (${detail}): перенесите всё нужное в её ячейку и запустите проверку снова`,
  }),
  fails: (_, detail) => ({
    en: `the reference; yours does not pass by itself (${detail}): put what it needs into its own cell, and run the check again`,
    ru: `эталон; сама по себе ваша функция проверку не проходит (${detail}): перенесите всё нужное в её ячейку и запустите проверку снова`,
  }),
  unreadable: (_, detail) => ({
    en: `the reference; yours cannot be read: ${detail}`,
    ru: `эталон; вашу функцию не удалось прочитать: ${detail}`,
  }),
};
