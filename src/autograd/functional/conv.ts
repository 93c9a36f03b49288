import {
  type Both,
  type ConvSizes,
  check,
  checkOptions,
  dims,
  fold2d,
  frozenCopy,
  type Pair,
  sameShape,
  showShape,
  unfold2d,
  type WindowOptions,
} from "../../tensor";
import type { Grad } from "../backward";
import { checkTensor, record, type Tensor } from "../tensor";
import { biasBack, convolve, convolveBack, weightBack } from "./conv-kernel";
import { both, present } from "./shared";

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
 *     y[o, i, j] = Σ weight[o, c, ky, kx] · x[c, i·stride + ky·dilation − padding, …] + bias[o]
 *     x̄ = Σ weight · ȳ over the windows that saw a pixel,  W̄ = Σ ȳ · x over all windows,  b̄ = Σ ȳ
 *
 * One image alone, (C, H, W), gives (O, H', W').
 */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  checkTensor("conv2d", x);
  checkTensor("conv2d: weight", weight);
  checkOptions("conv2d", options, "stride: 2");
  if (x.ndim === 3) return conv2d(x.unsqueeze(0), weight, options).squeeze(0);
  const { bias, groups = 1 } = options;
  const { B, C, H, W } = dims("conv2d", x.shape, "B C H W");
  const { O, I, kh, kw } = dims("conv2d: weight", weight.shape, "O I kh kw");
  if (I * groups !== C || O % groups !== 0) {
    throw new RangeError(
      `conv2d: expected a weight (O, C/groups, kh, kw) with C = ${C} channels in ${groups} group${groups === 1 ? "" : "s"}, got ${showShape(weight.shape)}`,
    );
  }
  checkBias("conv2d", bias, O);
  const sizes: ConvSizes = {
    ...{ batch: B, groups, channels: C, outChannels: O, image: [H, W], window: [kh, kw] },
    ...windowsOf([H, W], [kh, kw], options),
  };
  return record(
    "conv2d",
    present(x, weight, bias),
    (x, weight, bias) => [
      convolve(x, weight, bias, sizes),
      (g) =>
        present<Grad>(
          () => convolveBack(g, weight, sizes),
          () => weightBack(g, x, sizes),
          bias && (() => biasBack(g)),
        ),
    ],
    { keepsGrads: false },
  );
}

/** How many windows there are, and how they lie. Throws where none fits. */
function windowsOf(
  image: Both,
  kernel: Both,
  { stride = 1, padding = 0, dilation = 1 }: ConvOptions,
): Pick<ConvSizes, "windows" | "stride" | "padding" | "dilation"> {
  const [s, d] = [both(stride, "conv2d"), both(dilation, "conv2d")];
  if (padding === "same") {
    if (s.some((n) => n !== 1))
      throw new RangeError(`conv2d: padding "same" needs stride 1, got [${s.join(", ")}]`);
    checkWindows("conv2d", kernel, s, d, [0, 0]);
    // As many zeros as a window is larger than a pixel; an odd one goes to the end.
    const before = (axis: 0 | 1) => Math.floor((d[axis] * (kernel[axis] - 1)) / 2);
    return { windows: image, stride: s, padding: [before(0), before(1)], dilation: d };
  }
  const p = padding === "valid" ? ([0, 0] as const) : both(padding, "conv2d");
  checkWindows("conv2d", kernel, s, d, p);
  const along = (axis: 0 | 1): number => {
    const reach = d[axis] * (kernel[axis] - 1) + 1;
    const windows = Math.floor((image[axis] + 2 * p[axis] - reach) / s[axis]) + 1;
    if (windows >= 1) return windows;
    throw new RangeError(
      `conv2d: a window of ${reach} does not fit in ${image[axis]} with ${p[axis]} of padding on each side`,
    );
  };
  return { windows: [along(0), along(1)], stride: s, padding: p, dilation: d };
}

function checkWindows(op: string, kernel: Both, stride: Both, dilation: Both, padding: Both): void {
  for (const axis of [0, 1]) {
    const [k, s, d, p] = [kernel, stride, dilation, padding].map((pair) => pair[axis]);
    if ([k, s, d, p].every(Number.isInteger) && Math.min(k, s, d) >= 1 && p >= 0) continue;
    throw new RangeError(
      `${op}: expected kernel, stride and dilation >= 1 and padding >= 0, got ${k}, ${s}, ${d} and ${p}`,
    );
  }
}

