/** What a student's code may take at grading. */
export interface Limits {
  /** Seconds that all calls of one exercise may compute together, as in the notebook; four times that in which it does nothing. */
  readonly seconds: number;
  /** MiB of memory of the process. */
  readonly mebibytes: number;
  /** Bytes that it may print past its capture. */
  readonly output: number;
  /** Processes and threads, where the system counts them. */
  readonly processes: number;
  /** MiB of the largest file it may write, should it find a place. */
  readonly file: number;
}

export const LIMITS: Limits = { seconds: 10, mebibytes: 768, output: 16 * 2 ** 20, processes: 64, file: 16 };
