import {
  addInPlace,
  checkOptions,
  discard,
  expected,
  huber,
  huberSlope,
  isFloat,
  logisticLoss,
  logisticSlope,
  mulInPlace,
  type NDArray,
  sameShape,
  showShape,
  words,
} from "../../tensor";
import type { Grad } from "../backward";
import { record } from "../record";
import { checkTensor, lift, type Operand, type Tensor } from "../tensor";
import { present } from "./shared";

export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  readonly reduction?: Reduction;
}

/** Σ, mean, or nothing. */
export function reduceLoss(op: string, loss: Tensor, reduction: Reduction): Tensor {
  if (reduction === "mean") return loss.mean();
  if (reduction === "sum") return loss.sum();
  if (reduction === "none") return loss;
  throw expected(op, 'reduction "mean", "sum" or "none"', reduction);
}

/** A target as a tensor beside x, of the same shape: broadcasting in a loss is nearly always a mistake. */
export function targetFor(op: string, x: Tensor, target: Operand): Tensor {
  checkTensor(op, x);
  const y = lift(target, x, op);
  if (sameShape(x.shape, y.shape)) return y;
  throw expected(op, `a target of the input's shape ${showShape(x.shape)}`, words(showShape(y.shape)));
}

/** x − y, each of the same shape. */
const difference = (op: string, x: Tensor, target: Operand): Tensor => {
  const y = targetFor(op, x, target);
  return x.sub(y);
};

const reductionOf = (op: string, options: LossOptions = {}): Reduction => {
  checkOptions(op, options, 'reduction: "sum"');
  return options.reduction ?? "mean";
};

/** (x − y)² */
export const mseLoss = (x: Tensor, target: Operand, options?: LossOptions): Tensor => {
  checkTensor("mseLoss", x);
  checkOptions("mseLoss", options, "reduction", { reduction: ["mean", "sum", "none"] });
  return reduceLoss("mseLoss", difference("mseLoss", x, target).square(), reductionOf("mseLoss", options));
};

/** |x − y| */
export const l1Loss = (x: Tensor, target: Operand, options?: LossOptions): Tensor =>
  reduceLoss("l1Loss", difference("l1Loss", x, target).abs(), reductionOf("l1Loss", options));

/**
 * d²/2 where d = |x − y| ≤ δ, else δ (d − δ/2) (Huber, 1964): c (x − y − c/2) with c, x − y held within ±δ.   x̄ = g · c
 */
export function huberLoss(
  x: Tensor,
  target: Operand,
  options: LossOptions & { delta?: number } = {},
): Tensor {
  checkTensor("huberLoss", x);

  checkOptions("huberLoss", options, "reduction, delta", {
    reduction: ["mean", "sum", "none"],
    delta: "number",
  });
  const { delta = 1, reduction = "mean" } = options;

  const loss = record(
    "huberLoss",
    [x, targetFor("huberLoss", x, target)],
    (x, y) => {
      const areWhole = !isFloat(x.dtype) && !isFloat(y.dtype); // exact in their difference
      const loss = areWhole ? huber(x.sub(y), 0, delta) : huber(x, y, delta);
      const pull = (g: NDArray, from: NDArray, to: NDArray) => {
        const gx = huberSlope(from, to, delta);
        mulInPlace(gx, g);
        return gx;
      };
      return [loss, (g) => [() => pull(g, x, y), () => pull(g, y, x)]];
    },
    { keepsGrads: false },
  );
  return reduceLoss("huberLoss", loss, reduction);
}

/** Huber's loss divided by its threshold: d²/2β where d ≤ β, else d − β/2. */
export function smoothL1Loss(
  x: Tensor,
  target: Operand,
  options: LossOptions & { beta?: number } = {},
): Tensor {
  checkOptions("smoothL1Loss", options, "reduction, beta", {
    reduction: ["mean", "sum", "none"],
    beta: "number",
  });
  const { beta = 1, reduction = "mean" } = options;

  if (beta === 0) return l1Loss(x, target, { reduction });
  return huberLoss(x, target, { delta: beta, reduction }).div(beta);
}

/**
 * Σ y (log y − x), where x holds log-probabilities and y probabilities. `"batchmean"`, the mathematical
 * definition, divides by the first axis; `"mean"`, the default as in PyTorch, by all elements.
 */
