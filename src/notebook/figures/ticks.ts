import { formatNumber } from "../numbers";

/** Marks along an axis: where, and what to write there. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** About `count` round numbers within [low, high], `smallest` or 1, 2, 2.5, 5 times a power of ten apart. */
export function linearTicks(low: number, high: number, count = 5, smallest = 0): Tick[] {
  if (!(high > low)) return [{ value: low, label: formatNumber(low) }];
  const rough = Math.max((high - low) / count, smallest);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factors = smallest === 1 && power === 1 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10];
  const step = (factors.find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const ticks: Tick[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    const value = Number((i * step).toPrecision(12));
    ticks.push({ value, label: tickLabel(value, step) });
  }
  return ticks;
}

/** Powers of ten within [low, high], and 2 and 5 between them when the powers are few. */
export function logTicks(low: number, high: number): Tick[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.max(1, Math.ceil((last - first) / 7));
  const factors = Math.log10(high / low) <= 3 ? [1, 2, 5] : [1];
  const ticks: Tick[] = [];
  for (let power = first; power <= last; power += every) {
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(12));
      if (value >= low * 0.9999 && value <= high * 1.0001) ticks.push({ value, label: formatNumber(value) });
    }
  }
  return ticks.length > 1 ? ticks : linearTicks(low, high, 4);
}

function tickLabel(value: number, step: number): string {
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude >= 1e6 || step < 1e-4)) return formatNumber(value, 3);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const exact = decimals === 0 || Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6;
  return value.toFixed(Math.min(6, exact ? decimals : decimals + 1)).replace("-", "\u2212");
}

/** [low, high] widened by 4 % on both sides, so that no line runs along the frame; never without width. */
export function padded(low: number, high: number): [number, number] {
  const pad = high > low ? (high - low) * 0.04 : Math.abs(low) * 0.1 || 0.5;
  return [low - pad, high + pad];
}
