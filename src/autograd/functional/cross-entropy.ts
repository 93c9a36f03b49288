import {
  checkArray,
  checkOptions,
  classIndices,
  classLoss,
  classLossBackward,
  crossEntropyRows,
  crossEntropyRowsBackward,
  expected,
  isFloat,
  logSoftmaxBackward,
  type NDArray,
  sameShape,
  showShape,
  totalWeight,
  words,
} from "../../tensor";
import { record } from "../record";
import { arrayOf, checkTensor, lift, type Tensor } from "../tensor";
import { type LossOptions, reduceLoss } from "./loss";
import { logSoftmax } from "./softmax";

export interface ClassLossOptions extends LossOptions {
  /** Factor of each class, (C). */
  readonly weight?: Tensor | NDArray;
  /** Targets of this value cost nothing and do not count in the mean. */
  readonly ignoreIndex?: number;
}

export interface CrossEntropyOptions extends ClassLossOptions {
  /** ε: the target becomes (1 − ε) · target + ε / C (Szegedy et al., 2016). */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of logits (N, C, …), (N, C) or (C) against classes (N, …), (N) or (), or against probabilities
 * of the logits' shape:
 *
 *     loss = −Σ_c q_c log softmax(x)_c,  q = class weight ⊙ ((1 − ε) target + ε / C),  x̄ = softmax(x) Σ q − q
 *
 * As PyTorch: the mean over classes is weighted (Σ loss / Σ weight of the targets) and NaN when every target is
 * ignored; the mean over probabilities divides by the number of rows.
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor | NDArray,
  options: CrossEntropyOptions = {},
): Tensor {
  const axis = classAxis("crossEntropy", logits, targets, options);
  const { weight, ignoreIndex = -100, labelSmoothing = 0, reduction = "mean" } = options;
  const w = classWeights("crossEntropy", logits, axis, weight);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw expected("crossEntropy", "labelSmoothing in [0, 1]", labelSmoothing);
  }
  if (sameShape(logits.shape, targets.shape) && targets.dtype.startsWith("float")) {
    const C = logits.shape[axis];
    const given = lift(targets, logits).to(logits.dtype);
    const q = labelSmoothing === 0 ? given : given.mul(1 - labelSmoothing).add(labelSmoothing / C);
    const scaled = w ? q.mul(w.reshape(logits.shape.map((n, i) => (i === axis ? n : 1)))) : q;
    return reduceLoss("crossEntropy", logSoftmax(logits, axis).mul(scaled).sum(axis).neg(), reduction);
  }
  const classes = classIndices("crossEntropy", arrayOf(targets), logits.shape, axis, ignoreIndex);
  const losses = record(
    "crossEntropy",
    [logits],
    (x) => {
      const rows = classesLast(x, axis);
      if (!w && labelSmoothing === 0 && isFloat(x.dtype)) {
        const [loss, saved] = crossEntropyRows(rows, classes);
        return [loss, (g) => [classesBack(crossEntropyRowsBackward(g, saved), axis)]];
      }
      const logp = rows.logSoftmax(-1);
      return [
        classLoss(logp, classes, w, labelSmoothing),
        (g) => {
          const gLogp = classLossBackward(g, logp.shape, classes, w, labelSmoothing);
          return [classesBack(logSoftmaxBackward(logp, gLogp), axis)];
        },
      ];
    },
    { keepsGrads: false },
  );
  return reduceClasses("crossEntropy", losses, classes, w, reduction);
}

/** −weight · x at the target class, for log-probabilities x; shapes, mean and ignored targets as {@link crossEntropy}. */
export function nllLoss(x: Tensor, targets: Tensor | NDArray, options: ClassLossOptions = {}): Tensor {
  const axis = classAxis("nllLoss", x, targets, options);
  const { weight, ignoreIndex = -100, reduction = "mean" } = options;
  const w = classWeights("nllLoss", x, axis, weight);
  const classes = classIndices("nllLoss", arrayOf(targets), x.shape, axis, ignoreIndex);
  const losses = record(
    "nllLoss",
    [x],
    (x) => {
      const logp = classesLast(x, axis);
      return [
        classLoss(logp, classes, w, 0),
        (g) => [classesBack(classLossBackward(g, logp.shape, classes, w, 0), axis)],
      ];
    },
    { keepsGrads: false },
  );
  return reduceClasses("nllLoss", losses, classes, w, reduction);
}

function reduceClasses(
  op: string,
  losses: Tensor,
  classes: Int32Array,
  w: NDArray | null,
  reduction: LossOptions["reduction"] = "mean",
): Tensor {
  if (reduction !== "mean") return reduceLoss(op, losses, reduction);
  return losses.sum().div(totalWeight(classes, w));
}

const optionKinds = {
  weight: "any",
  ignoreIndex: "number",
  labelSmoothing: "number",
  reduction: ["mean", "sum", "none"],
} as const;

/** A look at what was given, and the axis on which the classes stand. */
function classAxis(op: string, x: Tensor, targets: Tensor | NDArray, options: ClassLossOptions): number {
  checkTensor(op, x);
  checkArray(op, arrayOf(targets));
  checkOptions(op, options, 'reduction: "sum"', optionKinds);
  if (x.ndim === 0) throw expected(op, "logits (N, C, …) or (C)", words("shape ()"));
  return x.ndim === 1 ? 0 : 1;
}

function classWeights(
  op: string,
  x: Tensor,
  axis: number,
  weight: Tensor | NDArray | undefined,
): NDArray | null {
  if (!weight) return null;
  checkArray(`${op}: weight`, arrayOf(weight));
  if (sameShape(weight.shape, [x.shape[axis]])) return arrayOf(weight).to(x.dtype);
  throw expected(op, `one weight per class, ${showShape([x.shape[axis]])}`, words(showShape(weight.shape)));
}

/** (N, C, …) → (N, …, C), row-major. */
const classesLast = (x: NDArray, axis: number): NDArray => {
  if (axis === x.ndim - 1) return x.contiguous();
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
  return x.permute([...others, axis]).contiguous();
};

/** (N, …, C) → (N, C, …) */
const classesBack = (x: NDArray, axis: number): NDArray => {
  if (axis === x.ndim - 1) return x;
  const order = x.shape.map((_, i) => i).slice(0, -1);
  order.splice(axis, 0, x.ndim - 1);
  return x.permute(order);
};
