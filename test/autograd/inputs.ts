import type { Tensor } from "../../src/autograd";
import { gradcheck } from "../../src/autograd";
import { Generator, NDArray } from "../../src/tensor";

/** Seeded float64 inputs, far from the kinks and poles of the operations that they are for. */
export class Inputs {
  readonly #generator = new Generator(7);

  normal(...shape: number[]): NDArray {
    return this.#generator.normal(shape, { dtype: "float64" });
  }
  /** Uniform in [low, high). */
  between(low: number, high: number, ...shape: number[]): NDArray {
    return this.#generator.uniform(shape, { low, high, dtype: "float64" });
  }
  /** Of both signs, at least 0.2 away from 0. */
  nonzero(...shape: number[]): NDArray {
    const x = this.normal(...shape);
    return x.add(x.sign().mul(0.2));
  }
  /** All elements differ by at least 0.1. */
  distinct(...shape: number[]): NDArray {
    const n = shape.reduce((a, b) => a * b, 1);
    return this.#generator
      .permutation(n)
      .to("float64")
      .mul(0.1)
      .sub(n / 20)
      .add(0.03)
      .reshape(shape);
  }
  integers(low: number, high: number, ...shape: number[]): NDArray {
    return this.#generator.integers(shape, { low, high });
  }
  mask(...shape: number[]): NDArray {
    return this.#generator.bernoulli(shape, { p: 0.5 }).to("bool");
  }
}

/** The same elements, laid out in memory with the axes in reverse order. */
export function reversed(x: NDArray): NDArray {
  const axes = x.shape.map((_, axis) => x.ndim - 1 - axis);
  return x.permute(axes).clone().permute(axes);
}

/** The same elements, every second of a longer array, last to first. */
export function spread(x: NDArray): NDArray {
  if (x.ndim === 0) return x;
  const wide = x
    .flip([...x.shape.keys()])
    .unsqueeze(-1)
    .expand([...x.shape, 2])
    .clone()
    .reshape([...x.shape.slice(0, -1), x.shape[x.ndim - 1] * 2]);
  return wide.slice("...", "::2").flip([...x.shape.keys()]);
}

/** gradcheck on inputs as they come, and as views with other strides. */
export function check(
  fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly NDArray[],
): void {
  gradcheck(fn, inputs);
  gradcheck(
    fn,
    inputs.map((x) => (x instanceof NDArray ? reversed(x) : x)),
  );
}
