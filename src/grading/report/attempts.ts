/** What students' own progress folders tell of their work: how often they tried, and when. */
import { isRecord } from "../inputs";

export interface Attempted {
  readonly exercise: string;
  /** How often something new was put to the check. */
  readonly count: number;
  /** Days, `2026-11-26`, of the attempts that are listed, and whether each passed. */
  readonly days: readonly { readonly day: string; readonly passed: boolean }[];
}

/** An entry as `progress/ID.json` holds it; null for anything else: students can write into it what they like. */
export function attempted(text: string): Attempted | null {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(entry) || typeof entry.exercise !== "string" || !Array.isArray(entry.attempts)) return null;
  const days = entry.attempts.slice(-200).flatMap((one) => {
    const time = isRecord(one) && typeof one.time === "string" ? new Date(one.time) : null;
    if (!time || Number.isNaN(time.getTime())) return [];
    return [{ day: time.toISOString().slice(0, 10), passed: isRecord(one) && one.status === "passed" }];
  });
  const count = typeof entry.count === "number" && entry.count >= 0 ? Math.floor(entry.count) : days.length;
  return { exercise: entry.exercise, count, days };
}
