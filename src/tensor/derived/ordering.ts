import { check, checkOptions } from "../check";
import { isFloat } from "../dtype";
import { expected, ofShape, words } from "../expected";
import { listed } from "../listed";
import type { NDArray } from "../ndarray";
import { placesOfKth, type SortOptions } from "../ops/order";
import type { ReduceOptions } from "../ops/reduce";
import { normalizeAxis } from "../shape";
import { type Beside, type Common, plainOf } from "./common";

const interpolations = ["linear", "lower", "higher", "midpoint", "nearest"] as const;

export interface QuantileOptions extends ReduceOptions {
  /** What lies between two elements; "linear" unless given. */
  readonly interpolation?: (typeof interpolations)[number];
}

/** Methods that are made of sorting. */
export class Ordering<X extends Common<X, Y>, Y extends Beside> {
  /** Where the elements would stand in order along an axis: the `indices` of {@link sort}. */
  argsort(this: X, axis = -1, options?: SortOptions): X {
    checkOptions("argsort", options, "descending: true", { descending: "boolean" });
    return this.sort(axis, options).indices;
  }

  /**
   * The middle element along an axis, or of all; the lower of two, as PyTorch. NaN where there is one. Of all, equal elements
   * share the gradient; along an axis one takes it.
   */
  median(this: X, axis?: number, options?: ReduceOptions): X {
    checkOptions("median", options, "keepDims: true", { keepDims: "boolean" });
    const { x, n, at, finish } = alongOne<X, Y>("median", this, axis, options);
    const plain = plainOf(x);
    const Plain = plain.constructor as typeof NDArray;
    const places = new Plain(placesOfKth(plain, at, (n - 1) >> 1));
    const found = x.gather(at, places as unknown as Y);
    if (axis !== undefined || !(this as { requiresGrad?: boolean }).requiresGrad) return finish(found);
    const equals = x.eq(found.item()).nonzero().flatten() as unknown as Y;
    return finish(Number.isNaN(found.item()) ? found : x.indexSelect(0, equals).max().reshape([1]));
  }

  /**
   * What a share q of the elements along an axis, or of all, lies below: 0 the smallest, 1 the largest, between two
   * elements on the line through them. For a list of shares the result has a first axis for them. NaN where there is one.
   */
  quantile(this: X, q: number | readonly number[], axis?: number, options?: QuantileOptions): X {
    checkOptions("quantile", options, "keepDims: true", {
      keepDims: "boolean",
      interpolation: interpolations,
    });
    const shares = typeof q === "number" ? [q] : q;
    check("quantile", "q", shares, "numbers");
    if (shares.length === 0 || !shares.every((share) => share >= 0 && share <= 1))
      throw expected("quantile", "q, or each of a list of them, in [0, 1]", words(`[${listed(shares)}]`));
    const x = isFloat(this.dtype) ? this : this.to("float32");
    const { x: along, n, at, finish } = alongOne<X, Y>("quantile", x, axis, options);
    const sorted = along.sort(at).values;
    const found = shares.map((share) => finish(between<X, Y>(sorted, at, n, share, options?.interpolation)));
    if (typeof q === "number") return found[0];
    // Each in a row of its own among zeros, and the sum of these.
    const rows = found.map((one, i) =>
      one.unsqueeze(0).pad([[i, found.length - 1 - i], ...one.shape.map(() => [0, 0] as const)]),
    );
    return rows.reduce((a, b) => a.add(b as unknown as Y));
  }
}

interface AlongOne<X> {
  readonly x: X;
  readonly n: number;
  readonly at: number;
  /** Takes off the axis, which has size 1 by then. */
  finish(x: X): X;
}

/** What is asked of one axis, or of all elements as one. */
function alongOne<X extends Common<X, Y>, Y>(
  op: string,
  x: X,
  axis: number | undefined,
  { keepDims = false }: ReduceOptions = {},
): AlongOne<X> {
  const all = axis === undefined || x.ndim === 0;
  const at = axis === undefined ? 0 : normalizeAxis(op, axis, x.ndim);
  const y = all ? x.flatten() : x;
  const n = y.shape[all ? 0 : at];
  if (n === 0) throw expected(op, "at least one element to choose from", ofShape(x.shape));
  const finish = (found: X): X => {
    if (!all) return keepDims ? found : found.squeeze(at);
    return found.reshape(keepDims ? x.shape.map(() => 1) : []);
  };
  return { x: y, n, at: all ? 0 : at, finish };
}

/** Entry k of an axis in order; the last where that is NaN, as it is when there is any. */
function pick<X extends Common<X, Y>, Y>(sorted: X, at: number, n: number, k: number): X {
  if (!isFloat(sorted.dtype)) return sorted.narrow(at, k, 1);
  const last = sorted
    .narrow(at, n - 1, 1)
    .isNaN()
    .to("int32");
  return sorted.gather(at, last.mul(n - 1 - k).add(k) as unknown as Y);
}

function between<X extends Common<X, Y>, Y>(
  sorted: X,
  at: number,
  n: number,
  share: number,
  how: QuantileOptions["interpolation"] = "linear",
): X {
  const place = share * (n - 1);
  const low = Math.floor(place);
  const entry = (k: number) => pick<X, Y>(sorted, at, n, k);
  // Halves go to the even neighbour, as everywhere.
  const near = place - low === 0.5 ? low + (low % 2) : Math.round(place);
  if (place === low || how === "lower") return entry(low);
  if (how === "higher") return entry(low + 1);
  if (how === "nearest") return entry(near);
  const weight = how === "midpoint" ? 0.5 : place - low;
  const [a, b] = [entry(low), entry(low + 1)];
  const step = b.sub(a as unknown as Y);
  // From the nearer end.
  return weight < 0.5 ? a.add(step.mul(weight) as unknown as Y) : b.sub(step.mul(1 - weight) as unknown as Y);
}
