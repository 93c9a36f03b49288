import type { SceneLight } from "./scene-words";

type Rgb = readonly [red: number, green: number, blue: number];

interface Lighting {
  /** The sky at its top, and where it meets the ground. */
  readonly sky: readonly [top: Rgb, bottom: Rgb];
  readonly ground: Rgb;
  /** What of red, green and blue comes back from a white thing. */
  readonly tint: Rgb;
}

export const LIGHTING: Readonly<Record<SceneLight, Lighting>> = {
  morning: {
    sky: [
      [0.98, 0.78, 0.8],
      [1, 0.95, 0.8],
    ],
    ground: [0.74, 0.84, 0.62],
    tint: [1, 0.95, 0.9],
  },
  day: {
    sky: [
      [0.42, 0.7, 0.98],
      [0.8, 0.92, 1],
    ],
    ground: [0.5, 0.77, 0.4],
    tint: [1, 1, 1],
  },
  evening: {
    sky: [
      [0.45, 0.26, 0.5],
      [0.98, 0.56, 0.26],
    ],
    ground: [0.4, 0.34, 0.26],
    tint: [0.95, 0.78, 0.7],
  },
  night: {
    sky: [
      [0.04, 0.06, 0.2],
      [0.13, 0.17, 0.38],
    ],
    ground: [0.08, 0.14, 0.13],
    tint: [0.7, 0.74, 0.9],
  },
};

/**
 * Sky and ground on (3, S, S) pixels. `weather` are four numbers in [0, 1): how high the horizon lies, how bright it is,
 * and where the stars are.
 */
export function paintBackground(
  rgb: Float32Array,
  S: number,
  light: SceneLight,
  weather: ArrayLike<number>,
): void {
  const { sky, ground } = LIGHTING[light];
  const horizon = Math.round(S * (0.72 + 0.14 * weather[0]));
  const bright = 0.92 + 0.13 * weather[1];
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < S; y++) {
      const down = y / horizon;
      const value = y < horizon ? sky[0][c] + (sky[1][c] - sky[0][c]) * down : ground[c] * (1.1 - 0.1 * down);
      const row = (c * S + y) * S;
      rgb.fill(Math.min(1, value * bright), row, row + S);
    }
  }
  if (light !== "night") return;
  for (let i = 0; i < 8; i++) {
    const x = Math.floor(((weather[2] + i * 0.618) % 1) * S);
    const y = Math.floor(((weather[3] + i * 0.382) % 1) * horizon * 0.8);
    for (let c = 0; c < 3; c++) rgb[(c * S + y) * S + x] = 0.75;
  }
}
