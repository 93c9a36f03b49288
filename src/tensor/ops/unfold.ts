import { check, checkArray, checkOptions } from "../check";
import { kernels } from "../device";
import { dims } from "../dims";
import { isFloat } from "../dtype";
import { expected, words } from "../expected";
import { showShape, sizeOf } from "../shape";
import { flat, type Strided, strided } from "../strided";
import { beforeRead } from "../version";
import { cast, toInt32 } from "./elementwise";
import { both, countWindows, type Pair, type Sliding } from "./windows";

export interface WindowOptions {
  readonly kernelSize: Pair;
  readonly stride?: Pair;
  /** Zeros on each side. */
  readonly padding?: Pair;
  readonly dilation?: Pair;
}

const windowKinds = { kernelSize: "pair", stride: "pair", padding: "pair", dilation: "pair" } as const;

/** One axis of an image under sliding windows. */
interface Axis extends Sliding {
  readonly size: number;
  readonly windows: number;
}

function axisOf(op: string, size: number, axis: 0 | 1, options: WindowOptions): Axis {
  checkOptions(op, options, "kernelSize: 3", windowKinds, ["kernelSize"]);
  const { kernelSize, stride = 1, padding = 0, dilation = 1 } = options;
  const along = (pair: Pair) => both(op, pair)[axis];
  const sliding = {
    window: along(kernelSize),
    stride: along(stride),
    padding: along(padding),
    dilation: along(dilation),
  };
  return { size, ...sliding, windows: countWindows(op, size, sliding) };
}

/** Of the windows along an axis, those in which element `at` of a window lies in the image, and where it lies in the first. */
function inside(axis: Axis, at: number): { first: number; count: number; place: number } {
  const shift = at * axis.dilation - axis.padding;
  const first = Math.max(0, Math.ceil(-shift / axis.stride));
  const last = Math.min(axis.windows, Math.ceil((axis.size - shift) / axis.stride));
  return { first, count: Math.max(0, last - first), place: shift + first * axis.stride };
}

interface Tap {
  /** Of the columns. */
  readonly row: number;
  readonly vertical: ReturnType<typeof inside>;
  readonly horizontal: ReturnType<typeof inside>;
}

/** The elements of a window, a row of the columns for each, but for those that are never in the image. */
function taps(y: Axis, x: Axis): Tap[] {
  const found: Tap[] = [];
  for (let ky = 0, row = 0; ky < y.window; ky++) {
    for (let kx = 0; kx < x.window; kx++, row++) {
      const [vertical, horizontal] = [inside(y, ky), inside(x, kx)];
      if (vertical.count > 0 && horizontal.count > 0) found.push({ row, vertical, horizontal });
    }
  }
  return found;
}

/**
 * Sliding windows of images as columns: (B, C, H, W) → (B, C·kh·kw, L), L windows in row-major order, as
 * torch.nn.functional.unfold. A convolution is then one matmul: weight (O, C·kh·kw) · columns.
 */
export function unfold2d(x: Strided, options: WindowOptions): Strided {
  checkArray("unfold2d", x);
  const { B, C, H, W } = dims("unfold2d", x.shape, "B C H W");
  const y = axisOf("unfold2d", H, 0, options);
  const z = axisOf("unfold2d", W, 1, options);
  beforeRead(x);
  const [perRow, perPlane] = [y.windows * z.windows, y.window * z.window * y.windows * z.windows];
  const out = kernels().alloc(x.dtype, B * C * perPlane);
  const [sB, sC, sH, sW] = x.strides;
  const steps = [sB, sC, y.stride * sH, z.stride * sW];
  for (const { row, vertical: v, horizontal: h } of taps(y, z)) {
    const from = x.offset + v.place * sH + h.place * sW;
    const to = row * perRow + v.first * z.windows + h.first;
    const into = [C * perPlane, perPlane, z.windows, 1];
    kernels().copy([B, C, v.count, h.count], x.data, from, steps, out, to, into);
  }
  const shape = [B, C * y.window * z.window, perRow];
  return strided(out, x.dtype, shape);
}

/**
 * The adjoint of {@link unfold2d}, as torch.nn.functional.fold: (B, C·kh·kw, L) → (B, C, H, W) of `size`
 * [H, W], where elements under several windows are added up.
 */
export function fold2d(columns: Strided, size: readonly [number, number], options: WindowOptions): Strided {
  checkArray("fold2d", columns);
  check("fold2d", "size", size, "pair");
  const { B, K, L } = dims("fold2d", columns.shape, "B K L");
  const y = axisOf("fold2d", size[0], 0, options);
  const x = axisOf("fold2d", size[1], 1, options);
  const perPixel = y.window * x.window;
  if (K % perPixel !== 0 || L !== y.windows * x.windows) {
    throw expected(
      "fold2d",
      `(B, C·${perPixel}, ${y.windows * x.windows}) for size (${size[0]}, ${size[1]})`,
      words(showShape(columns.shape)),
    );
  }
  const C = K / perPixel;
  // Floats add up in float64 and are rounded once; integers must fit.
  const dtype = isFloat(columns.dtype) ? columns.dtype : "float64";
  const input = flat(cast(columns, dtype));
  const shape = [B, C, size[0], size[1]];
  const images = strided(kernels().alloc(dtype, sizeOf(shape)), dtype, shape);
  const { pixels, places } = sources(y, x);
  kernels().sparseProduct(input, perPixel * L, pixels, places, null, images.data, size[0] * size[1]);
  return isFloat(columns.dtype) ? images : toInt32("fold2d", images);
}

/** What each pixel is the sum of: pixel after pixel, the places in the columns of one plane. */
function sources(y: Axis, x: Axis): { pixels: Int32Array; places: Int32Array } {
  const [down, along] = [sourcesAlong(y), sourcesAlong(x)];
  const count = down.windows.length * along.windows.length;
  const [pixels, places] = [new Int32Array(count), new Int32Array(count)];
  const L = y.windows * x.windows;
  let n = 0;
  for (let i = 0; i < y.size; i++) {
    for (let j = 0; j < x.size; j++) {
      const pixel = i * x.size + j;
      for (let v = down.begins[i]; v < down.begins[i + 1]; v++) {
        const [row, line] = [down.taps[v] * x.window * L, down.windows[v] * x.windows];
        for (let h = along.begins[j]; h < along.begins[j + 1]; h++) {
          pixels[n] = pixel;
          places[n++] = row + along.taps[h] * L + line + along.windows[h];
        }
      }
    }
  }
  return { pixels, places };
}

/** The windows in which each element of an axis stands, and where in them: those of element i from begins[i] on. */
function sourcesAlong(axis: Axis): { begins: number[]; taps: number[]; windows: number[] } {
  const [begins, taps, windows]: number[][] = [[0], [], []];
  for (let i = 0; i < axis.size; i++) {
    for (let tap = 0; tap < axis.window; tap++) {
      const first = i + axis.padding - tap * axis.dilation;
      const window = first / axis.stride;
      if (first < 0 || !Number.isInteger(window) || window >= axis.windows) continue;
      taps.push(tap);
      windows.push(window);
    }
    begins.push(taps.length);
  }
  return { begins, taps, windows };
}
