import { seriesColor } from "../colors";
import { element, escapeMarkup, fragment, type Markup } from "../markup";
import { finiteRange, hasPlace, largest, rounded } from "../numbers";
import { baseLayout, type PlotlyObject, type PlotlySpec } from "./plotly";
import { ink, label, shortened, svgDocument, textWidth, titleLabel } from "./svg";
import { linearTicks, logTicks, padded, type Tick } from "./ticks";

/** Points of one name; `faint` draws them as a background to others. */
export interface XySeries {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Half the length of the whisker through each point. */
  readonly spread?: readonly number[];
  readonly mode: "line" | "points" | "bars";
  readonly color?: string;
  readonly faint?: boolean;
  /** Text beside a point (or under the pointer, in the live plot). */
  readonly labels?: readonly string[];
}

/** A chart with a horizontal and a vertical axis. */
export interface XyChart {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly logY: boolean;
  readonly series: readonly XySeries[];
  /** Names of the positions 0, 1, 2, … along x, for bars. */
  readonly categories?: readonly string[];
  readonly width?: number;
  readonly height?: number;
  /** Heights to compare with, by name: dashed lines across the chart. */
  readonly marks?: { readonly [name: string]: number };
}

const marksOf = ({ marks = {}, logY }: XyChart): [name: string, height: number][] =>
  Object.entries(marks).filter(([, height]) => drawable(height, logY));

export const colorOf = (series: XySeries, index: number): string => series.color ?? seriesColor(index);

/** A straight map from numbers to pixels (of their logarithms if `log`). */
function axisScale(low: number, high: number, from: number, to: number, log: boolean) {
  const position = log ? Math.log10 : (value: number) => value;
  const [start, end] = [position(low), position(high)];
  return (value: number) => from + ((position(value) - start) / (end - start || 1)) * (to - from);
}

const drawable = (value: number, log: boolean) => hasPlace(value) && (!log || value > 0);

/** From where to where each point may lie. */
const whiskers = (y: readonly number[], spread: readonly number[]): [low: number, high: number][] =>
  y.map((value, i) => [value - spread[i], value + spread[i]]);

function verticalRange(chart: XyChart): [number, number] {
  const { series, logY } = chart;
  const reached = series.flatMap(({ y, spread }) => (spread ? whiskers(y, spread).flat() : y));
  const shown = reached.filter((value) => drawable(value, logY));
  shown.push(...marksOf(chart).map(([, height]) => height));
  const [low, high] = finiteRange(shown.length ? shown : logY ? [0.1, 1] : []);
  if (logY) return [low / 1.15, high * 1.15];
  if (!series.some(({ mode }) => mode === "bars")) return padded(low, high);
  const [down, up] = padded(Math.min(0, low), Math.max(0, high));
  return [low < 0 ? down : 0, high > 0 ? up : 0];
}

function horizontalRange({ series, categories }: XyChart): [number, number] {
  if (categories) return [-0.6, categories.length - 0.4];
  const [low, high] = finiteRange(series.flatMap(({ x }) => x));
  return series.some(({ mode }) => mode !== "line") ? padded(low, high) : [low, high > low ? high : low + 1];
}

