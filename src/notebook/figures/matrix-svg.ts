import { type ColorRange, colorAt, textOn, valueColor } from "../colors";
import { element, fragment, type Markup } from "../markup";
import { barTicks, cellText, type MatrixChart, placeChart, showsNumbers } from "./matrix-chart";
import { labelSize, type MatrixLayout, type PlacedPanel } from "./matrix-layout";
import { pngDataUri } from "./png";
import { ink, label, svgDocument, titleLabel } from "./svg";

/** The chart as an SVG document. */
export function matrixSvg(chart: MatrixChart): string {
  const placed = placeChart(chart);
  const { title, note, xTitle, yTitle, range } = chart;
  const quiet = { anchor: "middle", fill: ink.muted } as const;
  return svgDocument(
    placed.width,
    placed.height,
    title,
    title ? titleLabel(title, placed.width) : fragment(),
    note ? label(14, placed.noteY, note, { size: 11, fill: ink.muted }) : fragment(),
    ...placed.panels.map((panel) => panelMarkup(panel, range)),
    yTitle ? label(16, placed.axisY, yTitle, { ...quiet, turn: 90 }) : fragment(),
    xTitle ? label(placed.axisX, placed.height - 16, xTitle, quiet) : fragment(),
    colorBar(placed, range),
  );
}

function panelMarkup(placed: PlacedPanel, range: ColorRange): Markup {
  const { panel, x, y, cellWidth, cellHeight, turned } = placed;
  const { rows, columns, values } = panel;
  const rgb = new Uint8Array(3 * rows * columns);
  for (let i = 0; i < rows * columns; i++) rgb.set(valueColor(values[i], range), 3 * i);
  const sharp = Math.max(1, Math.min(48, Math.ceil(1200 / Math.max(rows, columns))));
  const [width, height] = [cellWidth * columns, cellHeight * rows];
  return fragment(
    panel.title ? label(x + width / 2, y - 9, panel.title, { anchor: "middle", size: 12 }) : fragment(),
    element("image", {
      x,
      y,
      width,
      height,
      preserveAspectRatio: "none",
      style: "image-rendering:pixelated",
      href: pngDataUri({ width: columns, height: rows, rgb }, sharp),
    }),
    element("rect", { x, y, width, height, fill: "none", stroke: ink.frame, "stroke-width": 0.75 }),
    ...cellTexts(placed, range),
    ...placed.rowLabels.map((row) =>
      label(x - 6, y + (row.cell + 0.5) * cellHeight, row.label, { anchor: "end", size: labelSize }),
    ),
    ...placed.columnLabels.map((column) => {
      const at = x + (column.cell + 0.5) * cellWidth;
      return turned
        ? label(at + 3, y + height + 9, column.label, { anchor: "end", size: labelSize, turn: 45 })
        : label(at, y + height + 12, column.label, { anchor: "middle", size: labelSize });
    }),
  );
}

/** The numbers themselves, where cells are large enough for them. */
function cellTexts(placed: PlacedPanel, range: ColorRange): Markup[] {
  if (!showsNumbers(placed)) return [];
  const { panel, x, y, cellWidth, cellHeight } = placed;
  const { rows, columns, values } = panel;
  return Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const fill = textOn(valueColor(values[i], range));
    const style = { anchor: "middle", size: 10, fill } as const;
    return label(x + (column + 0.5) * cellWidth, y + (row + 0.5) * cellHeight, cellText(values[i]), style);
  });
}

function colorBar({ bar }: MatrixLayout, range: ColorRange): Markup {
  const steps = 64;
  const rgb = new Uint8Array(3 * steps);
  for (let i = 0; i < steps; i++) rgb.set(colorAt(range.scale, 1 - i / (steps - 1)), 3 * i);
  const ticks = barTicks(range);
  const at = (value: number) =>
    range.high > range.low
      ? bar.y + bar.height * (1 - (value - range.low) / (range.high - range.low))
      : bar.y + bar.height / 2;
  return fragment(
    element("image", {
      x: bar.x,
      y: bar.y,
      width: 10,
      height: bar.height,
      preserveAspectRatio: "none",
      href: pngDataUri({ width: 1, height: steps, rgb }, 4),
    }),
    ...ticks.map((tick) => label(bar.x + 15, at(tick.value), tick.label, { size: 10, fill: ink.muted })),
  );
}
