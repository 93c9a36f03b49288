import {
  checkOptions,
  dims,
  fold2d,
  type NDArray,
  type Pair,
  sameShape,
  showShape,
  unfold2d,
  type WindowOptions,
} from "../../tensor";
import { checkTensor, record, type Tensor } from "../tensor";
import { both } from "./shared";

export interface ConvOptions {
  readonly bias?: Tensor;
  readonly stride?: Pair;
  /** Zeros on each side; "same" keeps the image's size (stride 1 only), "valid" adds none. */
  readonly padding?: Pair | "same" | "valid";
  readonly dilation?: Pair;
  /** Input and output channels are cut into this many groups that do not see each other. */
  readonly groups?: number;
}

/**
 * Cross-correlation, as every library calls a convolution: x (B, C, H, W), weight (O, C/groups, kh, kw) →
 * (B, O, H', W'), H' = ⌊(H + 2 padding − dilation (kh − 1) − 1) / stride⌋ + 1.
 *
 * With the windows of x as columns it is one product per group:
 *
 *     Y = W · unfold(X),  W̄ = Ȳ · unfold(X)ᵀ,  X̄ = fold(Wᵀ · Ȳ)
 *
 * One image alone, (C, H, W), gives (O, H', W').
 */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  checkTensor("conv2d", x);
  checkTensor("conv2d: weight", weight);
  checkOptions("conv2d", options, "stride: 2");
  if (x.ndim === 3) return conv2d(x.unsqueeze(0), weight, options).squeeze(0);
  const { bias, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  if (padding === "valid") return conv2d(x, weight, { ...options, padding: 0 });
  if (padding === "same") return conv2d(padSame(x, weight, options), weight, { ...options, padding: 0 });
  const { B, C, H, W } = dims("conv2d", x.shape, "B C H W");
  const { O, I, kh, kw } = dims("conv2d: weight", weight.shape, "O I kh kw");
  if (I * groups !== C || O % groups !== 0) {
    throw new RangeError(
      `conv2d: expected a weight (O, C/groups, kh, kw) with C = ${C} channels in ${groups} group${groups === 1 ? "" : "s"}, got ${showShape(weight.shape)}`,
    );
  }
  checkBias("conv2d", bias, O);
  const windows: WindowOptions = { kernel: [kh, kw], stride, padding, dilation };
  const [h, w] = outputSize([H, W], windows);
  const K = I * kh * kw;
  const columns = (x: NDArray) => unfold2d(x, windows).reshape([B, groups, K, h * w]);
  const y = record("conv2d", [x, weight], (x, weight) => {
    const matrix = weight.reshape([groups, O / groups, K]);
    return [
      matrix.matmul(columns(x)).reshape([B, O, h, w]),
      (g) => {
        const G = g.reshape([B, groups, O / groups, h * w]);
        return [
          () =>
            fold2d(
              matrix
                .transpose()
                .matmul(G)
                .reshape([B, C * kh * kw, h * w]),
              [H, W],
              windows,
            ),
          () => G.matmul(columns(x).transpose()).sum(0).reshape(weight.shape),
        ];
      },
    ];
  });
  return bias ? y.add(bias.reshape([O, 1, 1])) : y;
}

/** Zeros around x so that a convolution keeps its size; an odd one goes to the end. */
function padSame(x: Tensor, weight: Tensor, { stride = 1, dilation = 1 }: ConvOptions): Tensor {
  if (both(stride, "conv2d").some((s) => s !== 1))
    throw new RangeError(`conv2d: padding "same" needs stride 1, got [${both(stride, "conv2d").join(", ")}]`);
  const around = ([0, 1] as const).map((axis) => {
    const total = both(dilation, "conv2d")[axis] * (weight.shape[axis + 2] - 1);
    return [Math.floor(total / 2), Math.ceil(total / 2)] as const;
  });
  return x.pad([[0, 0], [0, 0], ...around]);
}

/** {@link conv2d} along one axis: x (B, C, L), weight (O, C/groups, k) → (B, O, L'). */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  {
    bias,
    stride = 1,
    padding = 0,
    dilation = 1,
    groups = 1,
  }: Omit<ConvOptions, "stride" | "padding" | "dilation"> & {
    readonly stride?: number;
    readonly padding?: number | "same" | "valid";
    readonly dilation?: number;
  } = {},
): Tensor {
  if (x.ndim === 2)
    return conv1d(x.unsqueeze(0), weight, { bias, stride, padding, dilation, groups }).squeeze(0);
  dims("conv1d", x.shape, "B C L");
  dims("conv1d: weight", weight.shape, "O I k");
  return conv2d(x.unsqueeze(2), weight.unsqueeze(2), {
    bias,
    stride: [1, stride],
    padding: typeof padding === "number" ? [0, padding] : padding,
    dilation: [1, dilation],
    groups,
  }).squeeze(2);
}

