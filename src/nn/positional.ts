import { checkTensor, type Tensor } from "../autograd";
import {
  arange,
  check,
  checkOptions,
  type DType,
  expected,
  type NDArray,
  showShape,
  stack,
  words,
} from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { Module } from "./module";
import { type Parameter, parameter } from "./parameter";

/** Attention sees a set; these add to every token a vector that tells its place. */
export interface PositionOptions {
  /** Place of the first token: in generation, how many the cache holds. */
  readonly offset?: number;
}

/** x + weight[offset … offset + T − 1]: one learned vector per place, N(0, 0.02²) at first. (B, T, C) → (B, T, C). */
export class LearnedPositionalEncoding extends Module {
  readonly weight: Parameter;

  constructor(
    readonly maxLength: number,
    readonly embedDim: number,
  ) {
    super();

    checkSizes("LearnedPositionalEncoding", { maxLength, embedDim });
    this.weight = parameter(init.normal([maxLength, embedDim], { std: 0.02 }));
  }

  forward(x: Tensor, options: PositionOptions = {}): Tensor {
    checkTensor("LearnedPositionalEncoding", x);

    checkOptions("LearnedPositionalEncoding", options, "offset", { offset: "number" });
    const { offset = 0 } = options;

    const T = checkLength("LearnedPositionalEncoding", x, offset, this.maxLength);
    return x.add(this.weight.narrow(0, offset, T));
  }

  override extraRepr(): string {
    return `${this.maxLength}, ${this.embedDim}`;
  }
}

/** x + table[offset … offset + T − 1] with {@link sinusoidalTable}; nothing to learn. (B, T, C) → (B, T, C). */
export class SinusoidalPositionalEncoding extends Module {
  #table: NDArray;

  constructor(
    readonly maxLength: number,
    readonly embedDim: number,
  ) {
    super();
    checkSizes("SinusoidalPositionalEncoding", { maxLength, embedDim });
    this.#table = sinusoidalTable(maxLength, embedDim);
  }

  forward(x: Tensor, options: PositionOptions = {}): Tensor {
    checkTensor("SinusoidalPositionalEncoding", x);

    checkOptions("SinusoidalPositionalEncoding", options, "offset", { offset: "number" });
    const { offset = 0 } = options;

    const T = checkLength("SinusoidalPositionalEncoding", x, offset, this.maxLength);
    if (this.#table.dtype !== x.dtype)
      this.#table = sinusoidalTable(this.maxLength, this.embedDim, { dtype: x.dtype });
    return x.add(this.#table.narrow(0, offset, T));
  }

  override extraRepr(): string {
    return `${this.maxLength}, ${this.embedDim}`;
  }
}

/**
 * (length, dim): column 2i is sin(t / 10000^(2i / dim)), column 2i + 1 the cosine: clocks that turn from fast to slow,
 * so that a shift in time is a rotation. Vaswani et al., "Attention is all you need", 2017.
 */
export function sinusoidalTable(length: number, dim: number, options: { dtype?: DType } = {}): NDArray {
  check("sinusoidalTable", "length", length, "number");
  check("sinusoidalTable", "dim", dim, "number");

  checkOptions("sinusoidalTable", options, "dtype", { dtype: "dtype" });
  const { dtype = "float32" } = options;

  if (dim % 2 !== 0) throw expected("sinusoidalTable", "an even dim", dim);
  const t = arange(0, length, 1, { dtype: "float64" }).unsqueeze(1);
  const speed = arange(0, dim, 2, { dtype: "float64" })
    .mul(-Math.log(10000) / dim)
    .exp();
  const angle = t.mul(speed); // (length, dim / 2)
  return stack([angle.sin(), angle.cos()], -1).reshape([length, dim]).to(dtype);
}

function checkLength(op: string, x: Tensor, offset: number, maxLength: number): number {
  if (x.ndim < 2) throw expected(op, "(…, T, C)", words(showShape(x.shape)));
  const T = x.shape[x.ndim - 2];
  if (offset + T > maxLength) {
    throw expected(
      op,
      `at most maxLength = ${maxLength} tokens`,
      words(`${offset + T}${offset ? ` (${offset} before these)` : ""}`),
    );
  }
  return T;
}
