import { check } from "../check";
import { expected, ofShape, words } from "../expected";
import { ownShape } from "../given-shape";
import { listed } from "../listed";
import { normalizeAxis, showShape } from "../shape";
import { type Beside, type Common, checkBeside, type Sized } from "./common";

/** Methods that cut and repeat, and those of vectors and matrices. */
export class Pieces<X extends Common<X, Y>, Y extends Beside> {
  /**
   * At most `count` views along an axis, all of one size but the last, which may be smaller; fewer where the size does not
   * allow as many, as PyTorch. `split(x, size)` cuts by size.
   */
  chunk(this: X, count: number, axis = 0): X[] {
    check("chunk", "count", count, "size");
    const n = axisSize("chunk", this, axis);
    const size = Math.max(1, Math.ceil(n / count));
    // Of nothing there are as many pieces as asked for.
    const pieces = n === 0 ? count : Math.ceil(n / size);
    return Array.from({ length: pieces }, (_, i) =>
      this.narrow(axis, i * size && Math.min(i * size, n), Math.min(size, Math.max(0, n - i * size))),
    );
  }

  /** The entries of one axis as views without it: `const [q, k, v] = qkv.unbind(0)`. */
  unbind(this: X, axis = 0): X[] {
    const n = axisSize("unbind", this, axis);
    return Array.from({ length: n }, (_, i) => this.select(axis, i));
  }

  /** The whole array repeated `counts[i]` times along axis i; more counts than axes repeat along new axes in front. */
  repeat(this: X, counts: readonly number[]): X {
    const own = ownShape("repeat", counts);
    if (own.length < this.ndim) {
      const hint = "tile() takes fewer and repeats along the last axes";
      throw expected(
        "repeat",
        `a count for each axis of ${showShape(this.shape)}`,
        words(`[${listed(counts)}]`),
        hint,
      );
    }
    return repeated(this, own);
  }

  /** {@link repeat} where fewer counts are those of the last axes. */
  tile(this: X, counts: readonly number[]): X {
    const own = ownShape("tile", counts);
    return repeated(this, [...new Array<number>(Math.max(0, this.ndim - own.length)).fill(1), ...own]);
  }

  /** out[i, j] = x[i] · b[j] of two vectors. */
  outer(this: X, b: Y): X {
    checkVectors("outer", this, b);
    return this.unsqueeze(1).mul(b.unsqueeze(0) as Y);
  }

  /** Σ x[i] · b[i] of two vectors of one length. Throws where a sum of integers does not fit in int32. */
  dot(this: X, b: Y): X {
    checkVectors("dot", this, b);
    if (this.size !== b.size) throw expected("dot", `a vector of length ${this.size}`, ofShape(b.shape));
    return this.matmul(b);
  }

  /** Σ x[i, i] of a matrix; integers as in {@link sum}. */
  trace(this: X): X {
    if (this.ndim !== 2)
      throw expected("trace", "a matrix", ofShape(this.shape), "x.diagonal().sum(-1) takes any");
    return this.diagonal().sum();
  }

  /** The square matrix with these elements on diagonal `offset` and zeros elsewhere; of a matrix, its diagonal (a view). */
  diag(this: X, offset = 0): X {
    check("diag", "offset", offset, "integer");
    if (this.ndim === 2) return this.diagonal(offset);
    if (this.ndim !== 1)
      throw expected("diag", "a vector or a matrix", ofShape(this.shape), "diagonal() takes any");
    const n = this.size;
    // A column and n columns of zeros, read row by row n at a time: element i stands at i (n + 1).
    const square = this.unsqueeze(1)
      .pad([[0, n]])
      .flatten()
      .narrow(0, 0, n * n)
      .reshape([n, n]);
    const [above, below] = [Math.max(0, offset), Math.max(0, -offset)];
    return offset === 0
      ? square
      : square.pad([
          [below, above],
          [above, below],
        ]);
  }
}

/** The size of an axis that must be there. */
function axisSize(op: string, x: Sized, axis: number): number {
  const at = normalizeAxis(op, axis, x.ndim);
  if (x.ndim === 0) throw expected(op, "an array with an axis", ofShape(x.shape));
  return x.shape[at];
}

function checkVectors(op: string, a: Sized, b: Beside): void {
  checkBeside(op, "the other vector", a, b);
  if (a.ndim !== 1 || b.ndim !== 1)
    throw expected(op, "two vectors", ofShape(a.shape, b.shape), "matmul() takes matrices");
}

/** Each axis n as (count, n), the counts expanded, then merged. */
function repeated<X extends Common<X, never>>(x: X, counts: readonly number[]): X {
  const lead = counts.length - x.ndim;
  const sizes = counts.map((_, axis) => (axis < lead ? 1 : x.shape[axis - lead]));
  const apart = x.reshape(sizes.flatMap((n) => [1, n]));
  const shape = counts.map((count, axis) => count * sizes[axis]);
  return apart
    .expand(sizes.flatMap((n, axis) => [counts[axis], n]))
    .clone()
    .reshape(shape);
}
