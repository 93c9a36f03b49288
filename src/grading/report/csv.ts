/** Tables of marks for other programs. No cell of theirs is taken for a formula. */
import { stringify } from "csv-stringify/sync";
import { type LatePolicy, penaltyOf } from "../batch/late";
import type { Graded } from "../batch/results";

export const FORMATS = ["nbgrader", "moodle", "canvas"] as const;
export type Format = (typeof FORMATS)[number];

/** A table of the form that another program takes in. */
export function gradesCsv(all: readonly Graded[], format: Format, late: LatePolicy | null): string {
  const table = { nbgrader, moodle, canvas }[format];
  const rows = table(
    all.filter(({ submission }) => submission.notebook !== ""),
    late,
  );
  return csvOf(rows);
}

/** Any table. */
export const csvOf = (rows: readonly Row[]): string =>
  stringify(
    rows.map((row) => row.map(plain)),
    { escape_formulas: true },
  );

type Row = readonly (string | number)[];

/** (What would be a formula is escaped; so is what hides one behind blanks or line breaks.) */
const plain = (value: string | number): string | number => {
  if (typeof value === "number") return value;
  const line = value.replace(/[\r\n\t\0]+/g, " ");
  return /^\s+[=+\-@]/.test(line) ? line.trim() : line;
};

/** As `nbgrader export` writes it. */
function nbgrader(all: readonly Graded[], late: LatePolicy | null): Row[] {
  const head =
    "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score";
  const due = late ? stamp(late.due) : "";
  return [
    head.split(","),
    ...all.map((one) => {
      const { student, notebook, earned, points } = one.submission;
      const penalty = penaltyOf(earned, one.time, late);
      const time = one.time.startsWith("1970-") ? "" : stamp(new Date(one.time));
      return [notebook, due, time, student, "", "", "", earned, penalty, scoreOf(earned, penalty), points];
    }),
  ];
}

/** `2026-11-26 08:48:06`, UTC, as nbgrader has it. */
const stamp = (date: Date): string => date.toISOString().slice(0, 19).replace("T", " ");

export const scoreOf = (earned: number, penalty: number): number =>
  Math.max(0, Math.round((earned - penalty) * 100) / 100);

/** A line for every student, a column for every notebook. */
function byStudent(
  all: readonly Graded[],
  late: LatePolicy | null,
  heads: readonly string[],
  lead: (student: string) => Row,
): Row[] {
  const notebooks = [...new Set(all.map(({ submission }) => submission.notebook))].sort();
  const students = [...new Set(all.map(({ submission }) => submission.student))];
  return [
    [...heads, ...notebooks],
    ...students.map((student) => [
      ...lead(student),
      ...notebooks.map((notebook) => {
        const one = all.find(({ submission: s }) => s.student === student && s.notebook === notebook);
        return one ? scoreOf(one.submission.earned, penaltyOf(one.submission.earned, one.time, late)) : "";
      }),
    ]),
  ];
}

/** Moodle's import finds the student by the column that the instructor picks there: here the user name. */
const moodle = (all: readonly Graded[], late: LatePolicy | null): Row[] =>
  byStudent(all, late, ["Username"], (student) => [student]);

/** Canvas wants five columns and a second line of what is possible at most. */
function canvas(all: readonly Graded[], late: LatePolicy | null): Row[] {
  const heads = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"];
  const [head, ...rows] = byStudent(all, late, heads, (student) => [student, "", "", student, ""]);
  const most = head
    .slice(heads.length)
    .map((notebook) => Math.max(...all.map(({ submission: s }) => (s.notebook === notebook ? s.points : 0))));
  return [head, ["    Points Possible", "", "", "", "", ...most], ...rows];
}
