/**
 * A step of a small GPT on 1, 2, 4 and 8 threads, alone on the machine and beside programs that keep a processor busy each:
 * how much longer than the best number of threads in the same situation.
 */
import { spawn } from "node:child_process";
import { once, ours } from "./contenders.mjs";
import { experiments } from "./experiments.mjs";
import { median } from "./peers/measure.mjs";

const COUNTS = [1, 2, 4, 8];
const BUSY = [0, 1, 2];
const [config] = experiments.gpt.configs;

/** @typedef {{ busy: number, ms: Record<number, number>, worst: number }} Row */
/** @typedef {{ bench: "threads", config: string, rounds: number, rows: Row[] }} Result */

/**
 * Yields one result: for each number of busy programs the median step in ms by number of threads.
 * @param {import("./arguments.mjs").Options} options
 * @returns {Generator<Result>}
 */
export function* run({ rounds, device }) {
  /** @type {Row[]} */
  const rows = [];
  for (const busy of BUSY) {
    const others = Array.from({ length: busy }, () =>
      spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
    );
    try {
      /** @type {Map<number, number[]>} */
      const times = new Map(COUNTS.map((count) => [count, []]));
      for (let round = 0; round < rounds; round++) {
        for (const count of COUNTS) {
          const made = once([...ours("./ours-gpt.mjs"), config], count, { device });
          if (made.failed !== undefined) throw new Error(`threads did not run: ${made.failed}`);
          times.get(count)?.push(made.ms);
        }
      }
      const ms = Object.fromEntries([...times].map(([count, list]) => [count, +median(list).toPrecision(4)]));
      rows.push({
        busy,
        ms,
        worst: +(Math.max(...Object.values(ms)) / Math.min(...Object.values(ms))).toPrecision(3),
      });
    } finally {
      for (const other of others) other.kill("SIGKILL");
    }
  }
  yield { bench: "threads", config, rounds, rows };
}

/** @param {Result} result */
export function show({ rows }) {
  /** @param {readonly string[]} list */
  const cells = (list) => list.map((text) => text.padStart(11)).join("");
  return [
    "A step of a small GPT by number of threads, in ms, alone and beside programs that keep a processor busy each",
    `  ${"".padEnd(18)}${cells([...COUNTS.map((count) => `${count} thread${count === 1 ? "" : "s"}`), "worst/best"])}`,
    ...rows.map(
      ({ busy, ms, worst }) =>
        `  ${`${busy} busy program${busy === 1 ? "" : "s"}`.padEnd(18)}${cells([...COUNTS.map((count) => ms[count].toPrecision(3)), worst.toPrecision(3)])}`,
    ),
  ].join("\n");
}
