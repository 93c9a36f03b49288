import {
  checkOptions,
  dims,
  expected,
  type GridSampleSettings,
  gridSampleBackwardGrid,
  gridSampleBackwardInput,
  gridSample as sampled,
  showShape,
  words,
} from "../../tensor";
import { record } from "../record";
import { checkTensor, type Tensor } from "../tensor";

export interface GridSampleOptions extends Partial<GridSampleSettings> {}

/**
 * Images read at any places: x (B, C, H, W), grid (B, h, w, 2) → (B, C, h, w). `grid` holds (x, y), from −1 (left, top) to 1
 * (right, bottom); each pixel of the result is Σ wᵧ wₓ · pixel over the 1, 4 or 16 pixels around its place.
 * x̄ gets ȳ wᵧ wₓ for each of them, the grid Σ ȳ · pixel · ∂(wᵧ wₓ). Bicubic takes a = −0.75 (Keys, 1981), as PyTorch.
 *
 * Jaderberg et al., "Spatial transformer networks", 2015.
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const op = "gridSample";
  checkTensor(op, x);
  checkTensor(`${op}: grid`, grid);
  checkOptions(op, options, 'mode: "nearest"', {
    mode: ["bilinear", "nearest", "bicubic"],
    paddingMode: ["zeros", "border", "reflection"],
    alignCorners: "boolean",
  });
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = options;
  const { B, H, W } = dims(op, x.shape, "B C H W");
  const { N } = dims(`${op}: grid`, grid.shape, "N h w 2");
  if (N !== B) throw expected(`${op}: grid`, `(${B}, h, w, 2)`, words(`shape ${showShape(grid.shape)}`));
  if (H === 0 || W === 0)
    throw expected(op, "images of at least 1 pixel", words(`shape ${showShape(x.shape)}`));
  return record(
    op,
    [x, grid],
    (x, grid) => {
      const [y, saved] = sampled(x, grid, { mode, paddingMode, alignCorners });
      return [y, (g) => [() => gridSampleBackwardInput(g, saved), () => gridSampleBackwardGrid(g, saved)]];
    },
    { keepsGrads: false },
  );
}
