import {
  checkOptions,
  dims,
  elements,
  type Floats,
  fromStorage,
  isFloat,
  kernels,
  type Pair,
  type PoolSizes,
  type Shape,
} from "../../tensor";
import { checkTensor, record, type Tensor } from "../tensor";
import { both } from "./shared";

export interface PoolOptions {
  /** The window's size unless given: windows side by side. */
  readonly stride?: Pair;
  readonly padding?: Pair;
  /** Let a last window hang over the edge. */
  readonly ceilMode?: boolean;
}

function checkPool(op: string, x: Tensor, options?: PoolOptions): void {
  checkTensor(op, x);
  checkOptions(op, options, "stride: 2");
}

/** The cells of one window along one axis: `start`, `start + step`, … below `end`, all inside the image. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** What the window measures with its padding, for the mean. */
  readonly size: number;
}

/** Where the windows lie along one axis of size n. */
function spans(
  op: string,
  n: number,
  axis: 0 | 1,
  kernel: Pair,
  { stride = kernel, padding = 0, ceilMode = false }: PoolOptions,
  dilation: Pair = 1,
): Span[] {
  const [k, s, p, d] = [kernel, stride, padding, dilation].map((pair) => both(pair, op)[axis]);
  if (![k, s, d].every((v) => Number.isInteger(v) && v >= 1) || !(p >= 0 && p <= k / 2)) {
    throw new RangeError(
      `${op}: expected kernel, stride and dilation >= 1 and 0 <= padding <= kernel / 2, got ${k}, ${s}, ${d} and ${p}`,
    );
  }
  const reach = d * (k - 1) + 1;
  let count = (ceilMode ? Math.ceil : Math.floor)((n + 2 * p - reach) / s) + 1;
  if (ceilMode && (count - 1) * s >= n + p) count--; // no window may start in the padding at the end
  if (count < 1) {
    throw new RangeError(
      `${op}: a window of ${reach} does not fit in ${n} with ${p} of padding on each side`,
    );
  }
  return Array.from({ length: count }, (_, i) => {
    const from = i * s - p;
    const skipped = from < 0 ? Math.ceil(-from / d) : 0;
    return {
      start: from + skipped * d,
      end: Math.min(from + reach, n),
      step: d,
      size: Math.min(from + reach, n + p) - from,
    };
  });
}

/**
 * Largest element of every window: x (B, C, H, W) → (B, C, H', W'). The first of equal elements takes the
 * gradient. All pools take one image alone too, (C, H, W).
 */
export function maxPool2d(x: Tensor, kernel: Pair, given: PoolOptions & { dilation?: Pair } = {}): Tensor {
  checkPool("maxPool2d", x, given);
  const { dilation = 1, ...options } = given;
  if (x.ndim === 3) return maxPool2d(x.unsqueeze(0), kernel, { dilation, ...options }).squeeze(0);
  const { H, W } = dims("maxPool2d", x.shape, "B C H W");
  const rows = spans("maxPool2d", H, 0, kernel, options, dilation);
  const columns = spans("maxPool2d", W, 1, kernel, options, dilation);
  const sizes = sizesOf(x.shape, rows, columns);
  return record(
    "maxPool2d",
    [x],
    (x) => {
      const shape = [...x.shape.slice(0, 2), rows.length, columns.length];
      const count = sizes.planes * rows.length * columns.length;
      const out = kernels().empty(x.dtype, count);
      const source = kernels().empty("int32", count) as Int32Array;
      kernels().maxPool(elements(x), out, source, sizes);
      return [
        fromStorage(out, shape),
        (g) => {
          const gx = kernels().empty(g.dtype, x.size);
          kernels().maxPoolBackward(elements(g), source, gx, sizes);
          return [fromStorage(gx, x.shape)];
        },
      ];
    },
    { keepsGrads: false },
  );
}

/** What the kernels want to know. */
function sizesOf([B, C, H, W]: Shape, rows: readonly Span[], columns: readonly Span[]): PoolSizes {
  const flat = (spans: readonly Span[]) =>
    Int32Array.from(spans.flatMap(({ start, end, step, size }) => [start, end, step, size]));
  return { planes: B * C, height: H, width: W, rows: flat(rows), columns: flat(columns) };
}

/** Mean of every window: x (B, C, H, W) → (B, C, H', W'). Padding counts as zeros unless `countIncludePad` is false. */
export function avgPool2d(
  x: Tensor,
  kernel: Pair,
  given: PoolOptions & { countIncludePad?: boolean } = {},
): Tensor {
  checkPool("avgPool2d", x, given);
  const { countIncludePad = true, ...options } = given;
  if (x.ndim === 3) return avgPool2d(x.unsqueeze(0), kernel, { countIncludePad, ...options }).squeeze(0);
  const { H, W } = dims("avgPool2d", x.shape, "B C H W");
  const share = (span: Span) => (countIncludePad ? span : { ...span, size: span.end - span.start });
  const rows = spans("avgPool2d", H, 0, kernel, options).map(share);
  const columns = spans("avgPool2d", W, 1, kernel, options).map(share);
  return averages("avgPool2d", x, rows, columns);
}

/** Mean over windows [⌊i H / h⌋, ⌈(i + 1) H / h⌉): x (B, C, H, W) → (B, C, h, w) for `size` [h, w]. */
export function adaptiveAvgPool2d(x: Tensor, size: Pair): Tensor {
  checkPool("adaptiveAvgPool2d", x);
  if (x.ndim === 3) return adaptiveAvgPool2d(x.unsqueeze(0), size).squeeze(0);
  const { H, W } = dims("adaptiveAvgPool2d", x.shape, "B C H W");
  const cut = (n: number, parts: number) =>
    Array.from({ length: parts }, (_, i) => {
      const start = Math.floor((i * n) / parts);
      const end = Math.ceil(((i + 1) * n) / parts);
      return { start, end, step: 1, size: end - start };
    });
  return averages(
    "adaptiveAvgPool2d",
    x,
    cut(H, both(size, "adaptiveAvgPool2d")[0]),
    cut(W, both(size, "adaptiveAvgPool2d")[1]),
  );
}

/** y = Σ window / size;  x̄ of each cell: Σ over its windows of ȳ / size. */
function averages(op: string, x: Tensor, rows: readonly Span[], columns: readonly Span[]): Tensor {
  const sizes = sizesOf(x.shape, rows, columns);
  return record(
    op,
    [x],
    (given) => {
      const x = isFloat(given.dtype) ? given : given.to("float32");
      const empty = (n: number) => kernels().empty(x.dtype, n) as Floats;
      const out = empty(sizes.planes * rows.length * columns.length);
      kernels().averagePool(elements(x), out, sizes);
      return [
        fromStorage(out, [...x.shape.slice(0, 2), rows.length, columns.length]),
        (g) => {
          const gx = empty(x.size);
          kernels().averagePoolBackward(elements(g.to(x.dtype)) as Floats, gx, sizes);
          return [fromStorage(gx, x.shape)];
        },
      ];
    },
    { keepsGrads: false },
  );
}
