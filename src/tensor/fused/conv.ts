import { kernels } from "../device";
import { dims } from "../dims";
import { type DType, promote } from "../dtype";
import { expected, words } from "../expected";
import type { Both, ConvSizes } from "../kernels";
import { elements, type NDArray } from "../ndarray";
import { both, checkSliding, countWindows, type Pair } from "../ops/windows";
import { type Shape, sameShape, showShape } from "../shape";
import { unwritten } from "./arrays";

/** How the windows of a convolution lie. */
export interface ConvWindows {
  readonly stride?: Pair;
  /** Zeros on each side; "same" keeps the image's size (stride 1 only), "valid" adds none. */
  readonly padding?: Pair | "same" | "valid";
  readonly dilation?: Pair;
  /** Input and output channels are cut into this many groups that do not see each other. */
  readonly groups?: number;
}

/** Of the adjoint: `padding` is cut off on each side, `outputPadding` added to one side of the output. */
export interface TransposedConvWindows extends Omit<ConvWindows, "padding"> {
  readonly padding?: Pair;
  readonly outputPadding?: Pair;
}

/** The sizes of weight (O, C/groups, kh, kw) over x (B, C, H, W), + bias (O). Throws where they do not fit. */
export function convSizes(
  op: string,
  x: Shape,
  weight: Shape,
  bias: Shape | undefined,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvWindows,
): ConvSizes {
  const { B, C, H, W } = dims(op, x, "B C H W");
  const { O, I, kh, kw } = dims(`${op}: weight`, weight, "O I kh kw");
  if (I * groups !== C || O % groups !== 0) {
    throw expected(
      op,
      `a weight (O, C/groups, kh, kw) with C = ${C} channels in ${inGroups(groups)}`,
      words(showShape(weight)),
    );
  }
  checkBias(op, bias, O);
  const [s, d] = [both(op, stride), both(op, dilation)];
  const isSame = padding === "same";
  if (isSame && s.some((n) => n !== 1))
    throw expected(op, 'stride 1 with padding "same"', words(`[${s.join(", ")}]`));
  const p: Both = isSame || padding === "valid" ? [0, 0] : both(op, padding);
  const sliding = (axis: 0 | 1) => ({
    window: [kh, kw][axis],
    stride: s[axis],
    padding: p[axis],
    dilation: d[axis],
  });
  const common = { batch: B, groups, channels: C, outChannels: O, window: [kh, kw] as const };
  if (isSame) {
    for (const axis of [0, 1] as const) checkSliding(op, sliding(axis));
    // As many zeros as a window is larger than a pixel; an odd one goes to the end.
    const before = (axis: 0 | 1) => Math.floor((d[axis] * ([kh, kw][axis] - 1)) / 2);
    const lead: Both = [before(0), before(1)];
    return { ...common, image: [H, W], windows: [H, W], stride: s, padding: lead, dilation: d };
  }
  const windows: Both = [countWindows(op, H, sliding(0)), countWindows(op, W, sliding(1))];
  return { ...common, image: [H, W], windows, stride: s, padding: p, dilation: d };
}

/**
 * The sizes of the convolution whose adjoint takes x (B, C, H, W) through weight (C, O/groups, kh, kw): its windows are x's
 * pixels. Throws where they do not fit.
 */
export function transposedConvSizes(
  op: string,
  x: Shape,
  weight: Shape,
  bias: Shape | undefined,
  { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 }: TransposedConvWindows,
): ConvSizes {
  const { B, C, H, W } = dims(op, x, "B C H W");
  const { I, O, kh, kw } = dims(`${op}: weight`, weight, "I O kh kw");
  if (I !== C || C % groups !== 0) {
    throw expected(
      op,
      `a weight (C, O/groups, kh, kw) with C = ${C}, a multiple of ${inGroups(groups)}`,
      words(showShape(weight)),
    );
  }
  checkBias(op, bias, O * groups);
  const [s, p, o, d] = [stride, padding, outputPadding, dilation].map((pair) => both(op, pair));
  const side = (n: number, window: number, axis: 0 | 1): number => {
    checkSliding(op, { window, stride: s[axis], padding: p[axis], dilation: d[axis] });
    const size = (n - 1) * s[axis] - 2 * p[axis] + d[axis] * (window - 1) + o[axis] + 1;
    if (size >= 1 && o[axis] >= 0 && Number.isInteger(size)) return size;
    throw expected(
      op,
      "an image of at least 1 pixel and outputPadding >= 0",
      words(`${size} pixels and ${o[axis]}`),
    );
  };
  return {
    batch: B,
    groups,
    channels: O * groups,
    outChannels: C,
    image: [side(H, kh, 0), side(W, kw, 1)],
    windows: [H, W],
    window: [kh, kw],
    stride: s,
    padding: p,
    dilation: d,
  };
}

const inGroups = (groups: number): string => `${groups} group${groups === 1 ? "" : "s"}`;

function checkBias(op: string, bias: Shape | undefined, channels: number): void {
  if (!bias || sameShape(bias, [channels])) return;
  throw expected(op, `a bias of shape ${showShape([channels])}`, words(showShape(bias)));
}

/** The type of the result, and that to compute in: integers go by way of float64, which holds their sums. */
function typesOf(...arrays: NDArray[]): { common: DType; dtype: DType } {
  const common = arrays.map((x) => x.dtype).reduce(promote, "int32");
  return { common, dtype: common === "int32" ? "float64" : common };
}

/** weight over x, + bias: (B, O, h, w) */
export function convolve(x: NDArray, weight: NDArray, bias: NDArray | undefined, sizes: ConvSizes): NDArray {
  const { common, dtype } = bias ? typesOf(x, weight, bias) : typesOf(x, weight);
  const out = unwritten(dtype, [sizes.batch, sizes.outChannels, ...sizes.windows]);
  const summand = bias ? elements(bias.to(dtype)) : null;
  kernels().conv(elements(x.to(dtype)), elements(weight.to(dtype)), summand, out.data, sizes);
  return out.to(common);
}

/** What g (B, O, h, w) gives back to the images: (B, C, H, W). */
export function convBackwardInput(g: NDArray, weight: NDArray, sizes: ConvSizes): NDArray {
  const { common, dtype } = typesOf(g, weight);
  const out = unwritten(dtype, [sizes.batch, sizes.channels, ...sizes.image]);
  kernels().convBackwardInput(elements(g.to(dtype)), elements(weight.to(dtype)), out.data, sizes);
  return out.to(common);
}

/** What g (B, O, h, w) gives back to the weight (O, C/groups, kh, kw), where x was. */
export function convBackwardWeight(g: NDArray, x: NDArray, sizes: ConvSizes): NDArray {
  const { dtype } = typesOf(g, x);
  const out = unwritten(dtype, [sizes.outChannels, sizes.channels / sizes.groups, ...sizes.window]);
  kernels().convBackwardWeight(elements(g.to(dtype)), elements(x.to(dtype)), out.data, sizes);
  return out;
}

/** Σ of g (B, O, h, w) over images and places: what it gives back to the bias. */
export const convBackwardBias = (g: NDArray): NDArray => g.sum([2, 3]).sum(0);
