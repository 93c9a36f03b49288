import { zeros } from "../create";
import { kernels } from "../device";
import { expected, words } from "../expected";
import { elements, type NDArray } from "../ndarray";
import { type Shape, sameShape, showPosition, showShape } from "../shape";
import { floats, unwritten } from "./arrays";

/** Rows of logits or log-probabilities (…, C) against one class each; class −1 means none, and costs nothing. */

interface Saved {
  readonly x: NDArray;
  readonly classes: Int32Array;
  /** Of every row, apart: their sum would lose the digits of large logits. */
  readonly max: NDArray;
  readonly logSum: NDArray;
}

/** −log softmax(x)_class of every row of logits: one kernel, in which no probability is stored. */
export function crossEntropyRows(x: NDArray, classes: Int32Array): [loss: NDArray, saved: Saved] {
  const lead = x.shape.slice(0, -1);
  const [loss, max, logSum] = [lead, lead, lead].map((shape) => unwritten(x.dtype, shape));
  kernels().crossEntropy(floats(x), classes, floats(loss), floats(max), floats(logSum), x.shape[x.ndim - 1]);
  return [loss, { x, classes, max, logSum }];
}

/** x̄ = g (softmax(x) − [c = class]) */
export function crossEntropyRowsBackward(g: NDArray, { x, classes, max, logSum }: Saved): NDArray {
  const gx = unwritten(x.dtype, x.shape);
  kernels().crossEntropyBackward(
    floats(x),
    classes,
    floats(max),
    floats(logSum),
    floats(g),
    floats(gx),
    x.shape[x.ndim - 1],
  );
  return gx;
}

/** −Σ_c w_c q_c x_c of every row of log-probabilities, with q = (1 − smoothing) [c = class] + smoothing / C. */
export function classLoss(
  logp: NDArray,
  classes: Int32Array,
  weight: NDArray | null,
  smoothing: number,
): NDArray {
  const C = logp.shape[logp.ndim - 1];
  const [values, weights] = [elements(logp), weight && elements(weight)];
  const loss = zeros(logp.shape.slice(0, -1), { dtype: logp.dtype });
  const [hit, spread] = [1 - smoothing, smoothing / C];
  for (let r = 0; r < classes.length; r++) {
    const t = classes[r];
    if (t < 0) continue;
    let sum = hit * (weights ? weights[t] : 1) * values[r * C + t];
    if (spread > 0) {
      for (let c = 0; c < C; c++) sum += spread * (weights ? weights[c] : 1) * values[r * C + c];
    }
    loss.data[r] = -sum;
  }
  return loss;
}

/** −g w ⊙ q, with respect to log-probabilities of that shape; see {@link classLoss}. */
export function classLossBackward(
  g: NDArray,
  shape: Shape,
  classes: Int32Array,
  weight: NDArray | null,
  smoothing: number,
): NDArray {
  const C = shape[shape.length - 1];
  const out = zeros(shape, { dtype: g.dtype });
  const { data } = out;
  const [given, weights] = [elements(g), weight && elements(weight)];
  const [hit, spread] = [1 - smoothing, smoothing / C];
  for (let r = 0; r < classes.length; r++) {
    const t = classes[r];
    if (t < 0) continue;
    if (spread > 0) {
      for (let c = 0; c < C; c++) data[r * C + c] = -given[r] * spread * (weights ? weights[c] : 1);
    }
    data[r * C + t] -= given[r] * hit * (weights ? weights[t] : 1);
  }
  return out;
}

/** How much the classes weigh together, for the mean. */
export function totalWeight(classes: Int32Array, weight: NDArray | null): number {
  const weights = weight && elements(weight);
  let total = 0;
  for (const t of classes) if (t >= 0) total += weights ? weights[t] : 1;
  return total;
}

/** Targets beside logits whose classes stand on `axis`, as checked classes in row-major order: −1 where ignored. */
export function classIndices(
  op: string,
  targets: NDArray,
  shape: Shape,
  axis: number,
  ignoreIndex: number,
): Int32Array {
  const lead = shape.filter((_, i) => i !== axis);
  const C = shape[axis];
  if (!sameShape(targets.shape, lead)) {
    const what = `targets of shape ${showShape(lead)} for logits ${showShape(shape)} (classes on axis ${axis})`;
    const isTable = sameShape(targets.shape, shape);
    const hint = isTable ? `probabilities must be float, not ${targets.dtype}` : undefined;
    throw expected(op, what, words(showShape(targets.shape)), hint);
  }
  const given = elements(targets);
  const classes = new Int32Array(given.length);
  for (let i = 0; i < given.length; i++) {
    const t = given[i];
    if (t === ignoreIndex) classes[i] = -1;
    else if (t >= 0 && t < C && Number.isInteger(t)) classes[i] = t;
    else {
      throw expected(
        op,
        `classes in [0, ${C - 1}] or ignoreIndex ${ignoreIndex}`,
        words(`${t} at position ${showPosition(i, lead)}`),
      );
    }
  }
  return classes;
}
