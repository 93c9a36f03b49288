import { check, checkArray, checkOptions } from "../check";
import { kernels } from "../device";
import { dims } from "../dims";
import { isFloat } from "../dtype";
import { expected, words } from "../expected";
import { showShape } from "../shape";
import { flat, type Strided, strided } from "../strided";
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

/**
 * Walks all pairs (element under a window, place in the columns), in runs along the windows of one row:
 * `run(image, step, column, count)` means image[image + i·step] ↔ columns[column + i] for i < count.
 */
function eachRun(
  planes: number,
  y: Axis,
  x: Axis,
  run: (image: number, step: number, column: number, count: number) => void,
): void {
  const perPlane = y.window * x.window * y.windows * x.windows;
  for (let plane = 0; plane < planes; plane++) {
    for (let ky = 0; ky < y.window; ky++) {
      for (let kx = 0; kx < x.window; kx++) {
        const row = plane * perPlane + (ky * x.window + kx) * y.windows * x.windows;
        const shift = kx * x.dilation - x.padding;
        // Windows whose column shift + i·stride lies in [0, size).
        const first = Math.max(0, Math.ceil(-shift / x.stride));
        const last = Math.min(x.windows, Math.ceil((x.size - shift) / x.stride));
        if (first >= last) continue;
        for (let wy = 0; wy < y.windows; wy++) {
          const line = wy * y.stride + ky * y.dilation - y.padding;
          if (line < 0 || line >= y.size) continue;
          const image = (plane * y.size + line) * x.size + shift + first * x.stride;
          run(image, x.stride, row + wy * x.windows + first, last - first);
        }
      }
    }
  }
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
  const input = flat(x);
  const shape = [B, C * y.window * z.window, y.windows * z.windows];
  const out = kernels().alloc(x.dtype, shape[0] * shape[1] * shape[2]);
  eachRun(B * C, y, z, (image, step, column, count) => {
    for (let i = 0; i < count; i++) out[column + i] = input[image + i * step];
  });
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
  const input = flat(columns);
  const dtype = columns.dtype === "bool" ? "int32" : columns.dtype;
  const length = B * C * size[0] * size[1];
  // All add up in double precision; floats are rounded once, integers must fit.
  const sums = new Float64Array(length);
  eachRun(B * C, y, x, (image, step, column, count) => {
    for (let i = 0; i < count; i++) sums[image + i * step] += input[column + i];
  });
  const images = strided(sums, "float64", [B, C, size[0], size[1]]);
  return isFloat(dtype) ? cast(images, dtype) : toInt32("fold2d", images);
}
