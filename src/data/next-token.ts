import {
  check,
  checkMethods,
  checkOptions,
  expected,
  expectedKind,
  fromStorage,
  type Generator,
  hasLength,
  listed,
  type NDArray,
  words,
} from "../tensor";
import { checkIndex, type Dataset } from "./dataset";
import type { Tokenizer } from "./tokenizers/tokenizer";

export interface NextTokenSample {
  /** (T): tokens t, t+1, ..., t+T-1. int32. */
  inputs: NDArray;
  /** (T): the token after each of them, t+1, ..., t+T. int32. */
  targets: NDArray;
}

export interface NextTokenOptions {
  /** T, the tokens in one sample: the model's context. */
  blockSize: number;
  /** How far apart neighbouring samples start. Default: blockSize, so that every token is predicted once. 1 gives all windows. */
  stride?: number;
}

/**
 * Windows of one long sequence of ids, for training a language model: the target of every position is the next token.
 *
 *     ids      5 8 2 9 4 7 ...       blockSize 4
 *     inputs   5 8 2 9
 *     targets    8 2 9 4
 *
 * For random windows, as in nanoGPT, use stride 1 and `shuffle`, or call `randomBatch`.
 */
export class NextTokenDataset implements Dataset<NextTokenSample> {
  readonly ids: Int32Array;
  readonly blockSize: number;
  readonly stride: number;
  readonly length: number;

  constructor(ids: ArrayLike<number>, options: NextTokenOptions) {
    if (!hasLength(ids)) {
      throw expectedKind("NextTokenDataset", "a list of ids", ids);
    }
    checkOptions("NextTokenDataset", options, "blockSize: 64", undefined, []);
    const { blockSize, stride = blockSize } = options;
    for (const [name, value] of Object.entries({ blockSize, stride })) {
      if (!Number.isInteger(value) || value < 1) {
        throw expected("NextTokenDataset", `a ${name} of 1 or more`, value);
      }
    }
    if (ids.length <= blockSize) {
      throw expected(
        "NextTokenDataset",
        `more than blockSize = ${blockSize} ids (a window and its last target)`,
        ids.length,
        "use a smaller blockSize or a longer text",
      );
    }
    this.ids = Int32Array.from(ids);
    this.blockSize = blockSize;
    this.stride = stride;
    this.length = Math.floor((ids.length - 1 - blockSize) / stride) + 1;
  }

  get(index: number): NextTokenSample {
    checkIndex("NextTokenDataset", index, this.length);
    return this.windows([index * this.stride], [this.blockSize]);
  }

  /** B windows that start anywhere: inputs and targets (B, T). */
  randomBatch(batchSize: number, generator: Generator): NextTokenSample {
    check("NextTokenDataset.randomBatch", "generator", generator, "generator");
    const starts = generator.integers([batchSize], { low: 0, high: this.ids.length - this.blockSize }).flat();
    return this.windows(Array.from(starts), [batchSize, this.blockSize]);
  }

  private windows(starts: readonly number[], shape: readonly number[]): NextTokenSample {
    const { ids, blockSize } = this;
    const inputs = new Int32Array(starts.length * blockSize);
    const targets = new Int32Array(starts.length * blockSize);
    starts.forEach((start, row) => {
      inputs.set(ids.subarray(start, start + blockSize), row * blockSize);
      targets.set(ids.subarray(start + 1, start + blockSize + 1), row * blockSize);
    });
    return { inputs: fromStorage(inputs, shape), targets: fromStorage(targets, shape) };
  }
}

export interface EncodeDocumentsOptions {
  /** The special token before each document, e.g. "<bos>". Default: none. */
  bos?: string;
  /** The special token after each document, e.g. "<|endoftext|>". Default: none. */
  eos?: string;
}

/** All documents as one sequence of ids, separated by special tokens: what NextTokenDataset wants. */
export function encodeDocuments(
  tokenizer: Tokenizer,
  documents: Iterable<string>,
  options: EncodeDocumentsOptions = {},
): Int32Array {
  checkMethods("encodeDocuments", "a tokenizer", tokenizer, ["encode"]);
  check("encodeDocuments", "documents", documents, "iterable");

  checkOptions("encodeDocuments", options, "bos, eos", { bos: "text", eos: "text" });
  const { bos, eos } = options;

  const idOf = (name: string, token: string | undefined): number | undefined => {
    if (token === undefined) return undefined;
    check("encodeDocuments", "tokenizer.specialTokens", tokenizer.specialTokens, "map");
    const id = tokenizer.specialTokens.get(token);
    if (id !== undefined) return id;
    const known = listed([...tokenizer.specialTokens.keys()]) || "none";
    throw expected(
      "encodeDocuments",
      `${name} to be a special token of the tokenizer (it has ${known})`,
      words(JSON.stringify(token)),
      "name it in specialTokens when you train the tokenizer",
    );
  };
  const before = idOf("bos", bos);
  const after = idOf("eos", eos);
  const ids: number[] = [];
  for (const text of documents) {
    if (before !== undefined) ids.push(before);
    for (const id of tokenizer.encode(text, { addSpecialTokens: false })) ids.push(id);
    if (after !== undefined) ids.push(after);
  }
  return Int32Array.from(ids);
}
