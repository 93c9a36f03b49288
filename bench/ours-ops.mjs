/** Every operation of ops/ at both sizes: one JSON line with the median ms of each. */
import { device, noGrad, randn } from "gradschool";
import { operations } from "./ops/index.mjs";
import { make } from "./ops/inputs.mjs";
import { median, turn } from "./peers/measure.mjs";

/** As torch-ops.py. */
const TURNS = 5;
const MS_PER_TURN = 20;

/** What is measured. @param {import("./ops/table.mjs").Operation} operation @param {"small" | "large"} size */
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

/** Only the operations whose names this regular expression matches. */
const wanted = new RegExp(process.argv[2] ?? "");
const chosen = operations.filter(({ op }) => wanted.test(op));
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