/** The chart as an SVG document. */
export function xySvg(chart: XyChart): string {
  const { width = 720, height = 360, logY, categories } = chart;
  const [yLow, yHigh] = verticalRange(chart);
  const [xLow, xHigh] = horizontalRange(chart);
  const yTicks = logY ? logTicks(yLow, yHigh) : linearTicks(yLow, yHigh, height / 65);
  const legend = legendMarkup(chart, width);
  const tickRoom = Math.max(...yTicks.map((tick) => textWidth(tick.label, 11)), 16);
  const left = 16 + tickRoom + (chart.yTitle ? 18 : 0);
  const right = width - 20;
  const turned = categories !== undefined && needTurn(categories, (right - left) / categories.length);
  const bottomRoom = turned
    ? 12 + largest(categories.map((name) => textWidth(shortName(name), 11))) * 0.72
    : 16;
  const top = (chart.title ? 36 : 16) + legend.height;
  const bottom = height - 14 - bottomRoom - (chart.xTitle ? 18 : 0);
  const xAt = axisScale(xLow, xHigh, left, right, false);
  const yAt = axisScale(yLow, yHigh, bottom, top, logY);

  const whole = chart.series.every(({ x }) => x.every(Number.isInteger));
  const xTicks: Tick[] = categories
    ? categories.map((name, value) => ({ value, label: shortName(name) }))
    : linearTicks(xLow, xHigh, (right - left) / 90, whole ? 1 : 0);
  const every = categories && !turned ? 1 : Math.ceil((xTicks.length * 14) / (right - left));
  const grid = [
    ...yTicks.map(({ value }) =>
      element("line", { x1: left, x2: right, y1: yAt(value), y2: yAt(value), stroke: ink.grid }),
    ),
    ...yTicks.map((tick) => label(left - 7, yAt(tick.value), tick.label, { anchor: "end", size: 11 })),
    ...xTicks
      .filter((_, i) => i % every === 0)
      .map((tick) =>
        turned
          ? label(xAt(tick.value) + 3, bottom + 10, tick.label, { anchor: "end", size: 11, turn: 45 })
          : label(xAt(tick.value), bottom + 14, tick.label, { anchor: "middle", size: 11 }),
      ),
    element("line", { x1: left, x2: right, y1: bottom, y2: bottom, stroke: ink.frame }),
    yLow < 0 && yHigh > 0 && !logY
      ? element("line", { x1: left, x2: right, y1: yAt(0), y2: yAt(0), stroke: ink.frame })
      : fragment(),
  ];
  const axisTitles = [
    chart.xTitle
      ? label((left + right) / 2, height - 14, chart.xTitle, { anchor: "middle", fill: ink.muted })
      : fragment(),
    chart.yTitle
      ? label(15, (top + bottom) / 2, chart.yTitle, { anchor: "middle", fill: ink.muted, turn: 90 })
      : fragment(),
  ];
  const base = yAt(logY ? yLow : Math.min(Math.max(0, yLow), yHigh));
  const bars = chart.series.filter(({ mode }) => mode === "bars");
  const slot = 0.8 / Math.max(1, bars.length);
  const marks = chart.series.map((series, index) => {
    const points = series.x.map((x, i) => ({ x, y: series.y[i], text: series.labels?.[i] }));
    const color = colorOf(series, index);
    const shift = series.mode === "bars" ? (bars.indexOf(series) - (bars.length - 1) / 2) * slot : 0;
    const drawn =
      series.mode === "bars"
        ? barMarks(points, xAt, yAt, slot, shift, base, color, logY)
        : series.mode === "points"
          ? pointMarks(points, xAt, yAt, right, color, logY)
          : lineMarks(points, xAt, yAt, color, series.faint === true, logY);
    if (!series.spread) return drawn;
    const stroke = series.mode === "bars" ? ink.text : color;
    return fragment(
      drawn,
      whiskerMarks(series.x, whiskers(series.y, series.spread), xAt, yAt, shift, stroke, logY),
    );
  });
  return svgDocument(
    width,
    height,
    chart.title,
    chart.title ? titleLabel(chart.title, width) : fragment(),
    legend.markup(chart.title ? 40 : 18),
    ...grid,
    ...axisTitles,
    fragment(marks),
    ...marksOf(chart).map(([name, value]) =>
      fragment(
        element("line", {
          x1: left,
          x2: right,
          y1: yAt(value),
          y2: yAt(value),
          stroke: ink.muted,
          "stroke-dasharray": "5 4",
        }),
        label(right - 4, yAt(value) - 8, name, { anchor: "end", size: 11, fill: ink.muted }),
      ),
    ),
  );
}

const shortName = (name: string) => shortened(name, 18);

const needTurn = (names: readonly string[], room: number) =>
  names.some((name) => textWidth(shortName(name), 11) > room - 4);

/** A curve of so few points shows each as a dot. */
const mostDots = 30;

type Point = { readonly x: number; readonly y: number; readonly text?: string };
type Scale = (value: number) => number;

