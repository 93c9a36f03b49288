import { checkOptions, expected, isList, readable, words } from "../../tensor";
import { finiteRange, formatNumber } from "../numbers";
import { toNDArray, type Values } from "../values";
import { Figure } from "./figure";
import { type XyChart, type XySeries, xyPlotly, xySvg } from "./xy-chart";

/** One line or cloud of points: heights `y` over places `x` (0, 1, 2, … if left out). */
export interface NamedSeries {
  readonly name?: string;
  readonly x?: Values;
  readonly y: Values;
  /** How far each height may lie off, up and down: drawn as a whisker through its point. */
  readonly spread?: Values;
}

/**
 * What `line`, `scatter` and `bar` draw: one list of heights; a matrix, one series per row; several by name;
 * or a list of `{ name, x, y }`.
 */
export type SeriesInput = Values | readonly NamedSeries[] | { readonly [name: string]: Values | NamedSeries };

export interface ChartOptions {
  readonly title?: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** Heights on a logarithmic axis; values of zero and below are left out. */
  readonly logY?: boolean;
  /** Places along x for series that have none of their own. */
  readonly x?: Values;
  /** Pixels of the static picture: 720 × 360 unless given. */
  readonly width?: number;
  readonly height?: number;
}

const chartKinds = {
  title: "text",
  xTitle: "text",
  yTitle: "text",
  logY: "boolean",
  x: "any",
  width: "positive",
  height: "positive",
} as const;
const labelledKinds = { ...chartKinds, labels: "texts" } as const;

/**
 * Curves over a common axis.
 *
 * `line({ train: losses, validation: [{...}] })`, `line([3, 2, 1])`, `line([{ name: "lr", x: steps, y: rates }])`.
 * NaN and infinities interrupt a curve.
 */
export function line(series: SeriesInput, options: ChartOptions = {}): Figure {
  checkOptions("line", options, "title, xTitle", chartKinds);

  return xyFigure("line", chartOf("line", "line", series, options));
}

export interface ScatterOptions extends ChartOptions {
  /** A text for each point of the first series. */
  readonly labels?: readonly string[];
}

/** A dot for every (x, y): `scatter({ cats: { x, y }, dogs: { x, y } })`. */
export function scatter(series: SeriesInput, options: ScatterOptions = {}): Figure {
  checkOptions("scatter", options, "labels, title", labelledKinds);

  const chart = chartOf("scatter", "points", series, options);
  const { labels } = options;
  if (!labels || chart.series.length === 0) return xyFigure("scatter", chart);
  const [first, ...rest] = chart.series;
  return xyFigure("scatter", { ...chart, series: [{ ...first, labels }, ...rest] });
}

export interface BarOptions extends ChartOptions {
  /** Names under the bars. */
  readonly labels?: readonly string[];
}

/** Bars from zero; several series stand side by side: `bar([3, 5], { labels: ["cat", "dog"] })`. */
export function bar(series: SeriesInput, options: BarOptions = {}): Figure {
  checkOptions("bar", options, "labels, title", labelledKinds);

  const chart = chartOf("bar", "bars", series, options);
  return xyFigure("bar", { ...chart, categories: options.labels });
}

/** A chart as a figure. */
export function xyFigure(kind: string, chart: XyChart): Figure {
  const lines = chart.series
    .filter(({ faint }) => !faint)
    .map(({ name, y }) => `  ${name ? `${name}: ` : ""}${sparkline(y)}  ${summaryOf(y)}`);
  const heading = `[${kind}]${chart.title ? ` ${chart.title}` : ""}`;
  return new Figure({ text: [heading, ...lines].join("\n"), svg: xySvg(chart), plotly: xyPlotly(chart) });
}

function chartOf(op: string, mode: XySeries["mode"], input: SeriesInput, options: ChartOptions): XyChart {
  const { title = "", xTitle = "", yTitle = "", logY = false, width, height } = options;
  for (const [name, pixels = 0] of Object.entries({ width, height }))
    if (pixels > 1e5) throw expected(op, `${name} to be at most 100,000 pixels`, pixels);
  const series = namedSeries(op, input).map(({ name = "", x, y, spread }) => ({
    mode,
    name,
    ...coordinates(op, name, x ?? options.x, y, spread),
  }));
  return { title, xTitle, yTitle, logY, series, width, height };
}

function namedSeries(op: string, input: SeriesInput): NamedSeries[] {
  if (isNamed(input)) return [input];
  if (isList(input) && input.some(isNamed)) return [...(input as readonly NamedSeries[])];
  if (isRecord(input)) {
    return Object.entries(input).map(([name, one]) => (isNamed(one) ? { name, ...one } : { name, y: one }));
  }
  const x = toNDArray(op, input as Values);
  if (x.ndim <= 1) return [{ y: x }];
  if (x.ndim === 2)
    return Array.from({ length: x.shape[0] }, (_, row) => ({ name: String(row), y: x.select(0, row) }));
  throw expected(op, "one or two axes", x.ndim, "slice it, or pass named series");
}

const isNamed = (value: unknown): value is NamedSeries =>
  readable((x: object) => typeof x === "object" && Object.hasOwn(x, "y"), value);

const isRecord = (value: SeriesInput): value is { readonly [name: string]: Values | NamedSeries } =>
  readable((x: object) => typeof x === "object" && Object.getPrototypeOf(x) === Object.prototype, value);

function coordinates(op: string, name: string, x: Values | undefined, y: Values, spread?: Values) {
  const heights = Array.from(toNDArray(op, y).flat());
  const asMany = (what: string, values: Values): number[] => {
    const list = Array.from(toNDArray(op, values).flat());
    if (list.length === heights.length) return list;
    const which = name ? ` of "${name}"` : "";
    throw expected(op, `as many ${what} as y${which}`, words(`${list.length} and ${heights.length}`));
  };
  return {
    x: x === undefined ? heights.map((_, i) => i) : asMany("x", x),
    y: heights,
    ...(spread === undefined ? {} : { spread: asMany("spread", spread) }),
  };
}

/** The course of `values` in block characters, for a terminal. */
export function sparkline(values: readonly number[], width = 40): string {
  const [low, high] = finiteRange(values);
  const columns = Math.min(width, values.length);
  let out = "";
  for (let column = 0; column < columns; column++) {
    const value = values[Math.floor((column * values.length) / columns)];
    const level = (value - low) / (high - low || 1);
    out += Number.isFinite(value) ? "▁▂▃▄▅▆▇█"[Math.round(level * 7)] : " ";
  }
  return out;
}

function summaryOf(values: readonly number[]): string {
  if (values.length === 0) return "(empty)";
  return `${formatNumber(values[0])} → ${formatNumber(values[values.length - 1])}, ${values.length} values`;
}
