import type { Line, TaskName } from "./race.mjs";

declare global {
  /** What this page offers to bench/gpu.mjs. */
  interface Window {
    ready: boolean;
    renderer: string;
    info: () => object;
    race: (task: TaskName, sizes: readonly number[]) => Line[];
  }
}