/** Joins neighbours; a value that cannot be drawn breaks the line, a lone point becomes a dot. */
function lineMarks(
  points: Point[],
  xAt: Scale,
  yAt: Scale,
  color: string,
  faint: boolean,
  log: boolean,
): Markup {
  const runs: Point[][] = [[]];
  for (const point of thinned(points, 600)) {
    if (drawable(point.y, log)) runs[runs.length - 1].push(point);
    else if (runs[runs.length - 1].length > 0) runs.push([]);
  }
  const coordinates = ({ x, y }: Point) => `${xAt(x).toFixed(1)},${yAt(y).toFixed(1)}`;
  const dot = ({ x, y }: Point) => element("circle", { cx: xAt(x), cy: yAt(y), r: 3, fill: color });
  const style = {
    stroke: color,
    "stroke-opacity": faint ? 0.3 : undefined,
    "stroke-width": faint ? 1 : points.length > 300 ? 1.25 : 2,
  };
  return fragment(
    runs.map((run) => {
      if (run.length === 0) return fragment();
      if (run.length === 1) return dot(run[0]);
      const path = element("polyline", {
        points: run.map(coordinates).join(" "),
        fill: "none",
        "stroke-linejoin": "round",
        ...style,
      });
      return points.length > mostDots ? path : fragment(path, run.map(dot));
    }),
  );
}

function pointMarks(
  points: Point[],
  xAt: Scale,
  yAt: Scale,
  right: number,
  color: string,
  log: boolean,
): Markup {
  return fragment(
    points.slice(0, 5000).map(({ x, y, text }) => {
      if (!hasPlace(x) || !drawable(y, log)) return fragment();
      const dot = element("circle", { cx: xAt(x), cy: yAt(y), r: 3.5, fill: color, "fill-opacity": 0.75 });
      if (!text || points.length > 60) return dot;
      const room = right - xAt(x) - 6;
      const fits = textWidth(text, 10) < room;
      return fragment(
        dot,
        label(xAt(x) + (fits ? 6 : -6), yAt(y), text, { size: 10, anchor: fits ? "start" : "end" }),
      );
    }),
  );
}

function barMarks(
  points: Point[],
  xAt: Scale,
  yAt: Scale,
  slot: number,
  shift: number,
  base: number,
  color: string,
  log: boolean,
): Markup {
  return fragment(
    points.map(({ x, y }) => {
      if (!drawable(y, log)) return fragment();
      const [from, to] = [xAt(x + shift - slot / 2), xAt(x + shift + slot / 2)];
      const [top, bottom] = [Math.min(base, yAt(y)), Math.max(base, yAt(y))];
      return element("rect", { x: from, y: top, width: to - from, height: bottom - top, fill: color });
    }),
  );
}

/** A thin line through each point, as far as it may lie off. */
function whiskerMarks(
  x: readonly number[],
  ends: readonly [low: number, high: number][],
  xAt: Scale,
  yAt: Scale,
  shift: number,
  stroke: string,
  log: boolean,
): Markup {
  return fragment(
    ends.map(([low, high], i) => {
      if (!hasPlace(x[i]) || !drawable(low, log) || !drawable(high, log)) return fragment();
      const at = xAt(x[i] + shift);
      const stroked = (x1: number, x2: number, y1: number, y2: number) =>
        element("line", { x1, x2, y1, y2, stroke, "stroke-width": 1.25, "stroke-opacity": 0.8 });
      return fragment(
        stroked(at, at, yAt(low), yAt(high)),
        ...[low, high].map((end) => stroked(at - 3, at + 3, yAt(end), yAt(end))),
      );
    }),
  );
}

/**
 * At most about `limit` of `points`, keeping the lowest and highest of every stretch, so that spikes stay
 * visible. A picture 700 pixels wide shows no more.
 */
export function thinned<T extends { readonly y: number }>(points: readonly T[], limit: number): readonly T[] {
  if (points.length <= limit) return points;
  const stretch = Math.ceil((2 * points.length) / limit);
  const kept: T[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const end = Math.min(start + stretch, points.length);
    let [low, high] = [start, start];
    for (let i = start; i < end; i++) {
      if (points[i].y < points[low].y) low = i;
      if (points[i].y > points[high].y) high = i;
    }
    const both = low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
    kept.push(...both.map((i) => points[i]));
  }
  if (kept[kept.length - 1] !== points[points.length - 1]) kept.push(points[points.length - 1]);
  return kept;
}

