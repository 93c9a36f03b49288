import {
  check,
  checkOptions,
  expectedKind,
  Generator,
  isA,
  isFloat,
  isList,
  type NDArray,
  refusal,
  refusalOfKind,
  showShape,
  words,
} from "../tensor";
import { noGrad } from "./grad-mode";
import { Tensor } from "./tensor";

export interface GradcheckOptions {
  /** Step of the central difference. */
  readonly eps?: number;
  readonly atol?: number;
  readonly rtol?: number;
  /** false: return false instead of throwing. */
  readonly raiseException?: boolean;
}

/** Where an analytic gradient and the numeric one part. */
export class GradcheckError extends Error {
  override readonly name = "GradcheckError";
  constructor(
    message: string,
    /** Which input, counted from 0. */
    readonly input: number,
    /** Which element of it. */
    readonly index: readonly number[],
    readonly analytic: number,
    readonly numeric: number,
  ) {
    super(message);
  }
}

/**
 * Compares the gradients of `fn` with central differences, for every element of every float input:
 *
 *     (f(x + eps) − f(x − eps)) / 2 eps ≈ x̄,  |analytic − numeric| ≤ atol + rtol |numeric|
 *
 * Runs in float64 on copies of the inputs. An output that is not a scalar is reduced to Σ y ⊙ r with fixed
 * random r, so that errors in different elements cannot cancel. Returns true, or throws a
 * {@link GradcheckError} that names the first wrong element and the likely cause.
 */
export function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly (Tensor | NDArray)[],
  options: GradcheckOptions = {},
): boolean {
  check("gradcheck", "fn", fn, "function");

  checkOptions("gradcheck", options, "eps, atol", {
    eps: "number",
    atol: "number",
    rtol: "number",
    raiseException: "boolean",
  });
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, raiseException = true } = options;

  if (!isList(inputs)) {
    throw expectedKind("gradcheck", "a list of inputs, as in gradcheck(fn, [x])", inputs);
  }
  for (const input of inputs) check("gradcheck", "every input", input, "tensorOrArray");
  const copies = inputs.map((input) => doublePrecision(isA(input, Tensor) ? input.data : input));
  const leaves = copies.map((x) => new Tensor(x, { requiresGrad: isFloat(x.dtype) }));
  if (!leaves.some((leaf) => leaf.requiresGrad)) {
    throw refusalOfKind("gradcheck", "expected at least one float input to differentiate by");
  }
  const scalar = projection(fn);
  const loss = scalar(leaves);
  if (!loss.requiresGrad) {
    throw refusal(
      "gradcheck",
      "the output does not depend on any input through recorded operations",
      "does the function use .data or detach()?",
    );
  }
  loss.backward();
  const repeated = noGrad(() => scalar(leaves)).item();
  if (!Object.is(repeated, loss.item())) {
    throw refusal(
      "gradcheck",
      `two calls gave ${loss.item()} and ${repeated}`,
      "the function must be deterministic (seed a new generator in every call, or switch dropout off)",
    );
  }
  for (let i = 0; i < leaves.length; i++) {
    if (!leaves[i].requiresGrad) continue;
    const numeric = differences(() => noGrad(() => scalar(leaves)).item(), copies[i], eps);
    const analytic = leaves[i].grad?.flat() ?? new Float64Array(numeric.length);
    // A slope without bound is near to nothing, also not to a share of itself.
    const agrees = (v: number, j: number) =>
      Number.isFinite(v) && Math.abs(analytic[j] - v) <= atol + rtol * Math.abs(v);
    const wrong = numeric.findIndex((v, j) => !agrees(v, j));
    if (wrong < 0) continue;
    if (!raiseException) return false;
    const index = unravel(wrong, copies[i].shape);
    const cause = likelyCause(analytic, numeric, leaves[i]);
    throw new GradcheckError(
      `gradcheck: input ${i} of shape ${showShape(copies[i].shape)} at [${index.join(", ")}]: ` +
        `analytic gradient ${analytic[wrong]}, numeric ${numeric[wrong]}${cause ? `; ${cause}` : ""}`,
      i,
      index,
      analytic[wrong],
      numeric[wrong],
    );
  }
  return true;
}

/** A float64 copy that keeps the order of the axes in memory, so that strided inputs stay strided. */
function doublePrecision(x: NDArray): NDArray {
  if (!isFloat(x.dtype)) return x;
  const order = x.shape
    .map((_, axis) => axis)
    .sort((a, b) => Math.abs(x.strides[b]) - Math.abs(x.strides[a]));
  const back = order.map((_, axis) => order.indexOf(axis));
  return x.permute(order).to("float64").clone().permute(back);
}

/** `fn` with its outputs reduced to one number: Σ y ⊙ r, r uniform in [½, 1½) from a fixed seed. */
function projection(fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[]) {
  const generator = new Generator(0);
  const weights: NDArray[] = [];
  return (leaves: readonly Tensor[]): Tensor => {
    const result = fn(...leaves);
    const parts = (isList(result) ? result : [result]).map((y, i) => {
      if (!isA(y, Tensor)) {
        throw expectedKind(
          "gradcheck",
          "the function to return Tensors",
          words(`${typeof y} at position ${i}`),
        );
      }
      weights[i] ??= generator.uniform(y.shape, { low: 0.5, high: 1.5, dtype: "float64" });
      return y.to("float64").mul(weights[i]).sum();
    });
    return parts.reduce((a, b) => a.add(b));
  };
}

/** Central differences of `f` by every element of x, in row-major order; x is changed in place and restored. */
function differences(f: () => number, x: NDArray, eps: number): Float64Array {
  return Float64Array.from({ length: x.size }, (_, j) => {
    const index = unravel(j, x.shape);
    const value = x.get(index);
    x.set(index, value + eps);
    const above = f();
    x.set(index, value - eps);
    const below = f();
    x.set(index, value);
    return (above - below) / (2 * eps);
  });
}

/** The indices of element `position` in row-major order. */
function unravel(position: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}

function likelyCause(analytic: ArrayLike<number>, numeric: Float64Array, leaf: Tensor): string {
  if (!leaf.grad) return "no gradient arrived: does the pullback return null for it?";
  const pairs = Array.from(numeric, (n, j) => ({ n, a: analytic[j] }));
  if (pairs.some(({ a }) => Number.isNaN(a))) return "NaN: a division by 0, or ∞ · 0, in the pullback";
  if (pairs.every(({ a }) => a === 0)) return "every analytic gradient is 0";
  const clear = pairs.filter(({ n, a }) => Math.abs(n) > 1e-4 && Math.abs(a) > 1e-8);
  const ratios = clear.map(({ n, a }) => a / n);
  const ratio = ratios[0];
  const constant = ratios.length > 0 && ratios.every((r) => Math.abs(r - ratio) <= 1e-3 * Math.abs(ratio));
  if (constant && Math.abs(ratio + 1) < 1e-3) return "the sign is wrong everywhere";
  if (constant && Math.abs(ratio - 1) > 1e-3) {
    return `every analytic gradient is ${Number(ratio.toPrecision(4))} times the numeric one: a missing factor`;
  }
  const wrong = pairs.filter(({ n, a }) => Math.abs(a - n) > 1e-5 + 1e-3 * Math.abs(n)).length;
  if (wrong <= Math.max(1, pairs.length / 10)) {
    return `${wrong} of ${pairs.length} elements differ: a point where the function has a kink or a jump?`;
  }
  return "";
}
