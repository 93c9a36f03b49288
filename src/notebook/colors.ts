import { expected, words } from "../tensor";
/** Colours that people with colour-blindness can tell apart, and text that stays readable on them. */

/** Red, green, blue: each 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * How a number becomes a colour: `viridis` (low to high), `rdbu` (blue below zero, white, red above),
 * `blues` (white to blue) or `gray` (black to white).
 */
export type ColorScale = "viridis" | "rdbu" | "blues" | "gray";

const stops: Record<ColorScale, readonly string[]> = {
  viridis: [
    "#440154",
    "#482475",
    "#414487",
    "#355f8d",
    "#2a788e",
    "#21918c",
    "#22a884",
    "#44bf70",
    "#7ad151",
    "#bddf26",
    "#fde725",
  ],
  rdbu: [
    "#053061",
    "#2166ac",
    "#4393c3",
    "#92c5de",
    "#d1e5f0",
    "#f7f7f7",
    "#fddbc7",
    "#f4a582",
    "#d6604d",
    "#b2182b",
    "#67001f",
  ],
  blues: ["#f7fbff", "#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b"],
  gray: ["#000000", "#ffffff"],
};

const parsed = new Map<ColorScale, Rgb[]>();

function scaleColors(scale: ColorScale): Rgb[] {
  let colors = parsed.get(scale);
  if (!colors) {
    const hexes = stops[scale];
    if (!hexes) {
      const known = Object.keys(stops).join(", ");
      throw expected("colorscale", `one of ${known}`, words(String(scale)));
    }
    colors = hexes.map(parseHex);
    parsed.set(scale, colors);
  }
  return colors;
}

function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The colour at `position` in [0, 1]; outside is clamped. */
export function colorAt(scale: ColorScale, position: number): Rgb {
  const colors = scaleColors(scale);
  const at = Math.min(1, Math.max(0, position)) * (colors.length - 1);
  const index = Math.min(Math.floor(at), colors.length - 2);
  const [from, to] = [colors[index], colors[index + 1]];
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (to[channel] - from[channel]) * (at - index));
  return [mix(0), mix(1), mix(2)];
}

/** The scale as Plotly wants it: pairs of position and colour. */
export function plotlyScale(scale: ColorScale): [number, string][] {
  const colors = scaleColors(scale);
  return colors.map((color, i) => [i / (colors.length - 1), hex(color)]);
}

/** `#rrggbb`. */
export const hex = ([red, green, blue]: Rgb): string =>
  `#${((1 << 24) | (red << 16) | (green << 8) | blue).toString(16).slice(1)}`;

/** Black or white, whichever contrasts more with `background` (WCAG relative luminance). */
export function textOn(background: Rgb): "#000000" | "#ffffff" {
  const linear = (channel: number) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const [red, green, blue] = background;
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

/** Okabe and Ito's palette, strongest contrast to white first: one colour per series. */
export const seriesColors: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#666666",
];

export const seriesColor = (index: number): string => seriesColors[index % seriesColors.length];

/** Colours of what no scale can place: magenta for NaN, which is an accident; grey for infinities (often a mask). */
export const nanColor: Rgb = [214, 39, 190];
export const infinityColor: Rgb = [128, 134, 139];

/** Where `value` lies in a colour scale. */
export interface ColorRange {
  readonly scale: ColorScale;
  readonly low: number;
  readonly high: number;
}

/**
 * The range a picture uses when its caller names none: values of both signs get `rdbu`, symmetric around
 * zero, so that white is zero; others get `viridis` from the smallest to the largest.
 */
export function defaultRange(low: number, high: number, scale?: ColorScale): ColorRange {
  const chosen = scale ?? (low < 0 && high > 0 ? "rdbu" : "viridis");
  if (chosen === "rdbu") {
    const bound = Math.max(Math.abs(low), Math.abs(high)) || 1;
    return { scale: chosen, low: -bound, high: bound };
  }
  return { scale: chosen, low, high };
}

/** The colour of `value` in `range`. A range without width takes the middle. */
export function valueColor(value: number, { scale, low, high }: ColorRange): Rgb {
  if (Number.isNaN(value)) return nanColor;
  if (!Number.isFinite(value)) return infinityColor;
  return colorAt(scale, high > low ? (value - low) / (high - low) : 0.5);
}
