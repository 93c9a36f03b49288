import { check, checkOptions } from "../check";
import { isFloat } from "../dtype";
import { expected, expectedKind, ofShape } from "../expected";
import type { NDArray } from "../ndarray";
import { checkedIndices, outside } from "../ops/indexing";
import type { SliceSpec } from "../ops/views";
import { broadcastShapes, normalizeAxis, type Shape, sameShape, showShape, sizeOf } from "../shape";
import { type Beside, type Common, checkBeside, plainOf, type Sized } from "./common";

export interface IndexAddOptions {
  /** Factor of what is added. */
  readonly alpha?: number;
}

export interface IndexPutOptions {
  /** Add to what is there, repeated places several times, instead of replacing it. */
  readonly accumulate?: boolean;
}

/** Methods that pick elements by masks and indices, and put elements there. */
export class Picking<X extends Common<X, Y>, Y extends Beside> {
  /** The elements where the bool `mask` (broadcast) is true, in row-major order: one axis. */
  maskedSelect(this: X, mask: Y): X {
    checkMask("maskedSelect", this, mask);
    const shape = broadcastShapes("maskedSelect", this.shape, mask.shape);
    return this.expand(shape)
      .flatten()
      .indexSelect(0, placesOf(mask.expand(shape)));
  }

  /**
   * out[i, j] = x[i, index[i, j]] for axis 1, and so on, as {@link gather}, but x and `index` broadcast along the other
   * axes: `x.takeAlongDim(x.argsort(1), 1)`. Without an axis both are flattened.
   */
  takeAlongDim(this: X, index: Y, axis?: number): X {
    checkBeside("takeAlongDim", "index", this, index);
    if (axis === undefined) return this.flatten().gather(0, index.flatten() as Y);
    const at = normalizeAxis("takeAlongDim", axis, this.ndim);
    if (index.ndim !== this.ndim) {
      const what = `an index with the ${this.ndim} axes of ${showShape(this.shape)}`;
      throw expected(
        "takeAlongDim",
        what,
        ofShape(index.shape),
        "unsqueeze() adds axes of size 1, which broadcast",
      );
    }
    const sized = (shape: Shape, n: number) => shape.map((size, i) => (i === at ? n : size));
    const shape = broadcastShapes("takeAlongDim", sized(this.shape, 1), sized(index.shape, 1));
    const places = index.expand(sized(shape, index.shape[at] ?? 1)) as Y;
    return this.expand(sized(shape, this.shape[at] ?? 1)).gather(at, places);
  }

  /**
   * A copy with out[index[i]] += alpha · source[i] along `axis`: `index` is a list, and `source` has the shape of x but for
   * that axis. Repeated indices add up; integers as in {@link scatterAdd}.
   */
  indexAdd(this: X, axis: number, index: Y, source: Y, options?: IndexAddOptions): X {
    checkBeside("indexAdd", "index", this, index);
    checkBeside("indexAdd", "source", this, source);
    checkOptions("indexAdd", options, "alpha: 2", { alpha: "number" });
    const alpha = options?.alpha ?? 1;
    const at = normalizeAxis("indexAdd", axis, this.ndim);
    const shape = this.shape.map((n, i) => (i === at ? index.size : n));
    if (this.ndim === 0 || index.ndim > 1 || !sameShape(source.shape, shape)) {
      const what = `a list as index, and a source of shape ${showShape(shape)} for it`;
      throw expected("indexAdd", what, ofShape(index.shape, source.shape));
    }
    if (!isFloat(this.dtype) && !Number.isInteger(alpha)) {
      throw expected(
        "indexAdd",
        `a whole number as alpha for ${this.dtype}`,
        alpha,
        'floats take it: to("float32")',
      );
    }
    checkedIndices("indexAdd", plainOf(index), this.shape[at]);
    const places = index.reshape(shape.map((n, i) => (i === at ? n : 1))).expand(shape) as Y;
    return this.scatterAdd(at, places, alpha === 1 ? source : (source.mul(alpha) as Y));
  }

