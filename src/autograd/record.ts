import { changeCount, describe, expectedKind, isFloat, isList, NDArray, words } from "../tensor";
import { isWatching, markOrigin } from "./anomaly";
import type { Grad } from "./backward";
import { isGradEnabled } from "./grad-mode";
import { isTensor, notATensor, Tensor } from "./tensor";

type Each<T extends readonly unknown[], V> = { readonly [K in keyof T]: V };

/** Matches nothing, but makes TypeScript 5.0 (of the notebooks) read the pullback's list as a tuple. */
type Tuple = readonly [never];

/** Forward and backward of one operation: the output, and how its gradient is pulled back to every input. */
export type Rule<T extends readonly Tensor[]> = (
  ...arrays: Each<T, NDArray>
) => readonly [out: NDArray, pullback: (g: NDArray) => Each<T, Grad> | Tuple];

export interface RecordOptions {
  /**
   * Whether the pullback may keep an array that it is given or returns, for a plot or for its next call; true unless
   * given. `false` promises that it does not: the memory of these gradients is used again at once.
   */
  readonly keepsGrads?: boolean;
}

/**
 * Run `rule` on plain arrays; if an input wants a gradient, remember how to pull one back.
 *
 * The one way to define a differentiable operation:
 * ```ts
 * const square = (x: Tensor) => record("square", [x], (x) => [x.mul(x), (g) => [g.mul(x).mul(2)]]);
 * ```
 * The pullback gives one gradient per input: an array (broadcasting is undone for you), a thunk that is run
 * only if that input wants it, or null.
 */
export function record<const T extends readonly Tensor[]>(
  op: string,
  inputs: T,
  rule: Rule<T>,
  { keepsGrads = true }: RecordOptions = {},
): Tensor {
  return remember(op, inputs, rule, keepsGrads, false);
}

/** The rule of an operation on however many inputs: more than a call could have arguments. */
type ListRule = (arrays: readonly NDArray[]) => readonly [out: NDArray, pullback: (g: NDArray) => Grad[]];

/** {@link record} for a list of inputs, which the rule takes as one. It keeps no gradient. */
export const recordList = (op: string, inputs: readonly Tensor[], rule: ListRule): Tensor =>
  remember(op, inputs, rule as unknown as Rule<readonly Tensor[]>, false, true);

function remember<const T extends readonly Tensor[]>(
  op: string,
  inputs: T,
  rule: Rule<T>,
  keepsGrads: boolean,
  takesList: boolean,
): Tensor {
  if (!isList(inputs)) throw expectedKind(op, "a list of Tensors as inputs of record", inputs);
  if (typeof rule !== "function") throw expectedKind(op, "a function as rule", rule);
  const arrays = new Array<NDArray>(inputs.length);
  let wantsGrad = false;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (!isTensor(input)) throw notATensor(op, input);
    arrays[i] = input.data;
    if (input.requiresGrad) wantsGrad = true;
  }
  const result = takesList
    ? (rule as unknown as ListRule)(arrays)
    : rule(...(arrays as unknown as Each<T, NDArray>));
  if (!isList(result) || !(result[0] instanceof NDArray) || typeof result[1] !== "function") {
    const came = isList(result) ? `[${result.map(describe).join(", ")}]` : describe(result);
    throw expectedKind(
      op,
      "the rule to return [output, pullback], an NDArray and a function",
      words(came),
      "inside a rule, inputs are NDArrays, not Tensors",
    );
  }
  const [out, pullback] = result as ReturnType<Rule<T>>;
  if (!wantsGrad || !isGradEnabled() || !isFloat(out.dtype)) return new Tensor(out);
  const node = { op, inputs, pullback, keepsGrads, madeAt: changeCount() };
  if (isWatching()) markOrigin(node);
  return new Tensor(out, { requiresGrad: true, node });
}

/** {@link record} for the rules of `rules/`, none of which keeps a gradient. */
export const primitive = <const T extends readonly Tensor[]>(op: string, inputs: T, rule: Rule<T>): Tensor =>
  remember(op, inputs, rule, false, false);