export interface TransposedConvOptions extends Omit<ConvOptions, "padding"> {
  /** How much is cut off on each side. */
  readonly padding?: Pair;
  /** Added to one side of the output, to choose among the sizes that a strided convolution maps to one. */
  readonly outputPadding?: Pair;
}

/**
 * The adjoint of {@link conv2d}: x (B, C, H, W), weight (C, O/groups, kh, kw) → (B, O, H', W'),
 * H' = (H − 1) stride − 2 padding + dilation (kh − 1) + outputPadding + 1.
 *
 *     Y = fold(Wᵀ · X),  W̄ = X · unfold(Ȳ)ᵀ,  X̄ = W · unfold(Ȳ)
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: TransposedConvOptions = {}): Tensor {
  if (x.ndim === 3) return convTranspose2d(x.unsqueeze(0), weight, options).squeeze(0);
  const { bias, stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  const { B, C, H, W } = dims("convTranspose2d", x.shape, "B C H W");
  const { I, O, kh, kw } = dims("convTranspose2d: weight", weight.shape, "I O kh kw");
  if (I !== C || C % groups !== 0) {
    throw new RangeError(
      `convTranspose2d: expected a weight (C, O/groups, kh, kw) with C = ${C}, a multiple of ${groups} group${groups === 1 ? "" : "s"}, got ${showShape(weight.shape)}`,
    );
  }
  checkBias("convTranspose2d", bias, O * groups);
  const windows: WindowOptions = { kernel: [kh, kw], stride, dilation };
  const reach = (n: number, k: number, axis: 0 | 1) =>
    (n - 1) * both(stride, "convTranspose2d")[axis] + both(dilation, "convTranspose2d")[axis] * (k - 1) + 1;
  const full = [reach(H, kh, 0), reach(W, kw, 1)] as const;
  // Padding crops what all windows together cover; outputPadding crops less at the end.
  const crop = ([0, 1] as const).map(
    (axis) =>
      [
        -both(padding, "convTranspose2d")[axis],
        both(outputPadding, "convTranspose2d")[axis] - both(padding, "convTranspose2d")[axis],
      ] as const,
  );
  const uncrop = crop.map(([before, after]) => [-before, -after] as const);
  const K = O * kh * kw;
  const y = record("convTranspose2d", [x, weight], (x, weight) => {
    const matrix = weight.reshape([groups, C / groups, K]);
    const X = x.reshape([B, groups, C / groups, H * W]);
    const columns = matrix
      .transpose()
      .matmul(X)
      .reshape([B, groups * K, H * W]);
    return [
      fold2d(columns, full, windows).pad(crop),
      (g) => {
        const G = unfold2d(g.pad(uncrop), windows).reshape([B, groups, K, H * W]);
        return [
          () => matrix.matmul(G).reshape(x.shape),
          () => X.matmul(G.transpose()).sum(0).reshape(weight.shape),
        ];
      },
    ];
  });
  return bias ? y.add(bias.reshape([O * groups, 1, 1])) : y;
}

/** Sliding windows of images as columns: (B, C, H, W) → (B, C·kh·kw, L). */
export const unfold = (x: Tensor, options: WindowOptions): Tensor =>
  record("unfold", [x], (x) => [unfold2d(x, options), (g) => [fold2d(g, [x.shape[2], x.shape[3]], options)]]);

/** The adjoint of {@link unfold}: columns are added up into images of `size` [H, W]. */
export const fold = (x: Tensor, size: readonly [number, number], options: WindowOptions): Tensor =>
  record("fold", [x], (x) => [fold2d(x, size, options), (g) => [unfold2d(g, options)]]);

/** [h, w] of a convolution. Throws where no window fits. */
function outputSize(size: readonly [number, number], options: WindowOptions): [number, number] {
  const { kernel, stride = 1, padding = 0, dilation = 1 } = options;
  const along = (axis: 0 | 1): number => {
    const [k, s, p, d] = [kernel, stride, padding, dilation].map((pair) => both(pair, "conv2d")[axis]);
    if (![k, s, p, d].every(Number.isInteger) || Math.min(k, s, d) < 1 || p < 0) {
      throw new RangeError(
        `conv2d: expected kernel, stride and dilation >= 1 and padding >= 0, got ${k}, ${s}, ${d} and ${p}`,
      );
    }
    const reach = d * (k - 1) + 1;
    const windows = Math.floor((size[axis] + 2 * p - reach) / s) + 1;
    if (windows >= 1) return windows;
    throw new RangeError(
      `conv2d: a window of ${reach} does not fit in ${size[axis]} with ${p} of padding on each side`,
    );
  };
  return [along(0), along(1)];
}

function checkBias(op: string, bias: Tensor | undefined, channels: number): void {
  if (!bias || sameShape(bias.shape, [channels])) return;
  throw new RangeError(
    `${op}: expected a bias of shape ${showShape([channels])}, got ${showShape(bias.shape)}`,
  );
}
