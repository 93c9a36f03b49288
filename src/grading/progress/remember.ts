import { type Localized, say } from "../../notebook";
import type { Exercise } from "../exercise";
import type { Verdict } from "../run";
import {
  type Attempt,
  Damaged,
  type Entry,
  hashOf,
  nothing,
  putAside,
  readEntry,
  readSource,
  writeEntry,
} from "./entry";
import { findProgressFolder, type Nowhere } from "./folder";
import { versionOf } from "./version";

/** What a student handed to a check, as a module of its own: its default export is the function. */
export interface Answer {
  /** TypeScript. */
  readonly source: string;
  /** The same as CommonJS. */
  readonly javascript: string;
}

/** So many of the latest attempts are listed one by one. */
const mostAttempts = 200;

/** What has been said once is not said again. */
const told = new Set<string>();
const once = (text: string): string | null => {
  if (told.has(text)) return null;
  told.add(text);
  return text;
};

const reasons: Record<Exclude<Nowhere, "off">, Localized> = {
  browser: {
    en: "Your progress is not kept here: a web page has no files.",
    ru: "Прогресс здесь не сохраняется: у веб-страницы нет файлов.",
  },
  elsewhere: {
    en: "Your progress is not kept here: this notebook does not lie in your course folder, which `npm start` makes and opens.",
    ru: "Прогресс здесь не сохраняется: этот ноутбук лежит не в вашей папке курса, которую создаёт и открывает `npm start`.",
  },
};

/**
 * Remember what the checks found, in the student's progress folder. Never throws; answers with what the student should
 * know: what was kept, or, once, why nothing is. A function that is not written yet is no attempt, and neither is the
 * same text once more.
 */
export function remember(exercise: Exercise, verdict: Verdict, answer: Answer | null): string | null {
  const { status } = verdict;
  if (status === "unwritten" || status === "missing") return null;
  const place = findProgressFolder();
  if ("none" in place) return isRead(place.none) ? once(say(reasons[place.none])) : null;
  try {
    return keep(place.folder, exercise, verdict, answer);
  } catch (error) {
    const { message } = error as Error;
    return once(say({ en: `Your progress is not kept: ${message}`, ru: `Прогресс не сохранён: ${message}` }));
  }
}

/** A program that uses the library has no reader whose progress it could be. */
const isRead = (why: Nowhere): why is Exclude<Nowhere, "off"> =>
  why === "browser" || (why === "elsewhere" && Symbol.for("gradschool.kernel") in globalThis);

function keep(folder: string, exercise: Exercise, verdict: Verdict, answer: Answer | null): string | null {
  const { id } = exercise;
  const { entry, aside } = readOrPutAside(folder, id);
  const attempt = attemptOf(exercise, verdict, answer);
  const last = entry.attempts.at(-1);
  const isNew = !last || !attempt.source || key(last) !== key(attempt);
  const passes = attempt.status === "passed";
  const isKept =
    entry.passed?.version === attempt.version &&
    entry.passed.source === attempt.source &&
    (!answer || readSource(folder, id) === answer.source);
  if (!isNew && (!passes || isKept)) return aside;

  const { time, earned: points, version, source } = attempt;
  const attempts = isNew ? [...entry.attempts, attempt].slice(-mostAttempts) : entry.attempts;
  writeEntry(
    folder,
    {
      ...entry,
      passed: passes ? { time, points, version, source, javascript: answer?.javascript } : entry.passed,
      best: better(entry.best, attempt),
      count: entry.count + (isNew ? 1 : 0),
      attempts,
    },
    passes ? answer?.source : undefined,
  );
  if (!passes) return aside;
  const kept = answer
    ? { en: `Remembered in progress/${id}.ts.`, ru: `Сохранено в progress/${id}.ts.` }
    : {
        en: "Remembered, but without your code: that is kept where the cell says check(exercises.…, …) with the function's name.",
        ru: "Сохранено, но без вашего кода: он сохраняется, когда в ячейке написано check(exercises.…, …) с именем функции.",
      };
  return [aside, say(kept)].filter(Boolean).join(" ");
}

function readOrPutAside(folder: string, id: string): { entry: Entry; aside: string | null } {
  try {
    return { entry: readEntry(folder, id) ?? nothing(id), aside: null };
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    const aside = putAside(error.file);
    return {
      entry: nothing(id),
      aside: say({
        en: `What was remembered of ${id} could not be read. It is kept as ${aside}, and a new record has been begun.`,
        ru: `Запись о задании ${id} не удалось прочитать. Она сохранена как ${aside}, и начата новая.`,
      }),
    };
  }
}

function attemptOf(exercise: Exercise, verdict: Verdict, answer: Answer | null): Attempt {
  const failed = verdict.checks.find(({ failure }) => failure)?.name;
  return {
    time: new Date().toISOString(),
    status: verdict.status === "passed" ? "passed" : "failed",
    ...{ earned: verdict.earned, points: verdict.points, version: versionOf(exercise) },
    ...(answer ? { source: hashOf(answer.source) } : {}),
    ...(failed !== undefined ? { failed } : {}),
  };
}

const key = ({ status, earned, version, source }: Attempt): string =>
  [status, earned, version, source].join(" ");

/** Points count for the check as it is now. */
const better = (best: Attempt | null, attempt: Attempt): Attempt =>
  best && best.version === attempt.version && best.earned > attempt.earned ? best : attempt;
