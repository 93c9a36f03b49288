/** Single operations, on one thread and on all, beside what bounds them and beside PyTorch. */
import { made, once, ours, peer } from "./contenders.mjs";
import { median } from "./peers/measure.mjs";

const ONE = "1 thread";

/**
 * The median figures of an operation, or of its bound.
 * @typedef {object} Figures
 * @property {number} ms
 * @property {number} [share] of a product: of what SIMD can do
 * @property {number} [ratio] of another operation: to a copy of the same bytes
 * @property {number} [ours] of PyTorch: our time as a multiple of its
 */
/** @typedef {{ op: string, shape: readonly number[] }} Operation */
/** An operation with the {@link Figures} of each column under its name. @typedef {Operation & Record<string, unknown>} Line */
/** @typedef {{ bench: "kernels", threads: number, fma: boolean, rounds: number, operations: Line[] }} Result */
/** @typedef {{ fma: boolean, operations: (Operation & Figures)[] }} Made by one contender in one round */

/**
 * Yields one result: for every operation the medians over rounds, on one thread and on all, and PyTorch's with `ours`,
 * our time on as many threads as a multiple of its time.
 * @param {import("./arguments.mjs").Options} options
 * @returns {Generator<Result>}
 */
export function* run({ rounds, threads, torch, device }) {
  const counts = new Map([[ONE, 1]]);
  if (threads > 1) counts.set(`${threads} threads`, threads);
  const runs = new Map([...counts.keys()].map((name) => [name, /** @type {Made[]} */ ([])]));
  /** @type {Made[]} */
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    for (const [name, list] of runs)
      list.push(made("kernels", once(ours("./ours-kernels.mjs"), counts.get(name) ?? 1, { device })));
    if (torch) {
      const operations = JSON.stringify(runs.get(ONE)?.[0].operations);
      theirs.push(
        made("kernels in PyTorch", once([...peer("torch-kernels.py", torch), operations], threads)),
      );
    }
  }
  const [[first]] = runs.values();
  const operations = first.operations.map(({ op, shape }, i) => {
    /** @param {readonly Made[]} list */
    const of = (list) => medians(list.map(({ operations }) => operations[i]));
    const mine = Object.fromEntries([...runs].map(([name, list]) => [name, of(list)]));
    if (!torch) return { op, shape, ...mine };
    const PyTorch = of(theirs);
    const best = Object.values(mine)[runs.size - 1];
    PyTorch.ours = +(best.ms / PyTorch.ms).toPrecision(4);
    return { op, shape, ...mine, PyTorch };
  });
  yield { bench: "kernels", threads, fma: first.fma, rounds, operations };
}

/** The median over rounds of every number. @param {readonly Figures[]} list @returns {Figures} */
function medians(list) {
  const numbers = Object.keys(list[0]).filter(
    (key) => typeof list[0][/** @type {keyof Figures} */ (key)] === "number",
  );
  const of = (/** @type {string} */ key) =>
    +median(list.map((one) => one[/** @type {keyof Figures} */ (key)] ?? Number.NaN)).toPrecision(4);
  return /** @type {never} */ (Object.fromEntries(numbers.map((key) => [key, of(key)])));
}

/** @param {Result} result */
export function show({ operations, fma }) {
  const columns = Object.keys(operations[0]).filter((key) => !["op", "shape"].includes(key));
  /** @param {string} label @param {readonly string[]} cells */
  const row = (label, cells) =>
    `  ${label.padEnd(26)}${cells.map((cell) => cell.padStart(24)).join("")}`.trimEnd();
  const figures = (/** @type {Line} */ line, /** @type {string} */ column) =>
    /** @type {Figures} */ (line[column]);
  /** @param {readonly Line[]} list @param {(figures: Figures, line: Line) => string} cell */
  const table = (list, cell) =>
    list.map((line) =>
      row(
        `${line.op} ${line.shape.join(" × ")}`,
        columns.map((name) => cell(figures(line, name), line)),
      ),
    );
  const boundBy = (/** @type {keyof Figures} */ what) =>
    operations.filter((line) => what in figures(line, ONE));
  return [
    `Products: GFLOP/s, and the share of what 128-bit SIMD can do on as many threads (fused multiply-add ${fma ? "on" : "off"})`,
    row("", columns),
    ...table(boundBy("share"), ({ ms, share = 0, ours }, { shape: [m, k, n] }) => {
      const gflops = ((2 * m * k * n) / ms / 1e6).toFixed(1);
      return ours ? `${gflops} (ours ${ours.toPrecision(3)} ×)` : `${gflops} (${(100 * share).toFixed(0)} %)`;
    }),
    "\nOthers: ms, and the multiple of the time of a memory copy of the same bytes",
    row("", columns),
    ...table(boundBy("ratio"), ({ ms, ratio = 0, ours }) =>
      ours
        ? `${ms.toPrecision(3)} (ours ${ours.toPrecision(3)} ×)`
        : `${ms.toPrecision(3)} (${ratio.toPrecision(3)} ×)`,
    ),
  ].join("\n");
}
