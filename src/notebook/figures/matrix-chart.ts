import type { ColorRange } from "../colors";
import { formatNumber, largest } from "../numbers";
import { layoutMatrix, type MatrixLayout, type Panel, type PlacedPanel } from "./matrix-layout";

/** Matrices of equal size in the colours of one scale. */
export interface MatrixChart {
  readonly title: string;
  /** A line under the title, such as what was left out. */
  readonly note: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly range: ColorRange;
  readonly panels: readonly Panel[];
  readonly panelColumns: number;
  /** Plotly's template of the text under the pointer, given those of the row's and the column's name. */
  readonly hover: (row: string, column: string) => string;
}

/** A chart with everything in its place, in pixels: what both of its forms are drawn from. */
export interface PlacedChart extends MatrixLayout {
  /** Middle of the panels in the left column and of all panels: where the axis titles stand. */
  readonly axisY: number;
  readonly axisX: number;
  readonly noteY: number;
}

export function placeChart(chart: MatrixChart): PlacedChart {
  const barLabels = barTicks(chart.range).map(({ label }) => label);
  const layout = layoutMatrix(chart.panels, { ...chart, barLabels });
  const [first] = layout.panels;
  const right = largest(layout.panels.map(({ x, cellWidth, panel }) => x + cellWidth * panel.columns));
  return {
    ...layout,
    axisY: first.y + (first.cellHeight * first.panel.rows) / 2,
    axisX: (first.x + right) / 2,
    noteY: chart.title ? 40 : 20,
  };
}

/** Marks of the colour bar: its ends and its middle. */
export function barTicks({ low, high }: ColorRange) {
  const values = high > low ? [low, (low + high) / 2, high] : [low];
  return values.map((value) => ({ value, label: formatNumber(value, 3) }));
}

/** Are cells large enough to write the numbers in them? */
export const showsNumbers = ({ cellWidth, cellHeight }: PlacedPanel): boolean =>
  cellWidth >= 27 && cellHeight >= 14;

/** A number in at most about five characters. */
export function cellText(value: number): string {
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return formatNumber(value);
  if (Number.isInteger(value) && magnitude < 1e5) return String(value);
  if (magnitude < 0.005) return formatNumber(value, 1);
  if (magnitude >= 1e4) return formatNumber(value, 2);
  return value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2);
}
