/** What people have decided over the marks: `overrides.csv`, which no run writes. */
import { parse } from "csv-parse/sync";
import { say } from "../../notebook";
import { nodeModule, refusal } from "../../tensor";
import type { Submission } from "./results";

const fs = nodeModule("node:fs");

export interface Override {
  readonly student: string;
  readonly notebook: string;
  readonly exercise: string;
  readonly earned: number;
  readonly reason: string;
}

const COLUMNS = ["student", "notebook", "exercise", "earned", "reason"] as const;

/** The decisions in a file; none where there is no file. Comma, semicolon or tabulator, as spreadsheets write it. */
export function readOverrides(file: string): Override[] {
  if (!fs.existsSync(file)) return [];
  const wrong = (what: string): never => {
    throw refusal(file, `${what}; a line is ${COLUMNS.join(",")}`);
  };
  let rows: Record<string, string>[] = [];
  try {
    const text = fs.readFileSync(file, "utf8");
    rows = parse(text, {
      bom: true,
      columns: (head: string[]) => head.map((name) => name.trim().toLowerCase()),
      delimiter: [";", "\t"].find((one) => text.split("\n")[0].includes(one)) ?? ",",
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    wrong((error as Error).message);
  }
  return rows.map((row, i) => {
    const lacking = COLUMNS.find((name) => row[name] === undefined);
    if (lacking) wrong(`there is no column ${lacking}`);
    const earned = Number(row.earned.replace(",", "."));
    if (row.earned === "" || !Number.isFinite(earned) || earned < 0)
      wrong(`line ${i + 2}: earned is "${row.earned}", expected points`);
    if (row.reason === "") wrong(`line ${i + 2} gives no reason`);
    const { student, notebook, exercise, reason } = row;
    return { student, notebook, exercise, earned, reason };
  });
}

/** How the reason of a decided mark begins. */
export const byHand = (): string => say({ en: "decided by hand: ", ru: "решено вручную: " });

/**
 * The submission as people have decided it.
 * @param used gets the decisions that were about it
 */
export function overridden(
  submission: Submission,
  overrides: readonly Override[],
  used: Set<Override>,
): Submission {
  const { student, notebook } = submission;
  const own = overrides.filter((one) => one.student === student && one.notebook === notebook);
  if (own.length === 0) return submission;
  const flags = [...submission.flags];
  const exercises = submission.exercises.map((mark) => {
    const decided = own.findLast(({ exercise }) => exercise === mark.id);
    if (!decided) return mark;
    for (const one of own) if (one.exercise === mark.id) used.add(one);
    const [now, was, why] = [decided.earned, mark.earned, decided.reason];
    flags.push(
      say({
        en: `${mark.id}: ${now} instead of ${was} by hand: ${why}`,
        ru: `${mark.id}: ${now} вместо ${was}, решено вручную: ${why}`,
      }),
    );
    const reason = [`${byHand()}${why}`, ...(mark.reason ? [mark.reason] : [])].join("\n");
    return { ...mark, earned: now, reason };
  });
  const whole = own.findLast(({ exercise }) => exercise === "");
  const sum = exercises.reduce((total, { earned }) => total + earned, 0);
  if (whole) {
    used.add(whole);
    flags.push(
      say({
        en: `${whole.earned} instead of ${sum} in all by hand: ${whole.reason}`,
        ru: `всего ${whole.earned} вместо ${sum}, решено вручную: ${whole.reason}`,
      }),
    );
  }
  return { ...submission, flags, exercises, earned: whole?.earned ?? sum };
}
