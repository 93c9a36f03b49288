import { checkTensor, crossEntropy, noGrad, softmax, Tensor, tensor } from "../../autograd";
import {
  array,
  check,
  checkOptions,
  concat,
  dims,
  expected,
  full,
  type NDArray,
  ones,
  words,
} from "../../tensor";
import { cornersOf, overlaps } from "./boxes";

/** Which query answers for which thing: DETR's set loss, which YOLOS uses. Carion et al., "End-to-end object detection with transformers", 2020. */

/** The things in one picture. */
export interface Objects {
  /** (n), int32: which class each is. */
  readonly classes: NDArray;
  /** (n, 4): centre x, centre y, width, height, as parts of the picture's sides. */
  readonly boxes: NDArray;
}

export interface MatchingOptions {
  /** 1 unless given. */
  readonly classCost?: number;
  /** 5 unless given. */
  readonly boxCost?: number;
  /** 2 unless given. */
  readonly giouCost?: number;
}

/**
 * What it costs to let query q answer for thing j, (D, n):
 *
 *     −classCost · p_q(class_j) + boxCost · Σ |box_q − box_j| − giouCost · GIoU(box_q, box_j)
 *
 * logits (D, L + 1), boxes (D, 4) as centre and size.
 */
export function matchingCost(
  logits: Tensor,
  boxes: Tensor,
  objects: Objects,
  options: MatchingOptions = {},
): Tensor {
  const op = "matchingCost";
  checkTensor(op, logits);
  checkTensor(op, boxes);
  checkOptions(op, options, "classCost: 1", { classCost: "number", boxCost: "number", giouCost: "number" });
  const { classCost = 1, boxCost = 5, giouCost = 2 } = options;
  const { D } = dims(op, logits.shape, "D L");
  dims(op, boxes.shape, `${D} 4`);
  checkObjects(op, objects, logits.shape[1] - 1);
  const theirs = tensor(objects.boxes.to(boxes.dtype));
  const [mine, others] = [boxes.unsqueeze(1), theirs.unsqueeze(0)];
  const chance = softmax(logits).indexSelect(1, objects.classes);
  const apart = mine.sub(others).abs().sum(-1);
  const { giou } = overlaps(op, cornersOf(mine), cornersOf(others));
  return chance.mul(-classCost).add(apart.mul(boxCost)).sub(giou.mul(giouCost));
}

/** Throws unless these are objects of that many classes. */
export function checkObjects(op: string, objects: Objects, classes: number): void {
  check(op, "objects", objects, "object");
  check(op, "objects.classes", objects.classes, "array");
  check(op, "objects.boxes", objects.boxes, "array");
  const { n } = dims(op, objects.classes.shape, "n");
  dims(op, objects.boxes.shape, `${n} 4`);
  for (const one of objects.classes.flat())
    if (!(Number.isInteger(one) && one >= 0 && one < classes))
      throw expected(op, `classes 0 … ${classes - 1}`, one);
}

/**
 * Who takes what, so that the costs add up to the least: cost (D, n) → for each of the n columns the row that takes it,
 * (n), int32; −1 for the columns that are left over when there are more of them than rows. What is not a finite number
 * counts as dearer than all that is.
 *
 * The Hungarian algorithm (Kuhn, 1955) by shortest augmenting paths: one by one the members of the smaller side find a
 * partner, and take one from another where he finds a new one cheaply. Prices u and v keep every reduced cost
 * c − u − v ≥ 0. O(n² D), n ≤ D.
 */
export function assign(cost: Tensor | NDArray): NDArray {
  check("assign", "cost", cost, "tensorOrArray");
  const { D, n } = dims("assign", cost.shape, "D n");
  const numbers = Array.from((cost instanceof Tensor ? cost.data : cost).flat());
  const dearest = numbers.reduce((most, c) => (Number.isFinite(c) ? Math.max(most, Math.abs(c)) : most), 1);
  const priceOf = (c: number) => (Number.isFinite(c) ? c : 4 * (D + n) * dearest);
  if (n <= D)
    return array(
      assignRows(n, D, (j, q) => priceOf(numbers[q * n + j])),
      { dtype: "int32" },
    );
  const columns = assignRows(D, n, (q, j) => priceOf(numbers[q * n + j]));
  const taken = Array.from({ length: n }, (_, j) => columns.indexOf(j));
  return array(taken, { dtype: "int32" });
}

