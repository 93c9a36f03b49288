/** A thing as it is pasted into scenes. */
export interface Sprite {
  readonly side: number;
  /** (3, side, side), 0 to 1. */
  readonly rgb: Float32Array;
  /** (side, side): how much of the background it hides. */
  readonly opacity: Float32Array;
  /** What it covers of its square: columns x0 to x1, rows y0 to y1, the ends not included. */
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number];
}

/** From this opacity on a pixel belongs to the thing. */
export const COVERED = 0.5;
/** Below this, a pixel is grey: glass, wheels and outlines keep their look when a thing is painted. */
const GREY = 0.25;

/** A sprite from pixels as {@link cutOut} gives them, painted in `paint` where the drawing has any colour. */
export function spriteOf(rgba: Uint8Array, side: number, paint: readonly number[] | null): Sprite {
  const plane = side * side;
  const rgb = new Float32Array(3 * plane);
  const opacity = new Float32Array(plane);
  for (let i = 0; i < plane; i++) {
    opacity[i] = rgba[4 * i + 3] / 255;
    for (let c = 0; c < 3; c++) rgb[c * plane + i] = rgba[4 * i + c] / 255;
  }
  if (paint) repaint(rgb, opacity, paint);
  return { side, rgb, opacity, box: covered(opacity, side) };
}

/**
 * Give all that is not grey one hue. Shades stay: a pixel brighter than the average is brighter in the new colour, a paler
 * one closer to white.
 */
function repaint(rgb: Float32Array, opacity: Float32Array, paint: readonly number[]): void {
  const plane = opacity.length;
  /** HSV's value and saturation of a pixel. */
  const shade = (i: number): [value: number, saturation: number] => {
    const [r, g, b] = [rgb[i], rgb[plane + i], rgb[2 * plane + i]];
    const most = Math.max(r, g, b);
    return [most, most > 0 ? (most - Math.min(r, g, b)) / most : 0];
  };
  let [weight, meanValue, meanSaturation] = [1e-6, 0, 0];
  for (let i = 0; i < plane; i++) {
    const [value, saturation] = shade(i);
    if (saturation < GREY) continue;
    weight += opacity[i];
    meanValue += opacity[i] * value;
    meanSaturation += opacity[i] * saturation;
  }
  meanValue /= weight;
  meanSaturation /= weight;
  for (let i = 0; i < plane; i++) {
    const [value, saturation] = shade(i);
    if (saturation < GREY) continue;
    const bright = Math.min(1.15, value / meanValue);
    const pure = Math.min(1, saturation / meanSaturation);
    for (let c = 0; c < 3; c++) rgb[c * plane + i] = Math.min(1, bright * (1 - pure + pure * paint[c]));
  }
}

function covered(opacity: Float32Array, side: number): Sprite["box"] {
  let [x0, y0, x1, y1] = [side, side, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (opacity[y * side + x] < COVERED) continue;
      [x0, y0] = [Math.min(x0, x), Math.min(y0, y)];
      [x1, y1] = [Math.max(x1, x + 1), Math.max(y1, y + 1)];
    }
  }
  return [x0, y0, x1, y1];
}

/** A picture that is being made. */
export interface Canvas {
  /** Its side. */
  readonly S: number;
  /** (3, S, S) */
  readonly rgb: Float32Array;
  /** (S, S) */
  readonly mask: Int32Array;
  /** What of red, green and blue comes back from a white thing. */
  readonly tint: readonly number[];
}

/** Lay a sprite over the picture, its upper left corner at (x, y), and write its class into the mask. */
export function paste(
  { S, rgb, mask, tint }: Canvas,
  sprite: Sprite,
  x: number,
  y: number,
  kind: number,
): void {
  const { side, opacity } = sprite;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const from = row * side + column;
      const to = (y + row) * S + x + column;
      const hides = opacity[from];
      for (let c = 0; c < 3; c++) {
        const under = rgb[c * S * S + to];
        rgb[c * S * S + to] = under + hides * (tint[c] * sprite.rgb[c * side * side + from] - under);
      }
      if (hides >= COVERED) mask[to] = kind;
    }
  }
}
