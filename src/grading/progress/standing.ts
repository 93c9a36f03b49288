import { check } from "../../tensor";
import type { Exercise } from "../exercise";
import { type Entry, readEntry } from "./entry";
import { findProgressFolder } from "./folder";
import { versionOf } from "./version";

/** How a student stands with one exercise. */
export interface Standing {
  /** `changed`: passed, but the check asks something else by now. `damaged`: what is remembered cannot be read. */
  readonly state: "open" | "tried" | "passed" | "changed" | "damaged";
  /** Points as the check is now; those earned before it changed count until it is run again. */
  readonly earned: number;
  readonly points: number;
  /** How often the student has put something new to the check. */
  readonly attempts: number;
  /** When it was passed, ISO 8601; null where it was not. */
  readonly passed: string | null;
  /** What is wrong with a damaged record, and what to do. */
  readonly fault: string | null;
}

/**
 * How the student stands with an exercise, from their progress folder; open where there is none.
 * @internal
 */
export function standingOf(exercise: Exercise): Standing {
  check("standingOf", "exercise", exercise, "object");
  const { id, points } = exercise;
  const open: Standing = { state: "open", earned: 0, points, attempts: 0, passed: null, fault: null };
  const place = findProgressFolder();
  if ("none" in place) return open;
  let entry: Entry | null;
  try {
    entry = readEntry(place.folder, id);
  } catch (error) {
    return { ...open, state: "damaged", fault: (error as Error).message };
  }
  if (!entry) return open;
  const { passed, best, count: attempts } = entry;
  const earned = Math.min(points, Math.max(passed?.points ?? 0, best?.earned ?? 0));
  const isCurrent = passed?.version === versionOf(exercise);
  const state = passed ? (isCurrent ? "passed" : "changed") : attempts > 0 ? "tried" : "open";
  return { ...open, state, earned, attempts, passed: passed?.time ?? null };
}
