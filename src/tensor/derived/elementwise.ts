import type { Beside, Common } from "./common";

/** Functions of every element that no device has a kernel for. */
export class Elementwise<X extends Common<X, Y>, Y extends Beside> {
  log2(this: X): X {
    return this.math("log2");
  }
  log10(this: X): X {
    return this.math("log10");
  }
  tan(this: X): X {
    return this.math("tan");
  }
  asin(this: X): X {
    return this.math("asin");
  }
  acos(this: X): X {
    return this.math("acos");
  }
  atan(this: X): X {
    return this.math("atan");
  }
  sinh(this: X): X {
    return this.math("sinh");
  }
  cosh(this: X): X {
    return this.math("cosh");
  }
  /** The whole part: the fraction is dropped, towards 0. */
  trunc(this: X): X {
    return this.math("trunc");
  }
  /** The angle of the point (b, x) against the first axis, in (−π, π]: `y.atan2(x)`. */
  atan2(this: X, b: Y | number): X {
    return this.math2("atan2", b);
  }
  /** a − b trunc(a / b): the sign of a, as C's %; {@link remainder} has that of b. */
  fmod(this: X, b: Y | number): X {
    return this.math2("fmod", b);
  }
  /** log(eᵃ + eᵇ), without overflow. */
  logaddexp(this: X, b: Y | number): X {
    return this.math2("logaddexp", b);
  }
}