  /**
   * A copy with out[i, j, …] = values for the indices i, j, … of the first axes, which broadcast to one shape; `values`
   * broadcasts to that shape and the axes that are left; −1 is the last place. A bool mask stands for the places where it is true:
   * `x.indexPut([x.lt(0)], 0)`. Where a place comes twice, the last counts, or with `accumulate` all of them.
   */
  indexPut(this: X, indices: readonly Y[], values: Y | number, options?: IndexPutOptions): X {
    checkOptions("indexPut", options, "accumulate: true", { accumulate: "boolean" });
    if (typeof values !== "number") checkBeside("indexPut", "values", this, values);
    const { axes, places } = placesIn(this, indices);
    const inner = this.shape.slice(axes);
    const width = sizeOf(inner);
    const rows = this.reshape([sizeOf(this.shape.slice(0, axes)), width]);
    const at = places.reshape([places.size, 1]).expand([places.size, width]);
    const adds = options?.accumulate ?? false;
    if (typeof values === "number" && !adds) return rows.scatter(0, asY<Y>(at), values).reshape(this.shape);
    const list: Beside = typeof values === "number" ? at.to(this.dtype).mul(0).add(values) : values;
    const shape = [...places.shape, ...inner];
    const spread = typeof values === "number" ? list : list.expand(shape).reshape([places.size, width]);
    const put = adds ? rows.scatterAdd(0, asY<Y>(at), spread as Y) : rows.scatter(0, asY<Y>(at), spread as Y);
    return put.reshape(this.shape);
  }
}

/** A plain array may stand beside both classes. */
const asY = <Y>(x: NDArray): Y => x as unknown as Y;

/** The positions of what is true, in row-major order. */
const placesOf = <Y extends Beside>(mask: Beside): Y => mask.flatten().nonzero().flatten() as Y;

function checkMask(op: string, self: object, mask: Beside): void {
  checkBeside(op, "mask", self, mask);
  if (mask.dtype === "bool") return;
  throw expectedKind(
    op,
    "a bool mask",
    mask,
    "compare first, for example mask.ne(0); indexSelect() and gather() pick by indices",
  );
}

/** How many leading axes the indices are for, and where in these axes, flattened, they point. */
function placesIn(x: Sized, indices: readonly Beside[]): { axes: number; places: NDArray } {
  check(
    "indexPut",
    "indices",
    indices,
    "list",
    "one for each of the first axes: indexPut([rows, columns], values)",
  );
  const list: NDArray[] = [];
  for (const index of indices) {
    checkBeside("indexPut", "an index", x, index);
    const plain = plainOf(index);
    if (plain.dtype !== "bool") {
      list.push(plain);
      continue;
    }
    const covered = x.shape.slice(list.length, list.length + plain.ndim);
    if (plain.ndim === 0 || !sameShape(plain.shape, covered))
      throw expected("indexPut", `a mask of shape ${showShape(covered)}`, ofShape(plain.shape));
    const places = plain.nonzero();
    for (let axis = 0; axis < plain.ndim; axis++) list.push(places.select(1, axis));
  }
  if (list.length === 0 || list.length > x.ndim)
    throw expected("indexPut", `indices for 1 to ${x.ndim} axes of ${showShape(x.shape)}`, list.length);
  let places: NDArray | null = null;
  list.forEach((index, axis) => {
    const n = x.shape[axis];
    const hasNegative = outside(checkedIndices("indexPut", index, n, -n), n) >= 0;
    const given = index.to("int32");
    const whole = hasNegative ? given.add(given.lt(0).mul(n)) : given;
    places = places ? places.mul(n).add(whole) : whole;
  });
  return { axes: list.length, places: places as unknown as NDArray };
}

/** `slice` where one of the specs, number `at`, is a bool mask over as many axes as it has: these become one. */
export function sliceByMask<X extends Common<X, Y> & { slice(...specs: SliceSpec[]): X }, Y extends Beside>(
  x: X,
  specs: readonly (SliceSpec | Y)[],
  at: number,
): X {
  const mask = specs[at] as Y;
  checkMask("slice", x, mask);
  const others = specs.filter((_, i) => i !== at) as SliceSpec[];
  if (others.some((spec) => typeof spec === "object"))
    throw expected("slice", "one mask at most", specs.length, "combine masks with logicalAnd()");
  const whole = new Array<SliceSpec>(mask.ndim).fill(":");
  const y = x.slice(...others.slice(0, at), ...whole, ...others.slice(at));
  const named = others.filter((spec) => spec !== "...").length + mask.ndim;
  let first = 0;
  for (const spec of others.slice(0, at)) {
    if (spec === "...") first += x.ndim - named;
    else if (typeof spec === "string") first++;
  }
  const covered = y.shape.slice(first, first + mask.ndim);
  if (mask.ndim === 0 || !sameShape(mask.shape, covered))
    throw expected("slice", `a mask of shape ${showShape(covered)} at place ${at}`, ofShape(mask.shape));
  const merged = [...y.shape.slice(0, first), mask.size, ...y.shape.slice(first + mask.ndim)];
  return y.reshape(merged).indexSelect(first, placesOf(mask));
}
