import { checkTensor, noGrad, softmax, type Tensor, tensor } from "../../autograd";
import {
  array,
  check,
  checkOptions,
  dims,
  expected,
  type NDArray,
  sameShape,
  showShape,
  words,
} from "../../tensor";
import { boxIoU, cornersOf } from "./boxes";
import { checkObjects, type Objects } from "./matching";

/**
 * Intersection over union of every class, over all pixels together: TP / (TP + FP + FN), (classes), float64; NaN for a
 * class that neither occurs nor is said. answers and targets have one shape, whole numbers.
 */
export function classIoU(answers: NDArray, targets: NDArray, classes: number): NDArray {
  const op = "classIoU";
  check(op, "answers", answers, "array");
  check(op, "targets", targets, "array");
  checkClasses(op, classes);
  if (!sameShape(answers.shape, targets.shape))
    throw expected(
      op,
      `answers of the targets' shape ${showShape(targets.shape)}`,
      words(showShape(answers.shape)),
    );
  const [said, is] = [answers.flat(), targets.flat()];
  const [both, either] = [new Float64Array(classes), new Float64Array(classes)];
  for (let i = 0; i < is.length; i++) {
    for (const one of [said[i], is[i]])
      if (!(Number.isInteger(one) && one >= 0 && one < classes))
        throw expected(op, `classes 0 … ${classes - 1}`, one);
    either[is[i]]++;
    if (said[i] === is[i]) both[is[i]]++;
    else either[said[i]]++;
  }
  return array(both).div(array(either));
}

/** The mean of {@link classIoU} over the classes that occur or are said. */
export function meanIoU(answers: NDArray, targets: NDArray, classes: number): number {
  const known = Array.from(classIoU(answers, targets, classes).flat()).filter((iou) => !Number.isNaN(iou));
  return known.reduce((a, b) => a + b, 0) / known.length;
}

const MOST_CLASSES = 1_000_000;

function checkClasses(op: string, classes: number): void {
  check(op, "classes", classes, "size");
  if (classes > MOST_CLASSES) throw expected(op, `at most ${MOST_CLASSES} classes`, classes);
}

/** What a model found in one picture. */
export interface Found extends Objects {
  /** (n): how sure it is of each. */
  readonly scores: NDArray;
}

/** The answers of all detection tokens, each with its likeliest class (which "nothing" is not): (B, D, L + 1), (B, D, 4). */
export function found(logits: Tensor, boxes: Tensor): Found[] {
  checkTensor("found", logits);
  checkTensor("found", boxes);
  const { B, L } = dims("found", logits.shape, "B D L");
  dims("found", boxes.shape, `${B} ${logits.shape[1]} 4`);
  const chances = noGrad(() => softmax(logits)).data.narrow(-1, 0, L - 1);
  const classes = chances.argmax(-1);
  const scores = chances.max(-1);
  return Array.from({ length: B }, (_, b) => ({
    classes: classes.select(0, b),
    scores: scores.select(0, b),
    boxes: boxes.data.select(0, b),
  }));
}

export interface PrecisionOptions {
  /** The least IoU with which a thing counts as found, 0.5. */
  readonly iou?: number;
}

/**
 * Average precision of every class that occurs, (classes), NaN for the others. All answers of a class are gone through by
 * falling score; each is right if the thing of its class in its picture that it overlaps most, and that no answer has
 * taken, is met with at least `iou`. The result is the area below precision against recall, where precision at a recall is
 * the best at that recall or a higher one, as in VOC 2010 and, but for its 101 points, in COCO.
 */
export function averagePrecision(
  answers: readonly Found[],
  objects: readonly Objects[],
  classes: number,
  options: PrecisionOptions = {},
): NDArray {
  const op = "averagePrecision";
  check(op, "answers", answers, "objects");
  check(op, "objects", objects, "objects");
  checkClasses(op, classes);
  checkOptions(op, options, "iou: 0.5", { iou: "fraction" });
  if (answers.length !== objects.length)
    throw expected(op, `answers for each of the ${objects.length} pictures`, words(`${answers.length}`));
  const { iou = 0.5 } = options;
  for (const one of answers) {
    checkObjects(op, one, classes);
    check(op, "answers.scores", one.scores, "array");
    dims(op, one.scores.shape, `${one.classes.size}`);
  }
  for (const one of objects) checkObjects(op, one, classes);
  const overlap = answers.map((one, i) => overlapOf(one, objects[i]));
  return array(
    Array.from({ length: classes }, (_, k) => precisionOf(k, answers, objects, overlap, iou)),
    {
      dtype: "float64",
    },
  );
}

/** The mean over the classes that occur. */
export function meanAveragePrecision(
  answers: readonly Found[],
  objects: readonly Objects[],
  classes: number,
  options: PrecisionOptions = {},
): number {
  const each = averagePrecision(answers, objects, classes, options);
  const known = Array.from(each.flat()).filter((ap) => !Number.isNaN(ap));
  return known.reduce((a, b) => a + b, 0) / known.length;
}

const overlapOf = (a: Objects, b: Objects): ArrayLike<number> =>
  noGrad(() => boxIoU(cornersOf(tensor(a.boxes)), cornersOf(tensor(b.boxes.to(a.boxes.dtype))))).data.flat();

function precisionOf(
  k: number,
  answers: readonly Found[],
  objects: readonly Objects[],
  overlap: readonly ArrayLike<number>[],
  iou: number,
): number {
  const things = objects.map(({ classes }) => indicesOf(classes, k));
  const total = things.reduce((sum, list) => sum + list.length, 0);
  if (total === 0) return Number.NaN;
  const claims = answers.flatMap((one, picture) => {
    const scores = one.scores.flat();
    return indicesOf(one.classes, k).map((i) => ({ picture, i, score: scores[i] }));
  });
  claims.sort((a, b) => b.score - a.score);
  const taken = new Set<string>();
  let [right, seen] = [0, 0];
  const curve = claims.map(({ picture, i }) => {
    const n = objects[picture].classes.size;
    let best = -1;
    for (const j of things[picture]) {
      if (taken.has(`${picture} ${j}`)) continue;
      if (best === -1 || overlap[picture][i * n + j] > overlap[picture][i * n + best]) best = j;
    }
    const isRight = best !== -1 && overlap[picture][i * n + best] >= iou;
    if (isRight) taken.add(`${picture} ${best}`);
    right += Number(isRight);
    seen++;
    return { recall: right / total, precision: right / seen };
  });
  let [area, best] = [0, 0];
  for (let i = curve.length - 1; i >= 0; i--) {
    best = Math.max(best, curve[i].precision);
    area += best * (curve[i].recall - (i > 0 ? curve[i - 1].recall : 0));
  }
  return area;
}

function indicesOf(classes: NDArray, k: number): number[] {
  const found: number[] = [];
  classes.flat().forEach((one, i) => {
    if (one === k) found.push(i);
  });
  return found;
}
