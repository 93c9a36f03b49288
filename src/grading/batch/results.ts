import type { ExerciseMark } from "../wall";

/** A notebook's marks. */
export interface Submission {
  readonly student: string;
  /** `05-gpt`; what the file is called, where it is none of the course's. */
  readonly notebook: string;
  readonly earned: number;
  readonly points: number;
  readonly flags: readonly string[];
  readonly exercises: readonly Omit<ExerciseMark, "flags">[];
}

/** What is written to `results.json`: docs/results.schema.json says it for other programs. */
export interface Results {
  readonly submissions: readonly Submission[];
  /** How students' code was kept from the machine. */
  readonly isolation: string;
  /** Of the course and of all checks. */
  readonly version: string;
}

/** What a run knows of a submission besides. */
export interface Graded {
  readonly submission: Submission;
  /** When it was handed in. */
  readonly time: string;
  /** By exercise, the student's TypeScript. */
  readonly sources: Readonly<Record<string, string>>;
  readonly progress: readonly string[];
  /** How its code was walled off on another machine. */
  readonly isolation: string | null;
}
