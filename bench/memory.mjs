/** Training for 10,000 steps, in a plain loop and with an await in each step: resident memory stays below a bound. */
import { once, ours } from "./contenders.mjs";

/** What the process may hold, the engine's own heap and code included. */
export const BOUND_MIB = 768;

export function* run({ steps, threads, device }) {
  const result = { bench: "memory", steps, threads, bound_mib: BOUND_MIB, ok: true };
  for (const loop of ["sync", "await"]) {
    const made = once([...ours("./ours-memory.mjs"), loop, `${steps}`], threads, { device });
    if (made.failed) throw new Error(`memory did not run: ${made.failed}`);
    const { resident_mib, peak_mib, first_ms, last_ms, ratio } = made;
    result[loop] = {
      resident_mib,
      peak_mib,
      first_ms: +first_ms.toPrecision(4),
      last_ms: +last_ms.toPrecision(4),
    };
    result[loop].ratio = +ratio.toPrecision(4);
    if (peak_mib > BOUND_MIB) result.ok = false;
  }
  yield result;
}

export function show({ steps, bound_mib, ok, sync, await: awaits }) {
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
