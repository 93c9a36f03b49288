import { checkTensor, mseLoss, noGrad, relu, type Tensor, tensor } from "../../autograd";
import { Conv2d, ConvTranspose2d, Linear, Module, parameter } from "../../nn";
import {
  array,
  check,
  checkAll,
  checkArray,
  checkMethods,
  dims,
  expected,
  type Generator,
  type NDArray,
  randn,
  showShape,
  words,
} from "../../tensor";
import { type Quantized, quantize } from "./exercises/quantize";
import { SAMPLES } from "./gallery";
import { BINS, fromSpectrogram, spectrogram } from "./spectrum";

/** A codebook that learns: K rows of D numbers. */
export class Codebook extends Module {
  readonly rows: ReturnType<typeof parameter>;

  constructor(
    readonly K: number,
    readonly D: number,
  ) {
    super();
    checkAll("Codebook", { K: [K, "size"], D: [D, "size"] });
    this.rows = parameter(randn([K, D]));
  }

  /** Vectors (N, D) → their codes, their rows and the loss, by {@link quantize}. */
  forward(vectors: Tensor): Quantized {
    checkTensor("Codebook", vectors);
    const { D } = dims("Codebook", vectors.shape, "N D");
    if (D !== this.D)
      throw expected("Codebook", `vectors of ${this.D} numbers`, words(showShape(vectors.shape)));
    return quantize(vectors, this.rows);
  }

  /** Rows that no vector chose take the place of random vectors; at the start, all of them do. */
  revive(vectors: NDArray, used: ReadonlySet<number>, generator: Generator): void {
    const op = "Codebook.revive";
    checkArray(op, vectors);
    const { N, D } = dims(op, vectors.shape, "N D");
    if (N === 0 || D !== this.D)
      throw expected(op, `at least one vector of ${this.D} numbers`, words(showShape(vectors.shape)));
    checkMethods(op, "a Set of the codes that were used", used, ["has"]);
    check(op, "generator", generator, "generator");
    const chances = generator.integers([this.K], { high: N }).flat();
    for (let k = 0; k < this.K; k++)
      if (!used.has(k)) this.rows.data.select(0, k).assign(vectors.select(0, chances[k]));
  }
}

/** What turns pictures or sounds into codes and back: an encoder, a codebook, a decoder. */
export abstract class Codec extends Module {
  abstract readonly codebook: Codebook;
  /** Codes of one picture or sound. */
  abstract readonly length: number;
  /** (B, …) → vectors (B · length, D). */
  protected abstract toVectors(x: NDArray): Tensor;
  /** Vectors (B · length, D) → what `toVectors` was given, in the form in which the loss compares it. */
  protected abstract fromVectors(vectors: Tensor): Tensor;
  protected abstract wanted(x: NDArray): NDArray;

  /**
   * Mean squared difference between what comes out and what went in, plus the codebook's loss; and the codes of the batch.
   * `free`: the vectors go on as they are, and the codebook is left alone.
   */
  forward(x: NDArray, free = false): { loss: Tensor; error: Tensor; codes: NDArray; vectors: NDArray } {
    checkArray("Codec", x);
    check("Codec", "free", free, "boolean");
    const vectors = this.toVectors(x);
    const { codes, quantized, loss } = this.codebook.forward(vectors);
    const error = mseLoss(this.fromVectors(free ? vectors : quantized), tensor(this.wanted(x)));
    return { loss: free ? error : error.add(loss), error, codes, vectors: vectors.data };
  }

  /** (B, …) → codes (B, length), int32. */
  encode(x: NDArray): NDArray {
    checkArray("Codec.encode", x);
    const codes = this.evaluating(() => noGrad(() => this.codebook.forward(this.toVectors(x)).codes));
    return codes.reshape([x.shape[0], this.length]);
  }

  /** Lists of `length` codes → what the decoder makes of them. */
  protected decoded(codes: readonly (readonly number[])[]): NDArray {
    const op = "Codec.decode";
    check(op, "codes", codes, "list");
    const { K } = this.codebook;
    for (const row of codes) {
      check(op, "codes of one", row, "numbers");
      if (row.length !== this.length)
        throw expected(op, `${this.length} codes of each`, words(`${row.length}`));
      for (const code of row)
        if (!(Number.isInteger(code) && code >= 0 && code < K))
          throw expected(op, `codes from 0 to ${K - 1}`, code);
    }
    if (codes.length === 0) throw expected(op, "the codes of at least one", codes);
    const rows = array(codes.flat(), { dtype: "int32" });
    return this.evaluating(() => noGrad(() => this.fromVectors(this.codebook.rows.indexSelect(0, rows))))
      .data;
  }
}

