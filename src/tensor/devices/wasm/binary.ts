import type { Storage } from "../../dtype";
import type { BinaryOp, CompareOp, Kernels, Parameters } from "../../kernels";
import type { Runner } from "./runner";
import type { Space } from "./space";
import * as codes from "./tasks.generated";
import { GRAIN, GRAIN_EXP, SMALL } from "./thresholds";

const binaryOps: { readonly [op in BinaryOp]: number } = codes.BinaryOp;

/** Those that plain loops, which round a float64 result, give to the last digit. */
const exact: readonly BinaryOp[] = ["add", "sub", "mul", "div", "maximum", "minimum", "prelu"];
const isFormula: readonly boolean[] = Object.keys(codes.BinaryOp).map(
  (op) => !exact.includes(op as BinaryOp),
);

/** Those that have a kernel for int32. */
const ofIntegers: readonly BinaryOp[] = ["add", "sub", "mul", "maximum", "minimum"];

/** How long an operand of {@link Kernels.binary} stays in order, or constant: its period in elements. */
function period(data: Storage, inner: number, n: number): number {
  if (data.length === 1 || inner >= n) return n;
  return inner === 1 ? data.length : inner;
}

/** What bools side by side, or one of them for all on the right, make of each other bit by bit. */
const ofBools: { readonly [op in BinaryOp | CompareOp]?: number } = {
  mul: codes.Joining.and,
  maximum: codes.Joining.or,
  eq: codes.Joining.equal,
  ne: codes.Joining.differ,
};

/** Runs what {@link ofBools} has; false where it is left to the reference. */
function joinBools(
  runner: Runner,
  space: Space,
  name: BinaryOp | CompareOp,
  a: Storage,
  aInner: number,
  b: Storage,
  bInner: number,
  out: Storage,
): boolean {
  const n = out.length;
  const op = ofBools[name];
  const isOne = b.length === 1;
  const areInOrder = aInner === 1 && a.length === n && (isOne || (bInner === 1 && b.length === n));
  return (
    op !== undefined &&
    out instanceof Uint8Array &&
    areInOrder &&
    n >= SMALL &&
    runner.run("joinBools", {
      total: n,
      chunk: runner.chunk(n, 8 * GRAIN),
      op,
      a: space.input(a),
      b: space.input(b),
      isOne,
      out: space.output(out),
    })
  );
}

/** Runs what goes by the rule of {@link Kernels.binary}; false where it is left to the reference. */
function onSides(
  kernel: "binary" | "binaryIntegers" | "compare" | "compareIntegers",
  runner: Runner,
  space: Space,
  op: number,
  a: Storage,
  aInner: number,
  b: Storage,
  bInner: number,
  out: Storage,
  isFormula: boolean,
  parameters: Parameters,
): boolean {
  const n = out.length;
  if (n < (isFormula ? 1 : SMALL)) return false;
  const aPeriod = period(a, aInner, n);
  const bPeriod = period(b, bInner, n);
  const segment = Math.min(aPeriod, bPeriod);
  if (aPeriod % segment !== 0 || bPeriod % segment !== 0) return false;
  return runner.run(kernel, {
    total: n,
    chunk: runner.chunk(n, isFormula ? GRAIN_EXP : GRAIN),
    op,
    a: space.input(a),
    aInner,
    aLength: a.length,
    b: space.input(b),
    bInner,
    bLength: b.length,
    out: space.output(out),
    segment,
    p: parameters[0],
    q: parameters[1] ?? 0,
  });
}

const NONE = [0, 0];

export function binaryKernel(
  runner: Runner,
  space: Space,
  reference: Kernels,
  unary: Kernels["unary"],
): Kernels["binary"] {
  return (op, a, aInner, b, bInner, out, parameters = NONE) => {
    const n = out.length;
    if (op === "pow" && b.length === 1 && b[0] === 2 && a.length === n && aInner === 1) {
      return unary("square", a, out);
    }
    const code = binaryOps[op];
    let isDone = false;
    if (a instanceof Float32Array) {
      const long = isFormula[code];
      isDone = onSides("binary", runner, space, code, a, aInner, b, bInner, out, long, parameters);
    } else if (a instanceof Int32Array) {
      if (ofIntegers.includes(op))
        isDone = onSides("binaryIntegers", runner, space, code, a, aInner, b, bInner, out, false, parameters);
    } else if (a instanceof Uint8Array) {
      isDone = joinBools(runner, space, op, a, aInner, b, bInner, out);
    }
    if (!isDone) reference.binary(op, a, aInner, b, bInner, out, parameters);
  };
}

const compareOps: { readonly [op in CompareOp]: number } = codes.CompareOp;

export function compareKernel(runner: Runner, space: Space, reference: Kernels): Kernels["compare"] {
  return (op, a, aInner, b, bInner, out, parameters = NONE) => {
    const code = compareOps[op];
    const isInteger = a instanceof Int32Array && op !== "close";
    const kernel = isInteger ? "compareIntegers" : "compare";
    let isDone = false;
    if (isInteger || a instanceof Float32Array)
      isDone = onSides(kernel, runner, space, code, a, aInner, b, bInner, out, false, parameters);
    else if (a instanceof Uint8Array) isDone = joinBools(runner, space, op, a, aInner, b, bInner, out);
    if (!isDone) reference.compare(op, a, aInner, b, bInner, out, parameters);
  };
}
