import { type ColorRange, colorAt, plotlyScale, textOn, valueColor } from "../colors";
import { element, fragment, type Markup } from "../markup";
import { formatNumber, rounded } from "../numbers";
import { labelSize, layoutMatrix, type MatrixLayout, type Panel, type PlacedPanel } from "./matrix-layout";
import { baseLayout, type PlotlyObject, type PlotlySpec, plotlyText } from "./plotly";
import { pngDataUri } from "./png";
import { ink, label, svgDocument, titleLabel } from "./svg";

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
  /** Plotly's template of the text under the pointer. */
  readonly hover: string;
}

function placeChart(chart: MatrixChart): MatrixLayout {
  return layoutMatrix(chart.panels, {
    ...chart,
    barLabels: barTicks(chart.range).map(({ label: name }) => name),
  });
}

function barTicks({ low, high }: ColorRange) {
  const values = high > low ? [low, (low + high) / 2, high] : [low];
  return values.map((value) => ({ value, label: formatNumber(value, 3) }));
}

/** The chart as an SVG document. */
export function matrixSvg(chart: MatrixChart): string {
  const layout = placeChart(chart);
  const noteY = chart.title ? 40 : 20;
  const [first] = layout.panels;
  const middle = first.y + (first.cellHeight * first.panel.rows) / 2;
  const rightmost = Math.max(
    ...layout.panels.map(({ x, cellWidth, panel }) => x + cellWidth * panel.columns),
  );
  return svgDocument(
    layout.width,
    layout.height,
    chart.title,
    chart.title ? titleLabel(chart.title, layout.width) : fragment(),
    chart.note ? label(14, noteY, chart.note, { size: 11, fill: ink.muted }) : fragment(),
    ...layout.panels.map((placed) => panelMarkup(placed, chart.range)),
    chart.yTitle
      ? label(16, middle, chart.yTitle, { anchor: "middle", fill: ink.muted, turn: 90 })
      : fragment(),
    chart.xTitle
      ? label((first.x + rightmost) / 2, layout.height - 16, chart.xTitle, {
          anchor: "middle",
          fill: ink.muted,
        })
      : fragment(),
    colorBar(layout, chart.range),
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
function cellTexts({ panel, x, y, cellWidth, cellHeight }: PlacedPanel, range: ColorRange): Markup[] {
  const { rows, columns, values } = panel;
  if (cellWidth < 27 || cellHeight < 14) return [];
  return Array.from({ length: rows * columns }, (_, i) => {
    const value = values[i];
    return label(
      x + ((i % columns) + 0.5) * cellWidth,
      y + (Math.floor(i / columns) + 0.5) * cellHeight,
      cellText(value),
      {
        anchor: "middle",
        size: 10,
        fill: textOn(valueColor(value, range)),
      },
    );
  });
}

/** A number in at most about five characters. */
function cellText(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e5) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e4 || magnitude < 0.005)
    return magnitude < 0.005 && magnitude > 1e-9 ? formatNumber(value, 1) : formatNumber(value, 2);
  return value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2);
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

/** The chart for Plotly, in the same places as the static picture. */
export function matrixPlotly(chart: MatrixChart): PlotlySpec {
  const layout = placeChart(chart);
  const { width, height, bar } = layout;
  const axes: Record<string, PlotlyObject> = {};
  const annotations: PlotlyObject[] = [];
  const share = (from: number, length: number, total: number) => [
    from / total,
    Math.min(1, (from + length) / total),
  ];
  const data = layout.panels.map((placed, index) => {
    const { panel, x, y, cellWidth, cellHeight } = placed;
    const { rows, columns } = panel;
    const id = index === 0 ? "" : String(index + 1);
    const ticks = (labels: PlacedPanel["rowLabels"]) => ({
      tickvals: labels.map(({ cell }) => cell),
      ticktext: labels.map((one) => plotlyText(one.label)),
      showticklabels: labels.length > 0,
      ticks: "",
      showgrid: false,
      zeroline: false,
      tickfont: { size: labelSize },
    });
    const columnDomain = share(x, columns * cellWidth, width);
    const [fromTop, toTop] = share(y, rows * cellHeight, height);
    axes[`xaxis${id}`] = {
      ...ticks(placed.columnLabels),
      domain: columnDomain,
      anchor: `y${id}`,
      range: [-0.5, columns - 0.5],
      tickangle: placed.turned ? -45 : 0,
      ...(index > 0 ? { matches: "x" } : {}),
    };
    axes[`yaxis${id}`] = {
      ...ticks(placed.rowLabels),
      domain: [1 - toTop, 1 - fromTop],
      anchor: `x${id}`,
      range: [rows - 0.5, -0.5],
      ...(index > 0 ? { matches: "y" } : {}),
    };
    if (panel.title)
      annotations.push(
        annotation(panel.title, (columnDomain[0] + columnDomain[1]) / 2, 1 - (y - 9) / height),
      );
    return {
      type: "heatmap",
      z: Array.from({ length: rows }, (_, row) =>
        Array.from({ length: columns }, (_, column) => rounded(panel.values[row * columns + column], 4)),
      ),
      coloraxis: "coloraxis",
      xaxis: `x${id}`,
      yaxis: `y${id}`,
      hovertemplate: chart.hover,
      name: plotlyText(panel.title),
      ...wholeLabels(panel),
    };
  });
  const [first] = layout.panels;
  const rightmost = Math.max(
    ...layout.panels.map(({ x, cellWidth, panel }) => x + cellWidth * panel.columns),
  );
  if (chart.note)
    annotations.push({
      ...annotation(chart.note, 14 / width, 1 - (chart.title ? 40 : 20) / height, 11),
      xanchor: "left",
    });
  if (chart.xTitle)
    annotations.push(annotation(chart.xTitle, (first.x + rightmost) / 2 / width, 16 / height));
  if (chart.yTitle) {
    const middle = first.y + (first.cellHeight * first.panel.rows) / 2;
    annotations.push({ ...annotation(chart.yTitle, 16 / width, 1 - middle / height), textangle: -90 });
  }
  const { low, high, scale } = chart.range;
  return {
    data,
    layout: {
      ...baseLayout(chart.title, height),
      ...(chart.title
        ? {
            title: {
              text: plotlyText(chart.title),
              font: { size: 14 },
              x: 14 / width,
              xanchor: "left",
              y: 1 - 20 / height,
            },
          }
        : {}),
      width,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      annotations,
      coloraxis: {
        colorscale: plotlyScale(scale),
        cmin: low,
        cmax: high > low ? high : low + 1,
        colorbar: {
          thickness: 10,
          lenmode: "pixels",
          len: bar.height + 20,
          x: bar.x / width,
          xpad: 0,
          xanchor: "left",
          y: 1 - (bar.y - 10) / height,
          yanchor: "top",
          outlinewidth: 0,
          tickfont: { size: 10 },
          nticks: 4,
        },
      },
      ...axes,
    },
  };
}

const annotation = (content: string, x: number, y: number, size = 12): PlotlyObject => ({
  text: plotlyText(content),
  x,
  y,
  xref: "paper",
  yref: "paper",
  xanchor: "center",
  yanchor: "middle",
  showarrow: false,
  font: { size },
});

/** Full labels for the pointer: ticks may show only some of them. */
function wholeLabels({ rowLabels, columnLabels, rows, columns }: Panel): PlotlyObject {
  if (!rowLabels && !columnLabels) return {};
  const name = (labels: readonly string[] | undefined, i: number) => plotlyText(labels?.[i] ?? String(i));
  return {
    customdata: Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => [name(rowLabels, row), name(columnLabels, column)]),
    ),
  };
}
