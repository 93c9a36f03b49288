import {
  type ActivationOp,
  activationBackward,
  checkOptions,
  concat,
  expected,
  mulInPlace,
  normalizeAxis,
  prelu as preluOf,
  showShape,
  where,
  words,
} from "../../tensor";
import { record } from "../record";
import { checkTensor, type Tensor } from "../tensor";

/** max(x, 0) */
export const relu = (x: Tensor): Tensor => method("relu", x);

/** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ) */
export const tanh = (x: Tensor): Tensor => method("tanh", x);

/** 1 / (1 + e⁻ˣ) */
export const sigmoid = (x: Tensor): Tensor => method("sigmoid", x);

/** The method of that name as a function, which a Sequential can hold. */
function method(name: "relu" | "tanh" | "sigmoid", x: Tensor): Tensor {
  checkTensor(name, x);
  return x[name]();
}

/** x σ(x), also called swish (Ramachandran et al., 2017).   x̄ = ȳ σ(x) (1 + x (1 − σ(x))) */
export const silu = (x: Tensor): Tensor => activation("silu", "silu", x);

/**
 * x Φ(x), Φ the normal distribution function (Hendrycks & Gimpel, 2016).   x̄ = ȳ (Φ(x) + x φ(x))
 * `approximate: "tanh"` is the form of GPT-2: x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).
 */
export const gelu = (x: Tensor, options: { approximate?: "none" | "tanh" } = {}): Tensor => {
  checkOptions("gelu", options, 'approximate: "tanh"');
  const { approximate = "none" } = options;
  if (approximate !== "none" && approximate !== "tanh") {
    throw expected("gelu", 'approximate "none" or "tanh"', approximate);
  }
  return activation("gelu", approximate === "none" ? "gelu" : "geluTanh", x);
};

/** x σ(1.702 x), the approximation of gelu that CLIP was trained with.   x̄ = ȳ s (1 + 1.702 x (1 − s)), s = σ(1.702 x) */
export const quickGelu = (x: Tensor): Tensor => activation("quickGelu", "quickGelu", x);

/** x where x > 0, else slope · x. */
export const leakyRelu = (x: Tensor, options: { slope?: number } = {}): Tensor => {
  checkOptions("leakyRelu", options, "slope: 0.2", { slope: "number" });
  const { slope = 0.01 } = options;
  return activation("leakyRelu", "leakyRelu", x, slope);
};

/** x where x > 0, else α (eˣ − 1).   x̄ = ȳ where x > 0 (or NaN, as PyTorch), else ȳ α eˣ */
export const elu = (x: Tensor, options: { alpha?: number } = {}): Tensor => {
  checkTensor("elu", x);

  checkOptions("elu", options, "alpha: 1", { alpha: "number" });
  const { alpha = 1 } = options;
  return activation("elu", "elu", x, alpha);
};

/**
 * x where x > 0, else weight · x, with one weight (1) or one for each channel, axis 1 (He et al., 2015).
 * x̄ = ȳ where x > 0, else weight ȳ;  the weight's gradient is Σ ȳ x where not x > 0
 */
export const prelu = (x: Tensor, weight: Tensor): Tensor => {
  checkTensor("prelu", x);
  checkTensor("prelu: weight", weight);
  const channels = x.ndim < 2 ? 1 : x.shape[1];
  if (weight.ndim !== 1 || (weight.size !== 1 && weight.size !== channels)) {
    const what = `a weight ${showShape([1])} or ${showShape([channels])} for x of shape ${showShape(x.shape)}`;
    throw expected("prelu", what, words(`shape ${showShape(weight.shape)}`));
  }
  const along = weight.size === 1 ? weight : weight.reshape(x.shape.map((n, axis) => (axis === 1 ? n : 1)));
  return record(
    "prelu",
    [x, along],
    (x, w) => [
      preluOf(x, w),
      (g) => {
        const positive = x.gt(0);
        return [() => where(positive, g, g.mul(w)), () => where(positive, 0, g.mul(x))];
      },
    ],
    { keepsGrads: false },
  );
};

/** x tanh(log(1 + eˣ)) (Misra, 2019) */
export const mish = (x: Tensor): Tensor => {
  checkTensor("mish", x);
  return activation("mish", "mish", x);
};

/**
 * a ⊙ σ(b), a and b the halves of x along `axis`, whose size must be even (Dauphin et al., 2017).   ā = ȳ ⊙ σ(b),
 * b̄ = ȳ ⊙ a ⊙ σ′(b)
 */
export const glu = (x: Tensor, axis = -1): Tensor => {
  checkTensor("glu", x);
  const along = normalizeAxis("glu", axis, x.ndim);
  const half = x.shape[along] / 2;
  if (!Number.isInteger(half)) {
    throw expected("glu", `an even size along axis ${along}`, words(`shape ${showShape(x.shape)}`));
  }
  return record(
    "glu",
    [x],
    (x) => {
      const [a, b] = [x.narrow(along, 0, half), x.narrow(along, half, half)];
      const y = b.sigmoid();
      mulInPlace(y, a);
      return [y, (g) => [concat([g.mul(b.sigmoid()), activationBackward("sigmoid", b, g.mul(a))], along)]];
    },
    { keepsGrads: false },
  );
};

/** log(1 + eˣ), written so that it neither overflows nor loses small values.   x̄ = ȳ σ(x) */
export const softplus = (x: Tensor): Tensor => activation("softplus", "softplus", x);

/** log σ(x) = −softplus(−x).   x̄ = ȳ σ(−x) */
export const logSigmoid = (x: Tensor): Tensor => {
  checkTensor("logSigmoid", x);
  return record("logSigmoid", [x], (x) => [x.unary("logSigmoid"), (g) => [g.mul(x.neg().sigmoid())]], {
    keepsGrads: false,
  });
};

/** An activation with a kernel for itself and one for its derivative. */
const activation = (name: string, op: ActivationOp, x: Tensor, ...parameters: number[]): Tensor =>
  record(
    name,
    [x],
    (x) => [x.unary(op, ...parameters), (g) => [activationBackward(op, x, g, ...parameters)]],
    { keepsGrads: false },
  );