/** For each of `rows` rows its column, rows ≤ columns. */
function assignRows(rows: number, columns: number, cost: (row: number, column: number) => number): number[] {
  const u = new Float64Array(rows);
  const v = new Float64Array(columns);
  const rowOf = new Int32Array(columns).fill(-1);
  for (let start = 0; start < rows; start++) {
    const distance = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    const from = new Int32Array(columns).fill(-1); // the column before it on the shortest way; −1: the start
    const done = new Uint8Array(columns);
    let [row, at, soFar] = [start, -1, 0];
    while (row !== -1) {
      let next = -1;
      for (let column = 0; column < columns; column++) {
        if (done[column]) continue;
        const way = soFar + cost(row, column) - u[row] - v[column];
        if (way < distance[column]) [distance[column], from[column]] = [way, at];
        if (next === -1 || distance[column] < distance[next]) next = column;
      }
      [at, soFar] = [next, distance[next]];
      done[at] = 1;
      row = rowOf[at];
    }
    u[start] += soFar;
    for (let column = 0; column < columns; column++) {
      if (!done[column]) continue;
      v[column] -= soFar - distance[column];
      if (rowOf[column] !== -1) u[rowOf[column]] += soFar - distance[column];
    }
    for (; from[at] !== -1; at = from[at]) rowOf[at] = rowOf[from[at]];
    rowOf[at] = start;
  }
  const columnOf = new Array<number>(rows).fill(-1);
  rowOf.forEach((row, column) => {
    if (row !== -1) columnOf[row] = column;
  });
  return columnOf;
}

export interface DetectionLossOptions extends MatchingOptions {
  /** Of the L1 distance of matched boxes, 5. */
  readonly boxWeight?: number;
  /** Of 1 − GIoU of matched boxes, 2. */
  readonly giouWeight?: number;
  /** Of a query that no thing was given to, in the mean over all queries, 0.1. */
  readonly nothingWeight?: number;
}

export interface DetectionLoss {
  /** classes + boxWeight · boxes + giouWeight · giou */
  readonly loss: Tensor;
  /** Cross-entropy of every query's class, the last class for those that nothing was given to. */
  readonly classes: Tensor;
  /** Σ |box − its thing's box| / things in the batch. */
  readonly boxes: Tensor;
  /** Σ (1 − GIoU) / things in the batch. */
  readonly giou: Tensor;
  /** Of every picture, (n): which query each thing was given to. */
  readonly matches: readonly NDArray[];
}

/**
 * The loss of a set of answers: every thing is given to one query, the cheapest way ({@link assign} of
 * {@link matchingCost}); these learn its class and its box, all others learn to say "nothing".
 * logits (B, D, L + 1), boxes (B, D, 4) as centre and size, `objects` of each of the B pictures.
 */
export function detectionLoss(
  logits: Tensor,
  boxes: Tensor,
  objects: readonly Objects[],
  options: DetectionLossOptions = {},
): DetectionLoss {
  const op = "detectionLoss";
  checkTensor(op, logits);
  checkTensor(op, boxes);
  check(op, "objects", objects, "objects");
  checkOptions(op, options, "nothingWeight: 0.1", {
    ...{ classCost: "number", boxCost: "number", giouCost: "number" },
    ...{ boxWeight: "number", giouWeight: "number", nothingWeight: "number" },
  });
  const { boxWeight = 5, giouWeight = 2, nothingWeight = 0.1, ...costs } = options;
  const { B, D, L } = dims(op, logits.shape, "B D L");
  dims(op, boxes.shape, `${B} ${D} 4`);
  if (objects.length !== B)
    throw expected(op, `the objects of each of the ${B} pictures`, words(`a list of ${objects.length}`));
  const matches = objects.map((one, b) =>
    noGrad(() => assign(matchingCost(logits.select(0, b), boxes.select(0, b), one, costs))),
  );
  const nothing = L - 1;
  const targets = full([B, D], nothing, { dtype: "int32" });
  const places: number[] = [];
  const wanted: NDArray[] = [];
  for (const [b, one] of objects.entries()) {
    const classes = one.classes.flat();
    const kept: number[] = [];
    matches[b].flat().forEach((query, j) => {
      if (query === -1) return;
      targets.set([b, query], classes[j]);
      places.push(b * D + query);
      kept.push(j);
    });
    wanted.push(one.boxes.indexSelect(0, array(kept, { dtype: "int32" })));
  }
  const weight = ones([L]);
  weight.set([nothing], nothingWeight);
  const classLoss = crossEntropy(logits.flatten(0, 1), targets.flatten(), { weight });
  const things = objects.reduce((sum, one) => sum + one.classes.size, 0);
  const count = Math.max(things, 1);
  const mine = boxes.flatten(0, 1).indexSelect(0, array(places, { dtype: "int32" }));
  const theirs = tensor(concat(wanted, 0).to(boxes.dtype));
  const boxLoss = mine.sub(theirs).abs().sum().div(count);
  const { giou } = overlaps(op, cornersOf(mine), cornersOf(theirs));
  const giouLoss = giou.neg().add(1).sum().div(count);
  const loss = classLoss.add(boxLoss.mul(boxWeight)).add(giouLoss.mul(giouWeight));
  return { loss, classes: classLoss, boxes: boxLoss, giou: giouLoss, matches };
}
