import {
  type ConvSizes,
  type DType,
  elements,
  fromStorage,
  kernels,
  type NDArray,
  promote,
} from "../../tensor";

/** The three kernels of a convolution, on arrays: shapes come from {@link ConvSizes}. */

/** The type to compute in, and the arrays' elements as such; integers go by way of float64, which holds their sums. */
function flat(...arrays: NDArray[]) {
  const common = arrays.map((x) => x.dtype).reduce(promote, "int32" as DType);
  const dtype = common === "int32" ? "float64" : common;
  return { common, dtype, data: arrays.map((x) => elements(x.to(dtype))) };
}

/** weight over x, + bias: (B, O, h, w) */
export function convolve(x: NDArray, weight: NDArray, bias: NDArray | undefined, sizes: ConvSizes): NDArray {
  const { batch, outChannels, windows } = sizes;
  const { common, dtype, data } = flat(x, weight, ...(bias ? [bias] : []));
  const shape = [batch, outChannels, ...windows];
  const out = kernels().empty(dtype, batch * outChannels * windows[0] * windows[1]);
  kernels().conv(data[0], data[1], bias ? data[2] : null, out, sizes);
  return fromStorage(out, shape).to(common);
}

/** What g (B, O, h, w) gives back to the images: (B, C, H, W). */
export function convolveBack(g: NDArray, weight: NDArray, sizes: ConvSizes): NDArray {
  const { batch, channels, image } = sizes;
  const { common, dtype, data } = flat(g, weight);
  const out = kernels().empty(dtype, batch * channels * image[0] * image[1]);
  kernels().convBackwardInput(data[0], data[1], out, sizes);
  return fromStorage(out, [batch, channels, ...image]).to(common);
}

/** What g (B, O, h, w) gives back to the weight (O, C/groups, kh, kw), where x was. */
export function weightBack(g: NDArray, x: NDArray, sizes: ConvSizes): NDArray {
  const { groups, channels, outChannels, window } = sizes;
  const { dtype, data } = flat(g, x);
  const out = kernels().empty(dtype, (outChannels * channels * window[0] * window[1]) / groups);
  kernels().convBackwardWeight(data[0], data[1], out, sizes);
  return fromStorage(out, [outChannels, channels / groups, ...window]);
}

/** Σ of g (B, O, h, w) over images and places: what it gives back to the bias. */
export const biasBack = (g: NDArray): NDArray => g.sum([2, 3]).sum(0);