/** {@link conv2d} along one axis: x (B, C, L), weight (O, C/groups, k) → (B, O, L'). */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  options: Omit<ConvOptions, "stride" | "padding" | "dilation"> & {
    readonly stride?: number;
    readonly padding?: number | "same" | "valid";
    readonly dilation?: number;
  } = {},
): Tensor {
  checkTensor("conv1d", x);
  checkTensor("conv1d", weight);

  checkOptions("conv1d", options, "bias, groups", {
    bias: "tensor",
    groups: "number",
    stride: "number",
    padding: "any",
    dilation: "number",
  });
  const { bias, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;

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
 * H' = (H − 1) stride − 2 padding + dilation (kh − 1) + outputPadding + 1. Forward is what conv2d does backward, and
 * the other way round.
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: TransposedConvOptions = {}): Tensor {
  checkTensor("convTranspose2d", x);
  if (x.ndim === 3) return convTranspose2d(x.unsqueeze(0), weight, options).squeeze(0);
  const op = "convTranspose2d";
  const { bias, groups = 1 } = options;
  const { B, C, H, W } = dims(op, x.shape, "B C H W");
  const { I, O, kh, kw } = dims(`${op}: weight`, weight.shape, "I O kh kw");
  if (I !== C || C % groups !== 0) {
    throw new RangeError(
      `${op}: expected a weight (C, O/groups, kh, kw) with C = ${C}, a multiple of ${groups} group${groups === 1 ? "" : "s"}, got ${showShape(weight.shape)}`,
    );
  }
  checkBias(op, bias, O * groups);
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1 } = options;
  const [s, p, o, d] = [stride, padding, outputPadding, dilation].map((pair) => both(pair, op));
  checkWindows(op, [kh, kw], s, d, p);
  const side = (n: number, k: number, axis: 0 | 1): number => {
    const size = (n - 1) * s[axis] - 2 * p[axis] + d[axis] * (k - 1) + o[axis] + 1;
    if (size >= 1 && o[axis] >= 0 && Number.isInteger(size)) return size;
    throw new RangeError(
      `${op}: expected an image of at least 1 pixel and outputPadding >= 0, got ${size} pixels and ${o[axis]}`,
    );
  };
  const sizes: ConvSizes = {
    ...{ batch: B, groups, channels: O * groups, outChannels: C, image: [side(H, kh, 0), side(W, kw, 1)] },
    ...{ windows: [H, W], window: [kh, kw], stride: s, padding: p, dilation: d },
  };
  const y = record(
    op,
    [x, weight],
    (x, weight) => [
      convolveBack(x, weight, sizes),
      (g) => [() => convolve(g, weight, undefined, sizes), () => weightBack(x, g, sizes)],
    ],
    { keepsGrads: false },
  );
  return bias ? y.add(bias.reshape([O * groups, 1, 1])) : y;
}

/** {@link convTranspose2d} along one axis: x (B, C, L), weight (C, O/groups, k) → (B, O, L'). */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  options: Omit<TransposedConvOptions, "stride" | "padding" | "outputPadding" | "dilation"> & {
    readonly stride?: number;
    readonly padding?: number;
    readonly outputPadding?: number;
    readonly dilation?: number;
  } = {},
): Tensor {
  checkTensor("convTranspose1d", x);
  checkTensor("convTranspose1d: weight", weight);
  checkOptions("convTranspose1d", options, "stride: 2", {
    ...{ bias: "tensor", stride: "size", padding: "count", outputPadding: "count" },
    ...{ dilation: "size", groups: "size" },
  });
  if (x.ndim === 2) return convTranspose1d(x.unsqueeze(0), weight, options).squeeze(0);
  const { bias, groups, stride = 1, padding = 0, outputPadding = 0, dilation = 1 } = options;
  dims("convTranspose1d", x.shape, "B C L");
  dims("convTranspose1d: weight", weight.shape, "I O k");
  return convTranspose2d(x.unsqueeze(2), weight.unsqueeze(2), {
    ...{ bias, groups, stride: [1, stride], padding: [0, padding] },
    ...{ outputPadding: [0, outputPadding], dilation: [1, dilation] },
  }).squeeze(2);
}

/** Sliding windows of images as columns: (B, C, H, W) → (B, C·kh·kw, L). */
export function unfold(x: Tensor, given: WindowOptions): Tensor {
  checkTensor("unfold", x);
  checkOptions(
    "unfold",
    given,
    "kernel, stride",
    { kernel: "pair", stride: "any", padding: "any", dilation: "any" },
    ["kernel"],
  );
  const options = frozenCopy(given);
  return record(
    "unfold",
    [x],
    (x) => [unfold2d(x, options), (g) => [fold2d(g, [x.shape[2], x.shape[3]], options)]],
    { keepsGrads: false },
  );
}

/** The adjoint of {@link unfold}: columns are added up into images of `size` [H, W]. */
export function fold(x: Tensor, size: readonly [number, number], given: WindowOptions): Tensor {
  checkTensor("fold", x);
  check("fold", "size", size, "numbers");
  checkOptions(
    "fold",
    given,
    "kernel, stride",
    { kernel: "pair", stride: "any", padding: "any", dilation: "any" },
    ["kernel"],
  );
  const options = frozenCopy(given);
  return record("fold", [x], (x) => [fold2d(x, size, options), (g) => [unfold2d(g, options)]], {
    keepsGrads: false,
  });
}

function checkBias(op: string, bias: Tensor | undefined, channels: number): void {
  if (!bias || sameShape(bias.shape, [channels])) return;
  throw new RangeError(
    `${op}: expected a bias of shape ${showShape([channels])}, got ${showShape(bias.shape)}`,
  );
}
