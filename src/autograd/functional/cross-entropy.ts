import {
  checkArray,
  checkOptions,
  elements,
  type Floats,
  fromStorage,
  isFloat,
  kernels,
  type NDArray,
  type Shape,
  sameShape,
  showPosition,
  showShape,
  zeros,
} from "../../tensor";
import { rowsBackward } from "../rules";
import { arrayOf, checkTensor, lift, record, type Tensor } from "../tensor";
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
    throw new RangeError(`crossEntropy: expected labelSmoothing in [0, 1], got ${labelSmoothing}`);
  }
  if (sameShape(logits.shape, targets.shape) && targets.dtype.startsWith("float")) {
    const C = logits.shape[axis];
    const given = lift(targets, logits).to(logits.dtype);
    const q = labelSmoothing === 0 ? given : given.mul(1 - labelSmoothing).add(labelSmoothing / C);
    const scaled = w ? q.mul(w.reshape(logits.shape.map((n, i) => (i === axis ? n : 1)))) : q;
    return reduceLoss("crossEntropy", logSoftmax(logits, axis).mul(scaled).sum(axis).neg(), reduction);
  }
  const classes = classIndices("crossEntropy", targets, logits.shape, axis, ignoreIndex);
  const losses = record(
    "crossEntropy",
    [logits],
    (x) => {
      if (!w && labelSmoothing === 0 && isFloat(x.dtype))
        return rowsKernel(classesLast(x, axis), classes, axis);
      const { loss, pullback } = rowsAgainst(classesLast(x, axis).logSoftmax(-1), classes, w, labelSmoothing);
      return [loss, (g) => [classesBack(pullback(g), axis)]];
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
  const classes = classIndices("nllLoss", targets, x.shape, axis, ignoreIndex);
  const losses = record(
    "nllLoss",
    [x],
    (x) => {
      const { loss, upstream } = rowsAgainst(classesLast(x, axis), classes, w, 0);
      return [loss, (g) => [classesBack(upstream(g), axis)]];
    },
    { keepsGrads: false },
  );
  return reduceClasses("nllLoss", losses, classes, w, reduction);
}

/** The loss of every row of logits (…, C) against one class each: one kernel, in which no probability is stored. */
function rowsKernel(
  x: NDArray,
  classes: Int32Array,
  axis: number,
): readonly [NDArray, (g: NDArray) => [NDArray]] {
  const C = x.shape[x.ndim - 1];
  const empty = (n: number) => kernels().empty(x.dtype, n) as Floats;
  const [loss, max, logSum] = [empty(classes.length), empty(classes.length), empty(classes.length)];
  kernels().crossEntropy(elements(x) as Floats, classes, loss, max, logSum, C);
  return [
    fromStorage(loss, x.shape.slice(0, -1)),
    (g) => {
      const gx = empty(x.size);
      const logits = elements(x) as Floats;
      kernels().crossEntropyBackward(logits, classes, max, logSum, elements(g) as Floats, gx, C);
      return [classesBack(fromStorage(gx, x.shape), axis)];
    },
  ];
}

/**
 * The loss of every row of log-probabilities (…, C) against one class each, its gradient with respect to them
 * (`upstream`), and with respect to the logits under them (`pullback`).
 */
function rowsAgainst(logp: NDArray, classes: Int32Array, w: NDArray | null, smoothing: number) {
  const C = logp.shape[logp.ndim - 1];
  const values = elements(logp);
  const weights = w && elements(w);
  const dtype = logp.dtype;
  const loss = zeros(logp.shape.slice(0, -1), { dtype });
  const hit = 1 - smoothing;
  const spread = smoothing / C;
  classes.forEach((t, r) => {
    if (t < 0) return;
    let sum = hit * (weights ? weights[t] : 1) * values[r * C + t];
    if (spread > 0) {
      for (let c = 0; c < C; c++) sum += spread * (weights ? weights[c] : 1) * values[r * C + c];
    }
    loss.data[r] = -sum;
  });
  const upstream = (g: NDArray): NDArray => {
    const out = zeros(logp.shape, { dtype });
    const given = elements(g);
    const weights = w && elements(w);
    classes.forEach((t, r) => {
      if (t < 0) return;
      if (spread > 0) {
        for (let c = 0; c < C; c++) out.data[r * C + c] = -given[r] * spread * (weights ? weights[c] : 1);
      }
      out.data[r * C + t] -= given[r] * hit * (weights ? weights[t] : 1);
    });
    return out;
  };
  return { loss, upstream, pullback: (g: NDArray) => rowsBackward("logSoftmaxBackward", logp, upstream(g)) };
}

function reduceClasses(
  op: string,
  losses: Tensor,
  classes: Int32Array,
  w: NDArray | null,
  reduction: LossOptions["reduction"] = "mean",
): Tensor {
  if (reduction !== "mean") return reduceLoss(op, losses, reduction);
  const weights = w && elements(w);
  let total = 0;
  for (const t of classes) if (t >= 0) total += weights ? weights[t] : 1;
  return losses.sum().div(total);
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
  if (x.ndim === 0) throw new RangeError(`${op}: expected logits (N, C, …) or (C), got shape ()`);
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
  throw new RangeError(
    `${op}: expected one weight per class, ${showShape([x.shape[axis]])}, got ${showShape(weight.shape)}`,
  );
}

/** Targets as checked classes in row-major order, -1 where ignored. */
function classIndices(
  op: string,
  targets: Tensor | NDArray,
  shape: Shape,
  axis: number,
  ignoreIndex: number,
): Int32Array {
  const lead = shape.filter((_, i) => i !== axis);
  const C = shape[axis];
  if (!sameShape(targets.shape, lead)) {
    const hint = sameShape(targets.shape, shape) ? `; probabilities must be float, not ${targets.dtype}` : "";
    throw new RangeError(
      `${op}: expected targets of shape ${showShape(lead)} for logits ${showShape(shape)} (classes on axis ${axis}), got ${showShape(targets.shape)}${hint}`,
    );
  }
  const given = elements(arrayOf(targets));
  const classes = new Int32Array(given.length);
  for (let i = 0; i < given.length; i++) {
    const t = given[i];
    if (t === ignoreIndex) classes[i] = -1;
    else if (t >= 0 && t < C && Number.isInteger(t)) classes[i] = t;
    else {
      throw new RangeError(
        `${op}: expected classes in [0, ${C - 1}] or ignoreIndex ${ignoreIndex}, got ${t} at position ${showPosition(i, lead)}`,
      );
    }
  }
  return classes;
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
