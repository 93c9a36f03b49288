import { kernels } from "../device";
import { dims } from "../dims";
import { expected, words } from "../expected";
import type { PoolSizes } from "../kernels";
import { elements, type NDArray } from "../ndarray";
import { both, noneFits, type Pair } from "../ops/windows";
import type { Shape } from "../shape";
import { asFloats, floats, unwritten } from "./arrays";

export interface PoolWindows {
  /** The window's size unless given: windows side by side. */
  readonly stride?: Pair;
  readonly padding?: Pair;
  /** Let a last window hang over the edge. */
  readonly ceilMode?: boolean;
}

/** Where the windows over images of one shape lie. */
export interface PoolGrid {
  readonly shape: Shape;
  /** Of the result. */
  readonly pooled: Shape;
  readonly sizes: PoolSizes;
}

/** The cells of one window along one axis: `start`, `start + step`, … below `end`, all inside the image. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** What the window measures with its padding, for the mean. */
  readonly size: number;
}

/** Windows of `kernelSize` over x (B, C, H, W). Throws where none fits. Padding counts for a mean if `countPadding`. */
export function slidingPool(
  op: string,
  shape: Shape,
  kernelSize: Pair,
  windows: PoolWindows,
  { dilation = 1, countPadding = true }: { dilation?: Pair; countPadding?: boolean } = {},
): PoolGrid {
  const { H, W } = dims(op, shape, "B C H W");
  const along = (n: number, axis: 0 | 1) => {
    const list = spans(op, n, axis, kernelSize, windows, dilation);
    return countPadding ? list : list.map((span) => ({ ...span, size: span.end - span.start }));
  };
  return gridOf(shape, along(H, 0), along(W, 1));
}

/** Windows [⌊i H / h⌋, ⌈(i + 1) H / h⌉) over x (B, C, H, W), for a result of `size` [h, w]. */
export function adaptivePool(op: string, shape: Shape, size: Pair): PoolGrid {
  const { H, W } = dims(op, shape, "B C H W");
  const cut = (n: number, parts: number) =>
    Array.from({ length: parts }, (_, i) => {
      const start = Math.floor((i * n) / parts);
      const end = Math.ceil(((i + 1) * n) / parts);
      return { start, end, step: 1, size: end - start };
    });
  const [h, w] = both(op, size);
  return gridOf(shape, cut(H, h), cut(W, w));
}

function gridOf(shape: Shape, rows: readonly Span[], columns: readonly Span[]): PoolGrid {
  const [B, C, height, width] = shape;
  const flat = (spans: readonly Span[]) =>
    Int32Array.from(spans.flatMap(({ start, end, step, size }) => [start, end, step, size]));
  return {
    shape,
    pooled: [B, C, rows.length, columns.length],
    sizes: { planes: B * C, height, width, rows: flat(rows), columns: flat(columns) },
  };
}

function spans(
  op: string,
  n: number,
  axis: 0 | 1,
  kernelSize: Pair,
  { stride = kernelSize, padding = 0, ceilMode = false }: PoolWindows,
  dilation: Pair,
): Span[] {
  const [k, s, p, d] = [kernelSize, stride, padding, dilation].map((pair) => both(op, pair)[axis]);
  if (![k, s, d].every((v) => Number.isInteger(v) && v >= 1) || !(p >= 0 && p <= k / 2)) {
    throw expected(
      op,
      "kernelSize, stride and dilation >= 1 and 0 <= padding <= kernelSize / 2",
      words(`${k}, ${s}, ${d} and ${p}`),
    );
  }
  const reach = d * (k - 1) + 1;
  let count = (ceilMode ? Math.ceil : Math.floor)((n + 2 * p - reach) / s) + 1;
  if (ceilMode && (count - 1) * s >= n + p) count--; // no window may start in the padding at the end
  if (count < 1) throw noneFits(op, reach, n, p);
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

/** The largest number of every window, and where in x it lies (int32). */
export function maxPool(x: NDArray, { pooled, sizes }: PoolGrid): [y: NDArray, source: NDArray] {
  const [y, source] = [unwritten(x.dtype, pooled), unwritten("int32", pooled)];
  kernels().maxPool(elements(x), y.data, source.data as Int32Array, sizes);
  return [y, source];
}

/** g goes back to where the largest numbers lay. */
export function maxPoolBackward(g: NDArray, source: NDArray, { shape, sizes }: PoolGrid): NDArray {
  const gx = unwritten(g.dtype, shape);
  kernels().maxPoolBackward(elements(g), source.data as Int32Array, gx.data, sizes);
  return gx;
}

/** The mean of every window. */
export function averagePool(given: NDArray, { pooled, sizes }: PoolGrid): NDArray {
  const x = asFloats(given);
  const y = unwritten(x.dtype, pooled);
  kernels().averagePool(floats(x), floats(y), sizes);
  return y;
}

/** x̄ of each cell: Σ over its windows of g / size. */
export function averagePoolBackward(g: NDArray, { shape, sizes }: PoolGrid): NDArray {
  const gx = unwritten(g.dtype, shape);
  kernels().averagePoolBackward(floats(g), floats(gx), sizes);
  return gx;
}
