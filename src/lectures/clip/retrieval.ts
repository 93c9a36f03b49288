import { noGrad } from "../../autograd";
import { arange, check, checkAll, checkMethods, expected, type NDArray } from "../../tensor";
import type { Pairs } from "./scene-pairs";
import { embedAll, type TwoTowers } from "./two-towers";

/** Recall at 1, 5 and 10, from 0 to 1. */
export type Recalls = readonly [at1: number, at5: number, at10: number];

export interface Retrieval {
  /** A picture is given, its text is looked for. */
  readonly toText: Recalls;
  readonly toImage: Recalls;
}

/** scores (N, M): of N questions with M candidates; candidate targets[i] answers question i, or i itself. */
export function recalls(scores: NDArray, targets: NDArray = arange(0, scores.shape[0])): Recalls {
  const right = scores.gather(1, targets.unsqueeze(1).to("int32"));
  const better = scores.gt(right).to("int32").sum(1);
  const at = (k: number) => better.lt(k).to("float32").mean().item();
  return [at(1), at(5), at(10)];
}

/** Cosines of all pictures with all texts, (N, M). */
export function cosines(model: TwoTowers, images: NDArray, texts: readonly string[]): NDArray {
  const pictures = embedAll(model, images, (rows) => model.embedImages(rows));
  return pictures.matmul(textVectors(model, texts).transpose());
}

/** The texts' vectors (N, D), of length 1. */
export function textVectors(model: TwoTowers, texts: readonly string[]): NDArray {
  checkMethods("textVectors", "two towers", model, ["embedTexts", "eval", "train"]);
  check("textVectors", "texts", texts, "texts");
  const training = model.training;
  model.eval();
  try {
    return noGrad(() => model.embedTexts(texts)).data;
  } finally {
    model.train(training);
  }
}

/** Both ways, over pairs that all differ. */
export function retrieval(model: TwoTowers, { images, texts }: Pairs): Retrieval {
  const scores = cosines(model, images, texts);
  return { toText: recalls(scores), toImage: recalls(scores.transpose()) };
}

/** What pictures alone can do: for each of `images`, its own among `known` by the cosine of centred pixels, (N, M). */
export function pixelCosines(images: NDArray, known: NDArray): NDArray {
  checkAll("pixelCosines", { images: [images, "array"], known: [known, "array"] });
  const unit = (x: NDArray) => {
    if (x.ndim < 2 || x.size === 0) throw expected("pixelCosines", "images (N, ...)", x);
    const rows = x.reshape([x.shape[0], -1]);
    const centred = rows.sub(rows.mean(1, { keepDims: true }));
    return centred.div(centred.square().sum(1, { keepDims: true }).sqrt().clamp(1e-9, Infinity));
  };
  return unit(images).matmul(unit(known).transpose());
}

/**
 * How often a picture prefers its caption to the same with the two groups exchanged ("a left of b" to "b left of a").
 * Chance is ½; equal scores count half.
 */
export function wordOrder(
  model: TwoTowers,
  images: NDArray,
  texts: readonly string[],
  swapped: readonly string[],
): number {
  const pictures = embedAll(model, images, (rows) => model.embedImages(rows));
  const own = pictures.mul(textVectors(model, texts)).sum(1);
  const other = pictures.mul(textVectors(model, swapped)).sum(1);
  const difference = own.sub(other);
  const won = difference.gt(1e-6).to("float32").mean().item();
  const tied = difference.abs().le(1e-6).to("float32").mean().item();
  return won + tied / 2;
}
