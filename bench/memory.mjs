/** Training for 10,000 steps, in a plain loop and with an await in each step: resident memory stays below a bound. */
import { once, ours } from "./contenders.mjs";

/** What the process may hold, the engine's own heap and code included. */
export const BOUND_MIB = 768;

/**
 * @typedef {object} Loop of one kind
 * @property {Record<string, number>} resident_mib after so many steps
 * @property {number} peak_mib
 * @property {number} first_ms
 * @property {number} last_ms
 * @property {number} ratio
 */
/** @typedef {{ bench: "memory", steps: number, threads: number, bound_mib: number, ok: boolean, sync: Loop, await: Loop }} Result */

/** @param {import("./arguments.mjs").Options} options @returns {Generator<Result>} */
export function* run({ steps, threads, device }) {
  /** @param {"sync" | "await"} kind @returns {Loop} */
  const loop = (kind) => {
    const made = once([...ours("./ours-memory.mjs"), kind, `${steps}`], threads, { device });
    if (made.failed !== undefined) throw new Error(`memory did not run: ${made.failed}`);
    const { resident_mib, peak_mib, first_ms, last_ms, ratio } = made;
    return {
      resident_mib,
      peak_mib,
      first_ms: +first_ms.toPrecision(4),
      last_ms: +last_ms.toPrecision(4),
      ratio: +ratio.toPrecision(4),
    };
  };
  const loops = { sync: loop("sync"), await: loop("await") };
  const ok = Object.values(loops).every(({ peak_mib }) => peak_mib <= BOUND_MIB);
  yield { bench: "memory", steps, threads, bound_mib: BOUND_MIB, ok, ...loops };
}

/** @param {Result} result */
export function show({ steps, bound_mib, ok, sync, await: awaits }) {
  /** @param {string} label @param {(made: Loop) => string} cell */
  const line = (label, cell) =>
    `  ${label.padEnd(34)}${[sync, awaits].map((made) => cell(made).padStart(12)).join("")}`;
  return [
    `Training a small GPT for ${steps} steps: resident memory, and whether the steps slow down`,
    `  ${"".padEnd(34)}${"plain loop".padStart(12)}${"with awaits".padStart(12)}`,
    ...Object.keys(sync.resident_mib).map((step) =>
      line(`after step ${step}`, (made) => `${made.resident_mib[step]} MiB`),
    ),
    line("at its peak", (made) => `${made.peak_mib} MiB`),
    line("median step of the first 100", (made) => `${made.first_ms.toFixed(2)} ms`),
    line("median step of the last 100", (made) => `${made.last_ms.toFixed(2)} ms`),
    line("last / first", (made) => made.ratio.toFixed(3)),
    `  bound: ${bound_mib} MiB, ${ok ? "kept" : "broken"}`,
  ].join("\n");
}
