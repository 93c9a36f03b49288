import { tensor } from "../../autograd";
import { check, checkOptions, dims, expected, type NDArray, ones } from "../../tensor";
import { cornersOf } from "./boxes";
import { checkObjects, type Objects } from "./matching";

/** One colour for background and one for each kind (Okabe and Ito's, which colour-blind people tell apart), red, green, blue 0 … 1. */
export const KIND_COLOURS: readonly (readonly [number, number, number])[] = [
  [0.17, 0.17, 0.17],
  [0.9, 0.62, 0],
  [0.34, 0.71, 0.91],
  [0, 0.62, 0.45],
  [0.94, 0.89, 0.26],
  [0, 0.45, 0.7],
  [0.84, 0.37, 0],
  [0.8, 0.47, 0.65],
  [1, 1, 1],
];

/** A mask (H, W), whole numbers from 0, as a picture (3, H, W). */
export function maskPicture(mask: NDArray): NDArray {
  check("maskPicture", "mask", mask, "array");
  const { H, W } = dims("maskPicture", mask.shape, "H W");
  const picture = ones([3, H, W]);
  const colours = mask.flat();
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < H * W; i++) {
      const colour = KIND_COLOURS[colours[i]];
      if (!colour) throw expected("maskPicture", `classes 0 … ${KIND_COLOURS.length - 1}`, colours[i]);
      picture.set([channel, Math.floor(i / W), i % W], colour[channel]);
    }
  return picture;
}

/**
 * A picture (3, H, W), 0 … 1, enlarged, with a frame around each of the objects in the colour of its kind. Of objects with
 * scores only those of at least `least`.
 */
export function boxPicture(
  pixels: NDArray,
  objects: Objects & { readonly scores?: NDArray },
  options: { scale?: number; least?: number } = {},
): NDArray {
  const op = "boxPicture";
  check(op, "pixels", pixels, "array");
  checkObjects(op, objects, KIND_COLOURS.length - 1);
  if (objects.scores !== undefined) check(op, "objects.scores", objects.scores, "array");
  checkOptions(op, options, "scale: 4", { scale: "size", least: "fraction" });
  const { scale = 4, least = 0.5 } = options;
  const { H, W } = dims(op, pixels.shape, "3 H W");
  const large = pixels
    .reshape([3, H, 1, W, 1])
    .expand([3, H, scale, W, scale])
    .reshape([3, H * scale, W * scale])
    .clone();
  const classes = objects.classes.flat();
  const scores = objects.scores?.flat();
  const corners = cornersOf(tensor(objects.boxes)).data.toArray() as number[][];
  corners.forEach(([x0, y0, x1, y1], i) => {
    if (scores && scores[i] < least) return;
    const at = (part: number, size: number) => Math.min(size - 1, Math.max(0, Math.round(part * size)));
    const inOrder = (a: number, b: number) => [Math.min(a, b), Math.max(a, b)];
    const [left, right] = inOrder(at(x0, W * scale), at(x1, W * scale));
    const [top, bottom] = inOrder(at(y0, H * scale), at(y1, H * scale));
    const colour = KIND_COLOURS[classes[i] + 1];
    for (let channel = 0; channel < 3; channel++) {
      const plane = large.select(0, channel);
      for (const y of [top, bottom])
        plane
          .narrow(0, y, 1)
          .narrow(1, left, right - left + 1)
          .fill(colour[channel]);
      for (const x of [left, right])
        plane
          .narrow(1, x, 1)
          .narrow(0, top, bottom - top + 1)
          .fill(colour[channel]);
    }
  });
  return large;
}
