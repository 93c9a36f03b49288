/** Numbers as people read them. */
import { language } from "./language";

export { formatNumber } from "../tensor";

/** A whole number with its thousands set apart: 12,345; in Russian, where a comma begins the fraction, by a space. */
export const formatCount = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, language() === "ru" ? "\u00a0" : ",");

/** Seconds as `42s`, `3m 05s`, `2h 07m`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const [h, m, sec] = language() === "ru" ? [" ч", " мин", " с"] : ["h", "m", "s"];
  if (seconds < 9.95) return `${seconds.toFixed(1)}${sec}`;
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}${sec}`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${m} ${pad(whole % 60)}${sec}`;
  return `${Math.floor(whole / 3600)}${h} ${pad(Math.floor((whole % 3600) / 60))}${m}`;
}

/** Bytes as `512 B`, `1.5 KiB`, `3.2 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

/** Rounded to `digits` significant digits: what a picture needs, and much shorter as JSON. `null` if not finite. */
export const rounded = (value: number, digits = 5): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;

/** Has `value` a place on an axis? Not NaN, not infinite, nor so large that the axis itself would overflow. */
export const hasPlace = (value: number): boolean => Math.abs(value) <= 1e300;

/** The largest of however many numbers; -∞ of none. */
export const largest = (numbers: readonly number[]): number =>
  numbers.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);

/** Smallest and largest of the values that have a place on an axis; `[0, 1]` when none has. */
export function finiteRange(values: ArrayLike<number>): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!hasPlace(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}