const D = 16;

/** Pictures (B, 3, 32, 32) ↔ 16 codes each, a grid of 4 × 4; van den Oord et al., 2017. */
export class PictureCodec extends Codec {
  readonly length = 16;
  readonly codebook: Codebook;
  readonly encoder: Conv2d[];
  readonly toCode: Linear;
  readonly fromCode: Linear;
  readonly decoder: ConvTranspose2d[];

  constructor(K = 192) {
    super();
    check("PictureCodec", "K", K, "size");
    this.codebook = new Codebook(K, D);
    const widths = [3, 24, 48, 96];
    const up = { stride: 2, padding: 1 };
    this.encoder = [0, 1, 2].map((i) => new Conv2d(widths[i], widths[i + 1], 4, up));
    this.toCode = new Linear(96, D);
    this.fromCode = new Linear(D, 96);
    this.decoder = [3, 2, 1].map((i) => new ConvTranspose2d(widths[i], widths[i - 1], 4, up));
  }

  protected toVectors(x: NDArray): Tensor {
    const { C, H, W } = dims("PictureCodec", x.shape, "B C H W");
    if (C !== 3 || H !== 32 || W !== 32)
      throw expected("PictureCodec", "pictures (B, 3, 32, 32)", words(showShape(x.shape)));
    let h: Tensor = tensor(x.sub(0.5).mul(2));
    for (const layer of this.encoder) h = relu(layer.forward(h));
    return this.toCode.forward(h.flatten(2).transpose().reshape([-1, 96]));
  }

  protected fromVectors(vectors: Tensor): Tensor {
    let h = relu(this.fromCode.forward(vectors)).reshape([-1, 16, 96]).transpose().reshape([-1, 96, 4, 4]);
    this.decoder.forEach((layer, i) => {
      h = layer.forward(h);
      if (i < 2) h = relu(h);
    });
    return h;
  }

  protected wanted(x: NDArray): NDArray {
    return x;
  }

  /** Lists of 16 codes → pictures (B, 3, 32, 32), 0 to 1. */
  decode(codes: readonly (readonly number[])[]): NDArray {
    return this.decoded(codes).clamp(0, 1);
  }
}

/** Moments of a spectrogram that share a code: 256 samples, 29 ms. */
const MOMENTS = 2;

/** Sounds (B, 6144) ↔ 24 codes each, one after another: each stands for two moments of the spectrogram. */
export class SoundCodec extends Codec {
  readonly length = 24;
  readonly codebook: Codebook;
  readonly encoder: Linear[];
  readonly decoder: Linear[];

  constructor(K = 96) {
    super();
    check("SoundCodec", "K", K, "size");
    this.codebook = new Codebook(K, D);
    const width = MOMENTS * BINS;
    this.encoder = [new Linear(width, 128), new Linear(128, D)];
    this.decoder = [new Linear(D, 128), new Linear(128, width)];
  }

  protected toVectors(x: NDArray): Tensor {
    const [first, second] = this.encoder;
    return second.forward(relu(first.forward(tensor(this.wanted(x)))));
  }

  protected fromVectors(vectors: Tensor): Tensor {
    const [first, second] = this.decoder;
    return second.forward(relu(first.forward(vectors)));
  }

  protected wanted(x: NDArray): NDArray {
    const { N } = dims("SoundCodec", x.shape, "B N");
    if (N !== SAMPLES) throw expected("SoundCodec", `sounds (B, ${SAMPLES})`, words(showShape(x.shape)));
    return spectrogram(x).reshape([-1, MOMENTS * BINS]);
  }

  /** Lists of 24 codes → spectrograms (B, 48, 129). */
  spectra(codes: readonly (readonly number[])[]): NDArray {
    return this.decoded(codes).reshape([codes.length, -1, BINS]);
  }

  /** Lists of 24 codes → sounds (B, 6144). */
  decode(codes: readonly (readonly number[])[], generator: Generator): NDArray {
    return fromSpectrogram(this.spectra(codes), generator);
  }
}