export function klDiv(
  x: Tensor,
  target: Operand,
  options: { reduction?: Reduction | "batchmean" } = {},
): Tensor {
  checkOptions("klDiv", options, "reduction", { reduction: ["mean", "sum", "none", "batchmean"] });
  const { reduction = "mean" } = options;

  const y = targetFor("klDiv", x, target);
  const positive = y.data.gt(0).to(y.dtype);
  // y log y → 0 as y → 0
  const entropy = y.mul(y.add(lift(positive.neg().add(1), y)).log());
  const loss = entropy.sub(y.mul(x));
  return reduction === "batchmean" ? loss.sum().div(x.shape[0] ?? 1) : reduceLoss("klDiv", loss, reduction);
}

export interface BinaryLossOptions extends LossOptions {
  /** Factor of each element; broadcasts. */
  readonly weight?: Tensor | NDArray;
}

/**
 * −(y log p + (1 − y) log(1 − p)) for probabilities p.   p̄ = g (p − y) / p (1 − p)
 * As PyTorch: logarithms are held above −100, and the divisor above 10⁻¹².
 */
export function binaryCrossEntropy(p: Tensor, target: Operand, options: BinaryLossOptions = {}): Tensor {
  checkTensor("binaryCrossEntropy", p);

  checkOptions("binaryCrossEntropy", options, "weight, reduction", {
    weight: "tensorOrArray",
    reduction: ["mean", "sum", "none"],
  });
  const { weight, reduction = "mean" } = options;

  if (!p.data.ge(0).logicalAnd(p.data.le(1)).all().item()) {
    const got = words(`elements from ${p.data.min().item()} to ${p.data.max().item()}`);
    const hint = "for logits use binaryCrossEntropyWithLogits";
    throw expected("binaryCrossEntropy", "probabilities in [0, 1]", got, hint);
  }
  const loss = record(
    "binaryCrossEntropy",
    [p, targetFor("binaryCrossEntropy", p, target)],
    (p, y) => {
      const logYes = p.log().maximum(-100);
      const logNo = p.neg().log1p().maximum(-100);
      return [
        y.mul(logYes).add(y.neg().add(1).mul(logNo)).neg(),
        (g) => [
          () => g.mul(p.sub(y)).div(p.mul(p.neg().add(1)).maximum(1e-12)),
          () => g.mul(logNo.sub(logYes)),
        ],
      ];
    },
    { keepsGrads: false },
  );
  return reduceLoss("binaryCrossEntropy", weight ? loss.mul(weight) : loss, reduction);
}

/**
 * −(w⁺ y log σ(x) + (1 − y) log(1 − σ(x))) for logits x, in the form that neither overflows nor cancels:
 *
 *     (1 − y) softplus(x) + w⁺ y softplus(−x)
 *     x̄ = g ((1 − y) σ(x) − w⁺ y σ(−x))
 *
 * `posWeight` w⁺ broadcasts.
 */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Operand,
  options: BinaryLossOptions & { posWeight?: Tensor | NDArray } = {},
): Tensor {
  checkOptions("binaryCrossEntropyWithLogits", options, "weight, reduction", {
    weight: "tensorOrArray",
    reduction: ["mean", "sum", "none"],
    posWeight: "tensorOrArray",
  });
  const { weight, posWeight, reduction = "mean" } = options;

  const op = "binaryCrossEntropyWithLogits";
  const y = targetFor(op, x, target);
  const w = posWeight && lift(posWeight, x);
  const loss = record(
    op,
    present(x, y, w),
    (x, y, w) => {
      // With w⁺ the two sides are weighed apart; without they go in one pass.
      const weighed = (w: NDArray, ofNo: NDArray, ofYes: NDArray) => {
        mulInPlace(ofNo, y.neg().add(1));
        mulInPlace(ofYes, y.mul(w));
        addInPlace(ofNo, ofYes);
        discard(ofYes);
        return ofNo;
      };
      return [
        w ? weighed(w, x.unary("softplus"), x.neg().unary("softplus")) : logisticLoss(x, y),
        (g) =>
          present<Grad>(
            () => {
              const gx = w ? weighed(w, x.sigmoid(), x.neg().sigmoid().neg()) : logisticSlope(x, y);
              mulInPlace(gx, g);
              return gx;
            },
            () => {
              const costOfYes = x.neg().unary("softplus");
              return g.mul((w ? costOfYes.mul(w) : costOfYes).sub(x.unary("softplus")));
            },
            w && (() => g.mul(y).mul(x.neg().unary("softplus"))),
          ),
      ];
    },
    { keepsGrads: false },
  );
  return reduceLoss(op, weight ? loss.mul(weight) : loss, reduction);
}
