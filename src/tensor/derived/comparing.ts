import { type CloseOptions, checkCloseness } from "../ops/elementwise";
import { broadcastShapes, sameShape } from "../shape";
import { type Beside, type Common, checkBeside } from "./common";

/** Methods that tell whether arrays are the same. */
export class Comparing<X extends Common<X, Y>, Y extends Beside> {
  /** Whether an element is ∞ or −∞; bool. */
  isInf(this: X): X {
    return this.abs().eq(Number.POSITIVE_INFINITY);
  }

  /** Whether all elements are close, see {@link isClose}. */
  allclose(this: X, b: Y | number, options?: CloseOptions): boolean {
    checkCloseness("allclose", options);
    if (typeof b !== "number") {
      checkBeside("allclose", "the other array", this, b);
      broadcastShapes("allclose", this.shape, b.shape);
    }
    return this.isClose(b, options).all().item() !== 0;
  }

  /** Whether the shapes are the same and all elements are equal; NaN equals nothing. `eq` compares element by element. */
  equal(this: X, b: Y): boolean {
    checkBeside("equal", "the other array", this, b);
    return sameShape(this.shape, b.shape) && this.eq(b).all().item() !== 0;
  }
}
