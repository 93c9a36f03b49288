import type { ConvSizes, Kernels } from "../../kernels";

/**
 * Convolution in plain loops. Forward and both gradients sum over the same triples (pixel, weight, result), each in another
 * role, so the walk over them is written once.
 */

/** Calls `run` for n triples at a time: pixels i, i + step, … under one weight give to the results o, o + 1, … */
function eachRun(
  { batch, groups, channels, outChannels, image, windows, window, stride, padding, dilation }: ConvSizes,
  run: (pixel: number, step: number, weight: number, result: number, n: number) => void,
): void {
  const [C, O] = [channels / groups, outChannels / groups];
  const [[H, W], [h, w], [kh, kw]] = [image, windows, window];
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < outChannels; o++) {
      const group = Math.floor(o / O);
      for (let c = 0; c < C; c++) {
        const plane = (b * channels + group * C + c) * H * W;
        for (let tap = 0; tap < kh * kw; tap++) {
          const shiftY = Math.floor(tap / kw) * dilation[0] - padding[0];
          const shiftX = (tap % kw) * dilation[1] - padding[1];
          // Windows of a line whose pixel under this tap lies inside the image.
          const first = Math.max(0, Math.ceil(-shiftX / stride[1]));
          const n = Math.min(w, Math.ceil((W - shiftX) / stride[1])) - first;
          if (n <= 0) continue;
          for (let y = 0; y < h; y++) {
            const line = y * stride[0] + shiftY;
            if (line < 0 || line >= H) continue;
            const pixel = plane + line * W + first * stride[1] + shiftX;
            const result = ((b * outChannels + o) * h + y) * w + first;
            run(pixel, stride[1], (o * C + c) * kh * kw + tap, result, n);
          }
        }
      }
    }
  }
}

export const conv: Kernels["conv"] = (x, weight, bias, out, sizes) => {
  const sums = new Float64Array(out.length);
  const L = sizes.windows[0] * sizes.windows[1];
  if (bias) for (let i = 0; i < sums.length; i++) sums[i] = bias[Math.floor(i / L) % bias.length];
  eachRun(sizes, (pixel, step, k, result, n) => {
    for (let i = 0; i < n; i++) sums[result + i] += weight[k] * x[pixel + i * step];
  });
  out.set(sums);
};

export const convBackwardInput: Kernels["convBackwardInput"] = (g, weight, gx, sizes) => {
  const sums = new Float64Array(gx.length);
  eachRun(sizes, (pixel, step, k, result, n) => {
    for (let i = 0; i < n; i++) sums[pixel + i * step] += weight[k] * g[result + i];
  });
  gx.set(sums);
};

export const convBackwardWeight: Kernels["convBackwardWeight"] = (g, x, gWeight, sizes) => {
  const sums = new Float64Array(gWeight.length);
  eachRun(sizes, (pixel, step, k, result, n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[pixel + i * step] * g[result + i];
    sums[k] += sum;
  });
  gWeight.set(sums);
};
