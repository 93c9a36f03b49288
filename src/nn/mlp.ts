import { gelu, quickGelu, relu, silu, type Tensor } from "../autograd";
import { checkOptions, expectedKind } from "../tensor";
import { checkSizes } from "./check";
import { Dropout } from "./dropout";
import { Linear } from "./linear";
import { Module } from "./module";

/** A nonlinearity by name, or a function of your own. "gelu" is exact, GPT-2 uses "geluTanh", CLIP "quickGelu". */
export type Activation = "relu" | "gelu" | "geluTanh" | "quickGelu" | "silu" | ((x: Tensor) => Tensor);

/** The function behind a name. */
export function activation(name: Activation): (x: Tensor) => Tensor {
  if (typeof name === "function") return name;
  switch (name) {
    case "relu":
      return relu;
    case "gelu":
      return (x) => gelu(x);
    case "geluTanh":
      return (x) => gelu(x, { approximate: "tanh" });
    case "quickGelu":
      return quickGelu;
    case "silu":
      return silu;
    default:
      throw expectedKind("activation", '"relu", "gelu", "geluTanh", "quickGelu", "silu" or a function', name);
  }
}

export interface MLPOptions {
  /** Features that come out; as many as go in unless given. */
  readonly outFeatures?: number;
  /** "gelu" unless given. */
  readonly activation?: Activation;
  readonly dropout?: number;
  readonly bias?: boolean;
}

/**
 * output(activation(hidden(x))): every token alone is taken to a wider space, bent, and brought back.
 * (..., inFeatures) → (..., outFeatures). Dropout follows the output.
 */
export class MLP extends Module {
  readonly hidden: Linear;
  readonly output: Linear;
  readonly dropout: Dropout;
  readonly activation: (x: Tensor) => Tensor;
  readonly #name: string;

  constructor(inFeatures: number, hiddenFeatures: number, options: MLPOptions = {}) {
    super();
    checkOptions("MLP", options, 'activation: "relu"');
    const { outFeatures = inFeatures, activation: bend = "gelu", dropout = 0, bias = true } = options;
    checkSizes("MLP", { inFeatures, hiddenFeatures, outFeatures });
    this.hidden = new Linear(inFeatures, hiddenFeatures, { bias });
    this.output = new Linear(hiddenFeatures, outFeatures, { bias });
    this.dropout = new Dropout(dropout);
    this.activation = activation(bend);
    this.#name = typeof bend === "string" ? bend : bend.name || "custom";
  }

  forward(x: Tensor): Tensor {
    return this.dropout.forward(this.output.forward(this.activation(this.hidden.forward(x))));
  }

  override extraRepr(): string {
    return `activation=${this.#name}`;
  }
}
