import { checkTensor, type Tensor } from "../autograd";
import { check, checkOptions, dims, expected, words } from "../tensor";
import { checkSizes } from "./check";
import { Linear } from "./linear";
import { Module } from "./module";

/**
 * Cut images into P × P patches, row by row, and lay each out as a vector, channel by channel:
 * (B, C, H, W) → (B, N, C·P·P), N = (H / P)(W / P).
 */
export function patchify(images: Tensor, patchSize: number): Tensor {
  checkTensor("patchify", images);
  check("patchify", "patchSize", patchSize, "number");

  const P = patchSize;
  const { B, C, H, W } = dims("patchify", images.shape, "B C H W");
  if (H % P !== 0 || W % P !== 0) {
    throw expected("patchify", `H and W divisible by the patch size ${P}`, words(`${H} and ${W}`));
  }
  const rows = H / P;
  const columns = W / P;
  const cut = images.reshape([B, C, rows, P, columns, P]).permute([0, 2, 4, 1, 3, 5]);
  return cut.reshape([B, rows * columns, C * P * P]); // from (B, rows, columns, C, P, P)
}

/**
 * Patches as tokens: every patch goes through one linear layer. (B, C, H, W) → (B, N, embedDim).
 *
 * The same as a convolution with stride = window = patchSize; its weight (embedDim, C, P, P) reshaped to
 * (embedDim, C·P·P) is this one's. Dosovitskiy et al., "An image is worth 16x16 words", 2021.
 */
export class PatchEmbedding extends Module {
  readonly projection: Linear;

  constructor(
    readonly patchSize: number,
    readonly inChannels: number,
    readonly embedDim: number,
    options: { bias?: boolean } = {},
  ) {
    super();
    checkOptions("PatchEmbedding", options, "bias", { bias: "boolean" });
    const { bias = true } = options;

    checkSizes("PatchEmbedding", { patchSize, inChannels, embedDim });
    this.projection = new Linear(inChannels * patchSize * patchSize, embedDim, { bias });
  }

  forward(images: Tensor): Tensor {
    return this.projection.forward(patchify(images, this.patchSize));
  }

  override extraRepr(): string {
    return `patchSize=${this.patchSize}`;
  }
}