/** One row (or more) of colour and name, when there is more than one series to tell apart. */
function legendMarkup({ series }: XyChart, width: number): { height: number; markup: (y: number) => Markup } {
  const named = series
    .map((one, index) => ({ one, color: colorOf(one, index) }))
    .filter(({ one }) => !one.faint);
  if (named.length < 2) return { height: 0, markup: () => fragment() };
  const entries: { x: number; row: number; name: string; color: string }[] = [];
  let [x, row] = [16, 0];
  for (const { one, color } of named) {
    const name = shortened(one.name, 48);
    const room = textWidth(name, 11) + 34;
    if (x + room > width - 10 && x > 16) [x, row] = [16, row + 1];
    entries.push({ x, row, name, color });
    x += room;
  }
  return {
    height: 18 * (row + 1) + 2,
    markup: (y) =>
      fragment(
        entries.map((entry) =>
          fragment(
            element("rect", {
              x: entry.x,
              y: y + 18 * entry.row - 2,
              width: 14,
              height: 4,
              rx: 2,
              fill: entry.color,
            }),
            label(entry.x + 19, y + 18 * entry.row, entry.name, { size: 11 }),
          ),
        ),
      ),
  };
}

/** The chart for Plotly. */
export function xyPlotly(chart: XyChart): PlotlySpec {
  const { title, xTitle, yTitle, logY, series, categories, height = 360 } = chart;
  const axisTitle = (content: string) => (content ? { title: { text: escapeMarkup(content) } } : {});
  const showlegend = series.filter(({ faint }) => !faint).length > 1;
  return {
    data: series.map((one, index) => {
      const color = colorOf(one, index);
      const common = {
        name: escapeMarkup(one.name),
        x: one.x.map((value) => rounded(value, 7)),
        y: one.y.map((value) => rounded(value)),
        ...(one.labels ? { text: one.labels.map(escapeMarkup) } : {}),
        ...(one.spread ? { error_y: { type: "data", array: one.spread.map((far) => rounded(far)) } } : {}),
        ...(one.faint ? { showlegend: false, hoverinfo: "skip", opacity: 0.3 } : {}),
      };
      if (one.mode === "bars") return { type: "bar", ...common, marker: { color } };
      if (one.mode === "points") {
        const mode = one.labels && one.x.length <= 60 ? "markers+text" : "markers";
        return { type: "scatter", mode, textposition: "middle right", ...common, marker: { color, size: 7 } };
      }
      return {
        type: "scatter",
        mode: one.x.length > mostDots ? "lines" : "lines+markers",
        ...common,
        line: { color, width: one.faint ? 1 : 2 },
      };
    }),
    layout: {
      ...baseLayout(title, height, { hasLegend: showlegend }),
      ...(chart.width ? { width: chart.width } : {}),
      showlegend,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      xaxis: {
        ...axisTitle(xTitle),
        ...(categories
          ? { tickvals: categories.map((_, i) => i), ticktext: categories.map(escapeMarkup) }
          : {}),
        automargin: true,
      },
      yaxis: { ...axisTitle(yTitle), automargin: true, ...(logY ? { type: "log" } : {}) },
      ...(chart.marks ? { shapes: markShapes(chart) } : {}),
    },
  };
}

/**
 * Dashed lines with their names at the right end, above the line, or below where that would be cut off at the upper edge.
 * Log axes take the value as it is.
 */
function markShapes(chart: XyChart): PlotlyObject[] {
  const [low, high] = verticalRange(chart);
  const share = axisScale(low, high, 0, 1, chart.logY);
  return marksOf(chart).map(([name, value]) => ({
    type: "line",
    xref: "paper",
    x0: 0,
    x1: 1,
    y0: value,
    y1: value,
    line: { color: "#80868b", width: 1.5, dash: "dash" },
    label: {
      text: escapeMarkup(name),
      textposition: "end",
      yanchor: share(value) > 0.9 ? "top" : "bottom",
      font: { size: 11 },
    },
  }));
}
