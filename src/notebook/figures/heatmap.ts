import { checkOptions, expected, type NDArray, showShape } from "../../tensor";
import { type ColorScale, defaultRange } from "../colors";
import { finiteRange, formatNumber } from "../numbers";
import { toNDArray, type Values, withAxes } from "../values";
import { Figure } from "./figure";
import type { MatrixChart } from "./matrix-chart";
import { matrixPlotly } from "./matrix-plotly";
import { matrixSvg } from "./matrix-svg";
import { shrink } from "./shrink";

export interface HeatmapOptions {
  readonly title?: string;
  /** Names of the columns and rows; their indices unless given. */
  readonly xLabels?: readonly string[];
  readonly yLabels?: readonly string[];
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** `rdbu` around zero when values have both signs, else `viridis`. */
  readonly colorscale?: ColorScale;
  /** Values at the two ends of the scale; the smallest and largest unless given. */
  readonly min?: number;
  readonly max?: number;
}

/**
 * A matrix (rows, columns) as coloured cells, first row on top; a vector is one row. NaN is magenta,
 * infinities are grey. A matrix with more than 256 rows or columns is averaged in blocks, and says so.
 */
export function heatmap(values: Values, options: HeatmapOptions = {}): Figure {
  checkOptions("heatmap", options, "title, xLabels", {
    title: "text",
    xLabels: "texts",
    yLabels: "texts",
    xTitle: "text",
    yTitle: "text",
    colorscale: ["viridis", "rdbu", "blues", "gray"],
    min: "number",
    max: "number",
  });

  const { title = "", xLabels, yLabels, xTitle = "", yTitle = "" } = options;
  const given = toNDArray("heatmap", values);
  const x = withAxes("heatmap", given.ndim === 1 ? given.unsqueeze(0) : given, "rows columns");
  checkLabels("heatmap", "xLabels", xLabels, x.shape[1]);
  checkLabels("heatmap", "yLabels", yLabels, x.shape[0]);
  const { panel, note } = shrink({
    title: "",
    rows: x.shape[0],
    columns: x.shape[1],
    values: x.flat(),
    rowLabels: yLabels,
    columnLabels: xLabels,
  });
  const [low, high] = finiteRange(panel.values);
  const range = defaultRange(options.min ?? low, options.max ?? high, options.colorscale);
  const chart: MatrixChart = {
    title,
    note,
    xTitle,
    yTitle,
    range: { ...range, low: options.min ?? range.low, high: options.max ?? range.high },
    panels: [panel],
    panelColumns: 1,
    hover: (row, column) => `${row}, ${column}: %{z}<extra></extra>`,
  };
  return matrixFigure("heatmap", chart, x);
}

/** A matrix chart as a figure; `x` are all of its values. */
export function matrixFigure(kind: string, chart: MatrixChart, x: NDArray): Figure {
  const [low, high] = finiteRange(x.flat());
  const heading = `[${kind}]${chart.title ? ` ${chart.title}` : ""}`;
  return new Figure({
    text: `${heading}  shape ${showShape(x.shape)}, ${formatNumber(low)} to ${formatNumber(high)}`,
    svg: matrixSvg(chart),
    plotly: matrixPlotly(chart),
  });
}

/** As many labels as cells, or an error. */
export function checkLabels(
  op: string,
  option: string,
  labels: readonly string[] | undefined,
  size: number,
): void {
  if (labels && labels.length !== size) {
    throw expected(op, `${size} ${option}, one for each cell`, labels.length);
  }
}
