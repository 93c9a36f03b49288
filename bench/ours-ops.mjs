/** Every operation of ops-table.mjs at both sizes: one JSON line with the median ms of each. */
import { device, noGrad, rand, randint, randn } from "gradschool";
import { operations } from "./ops-table.mjs";
import { median, turn } from "./peers/measure.mjs";

/** As torch-ops.py. */
const TURNS = 5;
const MS_PER_TURN = 20;

/** @param {import("./ops-table.mjs").Input} input @param {boolean} requiresGrad */
function make([kind, shape, below = 2], requiresGrad) {
  if (kind === "normal") return randn(shape, { requiresGrad });
  if (kind === "positive") return rand(shape).mul(5).add(0.01);
  if (kind === "bool") return randn(shape).gt(0);
  return randint(0, below, shape);
}

/** What is measured. @param {import("./ops-table.mjs").Operation} operation @param {"small" | "large"} size */
function stepOf({ both, inputs, ours }, size) {
  const given = inputs(size).map((input) => make(input, both));
  const gradient = both ? randn(/** @type {any} */ (ours(...given)).shape) : undefined;
  const step = () => {
    if (!both) return ours(...given);
    for (const one of given) if (one.requiresGrad) one.grad = null;
    /** @type {any} */ (ours(...given)).backward(gradient);
  };
  return both ? step : () => noGrad(step);
}

/** @param {() => unknown} run */
function measure(run) {
  turn(run, MS_PER_TURN);
  turn(run, MS_PER_TURN);
  return +median(Array.from({ length: TURNS }, () => turn(run, MS_PER_TURN))).toPrecision(4);
}

/** Only the operations whose names contain this. */
const wanted = process.argv[2] ?? "";
const chosen = operations.filter(({ op }) => op.includes(wanted));
// Everything runs once before anything counts: who comes first would pay for memory that the process has not used yet.
for (const operation of chosen)
  for (const size of /** @type {const} */ (["small", "large"])) turn(stepOf(operation, size), MS_PER_TURN);
const made = chosen.map((operation) => {
  const { op, both, theirs, inputs } = operation;
  const sizes = { small: inputs("small"), large: inputs("large") };
  const [small, large] = /** @type {const} */ (["small", "large"]).map((size) =>
    measure(stepOf(operation, size)),
  );
  return { op, both, theirs, sizes, small, large };
});
const { name, info } = device();
console.log(JSON.stringify({ peer: "gradschool", device: name, threads: info().threads, operations: made }));
process.exit(0);
