/** Single operations, on one thread and on all, beside what bounds them and beside PyTorch. */
import { once, ours, peer } from "./contenders.mjs";
import { median } from "./peers/measure.mjs";

const ONE = "1 thread";

/**
 * Yields one result: for every operation the medians over rounds, on one thread and on all, and PyTorch's with `ours`,
 * our time on as many threads as a multiple of its time.
 */
export function* run({ rounds, threads, torch, device }) {
  const programs = new Map([[ONE, [ours("./ours-kernels.mjs"), 1]]]);
  if (threads > 1) programs.set(`${threads} threads`, [ours("./ours-kernels.mjs"), threads]);
  const runs = new Map([...programs.keys()].map((name) => [name, []]));
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    for (const [name, program] of programs) {
      const made = once(...program, { device });
      if (made.failed) throw new Error(`kernels did not run: ${made.failed}`);
      runs.get(name).push(made);
    }
    if (torch) {
      const { operations } = runs.get(ONE)[0];
      const made = once([...peer("torch-kernels.py", torch), JSON.stringify(operations)], threads);
      if (made.failed) throw new Error(`kernels did not run in PyTorch: ${made.failed}`);
      theirs.push(made);
    }
  }
  const [first] = runs.get(ONE);
  const operations = first.operations.map(({ op, shape }, i) => {
    const of = (list) => medians(list.map(({ operations }) => operations[i]));
    const mine = Object.fromEntries([...runs].map(([name, list]) => [name, of(list)]));
    if (!torch) return { op, shape, ...mine };
    const PyTorch = of(theirs);
    PyTorch.ours = +(Object.values(mine).at(-1).ms / PyTorch.ms).toPrecision(4);
    return { op, shape, ...mine, PyTorch };
  });
  yield { bench: "kernels", threads, fma: first.fma, rounds, operations };
}

/** The median over rounds of every number. */
function medians(list) {
  const numbers = Object.keys(list[0]).filter((key) => typeof list[0][key] === "number");
  return Object.fromEntries(
    numbers.map((key) => [key, +median(list.map((made) => made[key])).toPrecision(4)]),
  );
}

export function show({ operations, fma }) {
  const columns = Object.keys(operations[0]).filter((key) => !["op", "shape"].includes(key));
  const row = (label, cells) =>
    `  ${label.padEnd(26)}${cells.map((cell) => cell.padStart(24)).join("")}`.trimEnd();
  const table = (list, cell) =>
    list.map((made) =>
      row(
        `${made.op} ${made.shape.join(" × ")}`,
        columns.map((name) => cell(made[name], made)),
      ),
    );
  const boundBy = (what) => operations.filter((made) => what in made[ONE]);
  return [
    `Products: GFLOP/s, and the share of what 128-bit SIMD can do on as many threads (fused multiply-add ${fma ? "on" : "off"})`,
    row("", columns),
    ...table(boundBy("share"), ({ ms, share, ours }, { shape: [m, k, n] }) => {
      const gflops = ((2 * m * k * n) / ms / 1e6).toFixed(1);
      return ours ? `${gflops} (ours ${ours.toPrecision(3)} ×)` : `${gflops} (${(100 * share).toFixed(0)} %)`;
    }),
    "\nOthers: ms, and the multiple of the time of a memory copy of the same bytes",
    row("", columns),
    ...table(boundBy("ratio"), ({ ms, ratio, ours }) =>
      ours
        ? `${ms.toPrecision(3)} (ours ${ours.toPrecision(3)} ×)`
        : `${ms.toPrecision(3)} (${ratio.toPrecision(3)} ×)`,
    ),
  ].join("\n");
}
