/** What passes between the kernel's threads, and what its modules find around them. */

/** A file beside the notebook that the compiler has translated. */
interface Translation {
  path: string;
  data: string;
}

/** What a check may remember of an answer: its text, and the same in JavaScript. */
interface Answer {
  source: string;
  javascript: string;
}

/** A cell to run, as the server sends it. */
interface RunRequest {
  type: "run";
  id: number;
  count: number;
  /** The script's name in stacks: `cell-3`. */
  name: string;
  source: string;
  silent: boolean;
  /** Names that cells which failed would have declared. */
  lost: string[];
  script: string;
  /** Source maps back to the cell, newest first. */
  maps: import("node:module").SourceMapPayload[];
  lines: number;
  awaits: boolean;
  lastExpression: string | null;
  sideOutputs: Translation[];
  answers?: Record<string, Answer>;
}

/** What the server tells the thread that runs the cells. */
type Message =
  | RunRequest
  | { type: "stop"; number: number }
  | { type: "beat"; number: number }
  | { type: "exit"; code: number };

/** The realm of the cells, as the kernel's own realm sees it (cells/realm.cjs). */
declare const cells: {
  globalThis: typeof globalThis;
  Error: ErrorConstructor;
  TypeError: TypeErrorConstructor;
  Promise: PromiseConstructor;
  waitFor(promise: unknown, done: (value: unknown) => void, failed: (error: unknown) => void): Promise<void>;
  guarded(
    checked: () => () => Promise<unknown> | null,
    breath: () => Promise<unknown> | null,
  ): (value: unknown) => Promise<unknown>;
};
