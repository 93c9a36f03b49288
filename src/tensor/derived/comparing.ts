import { checkOptions } from "../check";
import type { DType } from "../dtype";
import { broadcastShapes, sameShape } from "../shape";
import { type Beside, type Common, checkBeside, type Sized } from "./common";

export interface CloseOptions {
  /** Allowed error relative to b; 1e-5 unless given. */
  readonly rtol?: number;
  /** Allowed error on top; 1e-8 unless given. */
  readonly atol?: number;
  /** Whether NaN is close to NaN. */
  readonly equalNan?: boolean;
}

export interface NanToNumOptions {
  /** For NaN; 0 unless given. */
  readonly nan?: number;
  /** For ∞ and −∞; the largest and the smallest number of the type unless given. */
  readonly posinf?: number;
  readonly neginf?: number;
}

const largest: Readonly<Record<DType, number>> = {
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
  int32: 0,
  bool: 0,
};

/** Methods that tell whether arrays are the same, and that look after infinities and NaN. */
export class Comparing<X extends Common<X, Y>, Y extends Beside> {
  /** Whether an element is ∞ or −∞; bool. */
  isInf(this: X): X {
    return this.abs().eq(Number.POSITIVE_INFINITY);
  }

  /** Numbers for NaN, ∞ and −∞, with gradient 0 there; integers have none. */
  nanToNum(this: X, options?: NanToNumOptions): X {
    checkOptions("nanToNum", options, "nan: 0", { nan: "number", posinf: "number", neginf: "number" });
    const most = largest[this.dtype];
    const { nan = 0, posinf = most, neginf = -most } = options ?? {};
    if (most === 0) return this.clone();
    return this.maskedFill(this.isNaN() as unknown as Y, nan)
      .maskedFill(this.eq(Number.POSITIVE_INFINITY) as unknown as Y, posinf)
      .maskedFill(this.eq(Number.NEGATIVE_INFINITY) as unknown as Y, neginf);
  }

  /** |a − b| ≤ atol + rtol |b|, element by element, in float64; infinities are close to themselves. bool. */
  isClose(this: X, b: Y | number, options?: CloseOptions): X {
    checkClose("isClose", this, b, options);
    const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options ?? {};
    const exact = (x: Beside) => x.to("float64") as Y;
    const a = this.to("float64");
    const other = typeof b === "number" ? b : exact(b);
    const error = a.sub(other).abs();
    const allowed =
      typeof b === "number" ? atol + rtol * Math.abs(b) : (exact(b).abs().mul(rtol).add(atol) as Y);
    const same = a.eq(other);
    const near = error.le(allowed).logicalAnd(error.isFinite() as unknown as Y);
    const close = same.logicalOr(near as unknown as Y);
    if (!equalNan) return close;
    const holdsNaN = (x: X | Y) => (x as X).isNaN() as unknown as Y;
    if (typeof other === "number") return Number.isNaN(other) ? close.logicalOr(holdsNaN(a)) : close;
    return close.logicalOr(a.isNaN().logicalAnd(holdsNaN(other)) as unknown as Y);
  }

  /** Whether all elements are close, see {@link isClose}. */
  allclose(this: X & Comparing<X, Y>, b: Y | number, options?: CloseOptions): boolean {
    checkClose("allclose", this, b, options);
    return this.isClose(b, options).all().item() !== 0;
  }

  /** Whether the shapes are the same and all elements are equal; NaN equals nothing. `eq` compares element by element. */
  equal(this: X, b: Y): boolean {
    checkBeside("equal", "the other array", this, b);
    return sameShape(this.shape, b.shape) && this.eq(b).all().item() !== 0;
  }
}

function checkClose(op: string, a: Sized, b: Beside | number, options: unknown): void {
  checkOptions(op, options, "rtol: 1e-5", { rtol: "number", atol: "number", equalNan: "boolean" });
  if (typeof b === "number") return;
  checkBeside(op, "the other array", a, b);
  broadcastShapes(op, a.shape, b.shape);
}
