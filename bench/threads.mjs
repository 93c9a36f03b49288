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

/** Yields one result: for each number of busy programs the median step in ms by number of threads. */
export function* run({ rounds, device }) {
  const rows = [];
  for (const busy of BUSY) {
    const others = Array.from({ length: busy }, () =>
      spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
    );
    try {
      const times = new Map(COUNTS.map((count) => [count, []]));
      for (let round = 0; round < rounds; round++) {
        for (const count of COUNTS) {
          const { ms, failed } = once([...ours("./ours-gpt.mjs"), config], count, { device });
          if (failed) throw new Error(`threads did not run: ${failed}`);
          times.get(count).push(ms);
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

export function show({ rows }) {
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
