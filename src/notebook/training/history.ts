import { seriesColor } from "../colors";
import { thinned, type XyChart, type XySeries } from "../figures/xy-chart";
import { say } from "../language";

/** The values of one metric, and the steps (from 1) at which they were reported. */
export interface Curve {
  readonly x: number[];
  readonly y: number[];
}

/** Metrics that are told in words, not drawn. */
const undrawn = new Set(["lr", "tokens"]);
const mostCharts = 3;

/** The charts of a run: all losses together, with the `marks` to compare them with, then one for each other metric. */
export function chartsOf(
  history: ReadonlyMap<string, Curve>,
  width: number,
  marks?: XyChart["marks"],
): XyChart[] {
  const drawn = [...history].filter(([name]) => !undrawn.has(name));
  const losses = drawn.filter(([name]) => /loss/i.test(name));
  const others = drawn.filter(([name]) => !/loss/i.test(name));
  const groups = [...(losses.length ? [losses] : []), ...others.map((one) => [one])].slice(0, mostCharts);
  return groups.map((group) => ({
    title: "",
    xTitle: say({ en: "step", ru: "шаг" }),
    yTitle: group.length === 1 ? group[0][0] : "loss",
    logY: false,
    series: group.flatMap(([name, curve], index) => seriesOf(name, curve, seriesColor(index))),
    width: Math.floor(width / groups.length) - (groups.length > 1 ? 4 : 0),
    height: 300,
    ...(group === losses ? { marks } : {}),
  }));
}

/** A curve of many points is drawn twice: as it is, faint, and smoothed. */
function seriesOf(name: string, curve: Curve, color: string): XySeries[] {
  const points = thinned(
    curve.x.map((x, i) => ({ x, y: curve.y[i] })),
    1000,
  );
  const raw: XySeries = {
    name,
    mode: "line",
    color,
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
  };
  if (curve.y.length < 60) return [raw];
  const smooth = smoothed(curve.y);
  const every = Math.ceil(curve.y.length / 500);
  const kept = curve.x.map((_, i) => i).filter((i) => i % every === 0 || i === curve.x.length - 1);
  return [
    { ...raw, faint: true },
    { name, mode: "line", color, x: kept.map((i) => curve.x[i]), y: kept.map((i) => smooth[i]) },
  ];
}

/**
 * Mean over a window of about 1/20 of the run around each value, narrower towards the start, where a loss
 * falls steeply. Unlike a running average it does not lag behind. What is not finite is left out.
 */
function smoothed(values: readonly number[]): number[] {
  const reach = Math.max(3, Math.floor(values.length / 40));
  const sums = [0];
  const counts = [0];
  values.forEach((value, i) => {
    const finite = Number.isFinite(value);
    sums.push(sums[i] + (finite ? value : 0));
    counts.push(counts[i] + (finite ? 1 : 0));
  });
  return values.map((_, i) => {
    const radius = Math.min(reach, i);
    const [from, to] = [i - radius, Math.min(values.length, i + radius + 1)];
    return (sums[to] - sums[from]) / (counts[to] - counts[from]);
  });
}
