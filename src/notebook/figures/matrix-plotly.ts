import { hex, infinityColor, nanColor, plotlyScale } from "../colors";
import { escapeMarkup } from "../markup";
import { rounded } from "../numbers";
import { cellText, type MatrixChart, type PlacedChart, placeChart, showsNumbers } from "./matrix-chart";
import { labelSize, type PlacedPanel } from "./matrix-layout";
import { baseLayout, type PlotlyObject, type PlotlySpec } from "./plotly";

/** More cells than this are named under the pointer by their indices only: names would double the file. */
const mostNamed = 4096;

/** The chart for Plotly, in the same places as the static picture. */
export function matrixPlotly(chart: MatrixChart): PlotlySpec {
  const placed = placeChart(chart);
  const { width, height } = placed;
  const values = chart.panels.flatMap((panel) => Array.from(panel.values));
  const axes = Object.fromEntries(placed.panels.flatMap((panel, index) => panelAxes(panel, index, placed)));
  return {
    data: placed.panels.map((panel, index) => panelTrace(panel, index, chart)),
    layout: {
      ...baseLayout("", height),
      ...(chart.title
        ? {
            title: {
              text: escapeMarkup(chart.title),
              font: { size: 14 },
              x: 14 / width,
              xanchor: "left",
              y: 1 - 20 / height,
            },
          }
        : {}),
      width,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      // Cells without a value let the ground show through.
      ...(values.every(Number.isFinite)
        ? {}
        : { plot_bgcolor: hex(values.some(Number.isNaN) ? nanColor : infinityColor) }),
      annotations: annotations(chart, placed),
      coloraxis: colorAxis(chart, placed),
      ...axes,
    },
  };
}

function panelTrace(placed: PlacedPanel, index: number, chart: MatrixChart): PlotlyObject {
  const { panel } = placed;
  const { rows, columns, values } = panel;
  const id = index === 0 ? "" : String(index + 1);
  const matrix = <T>(cell: (row: number, column: number) => T) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => cell(row, column)),
    );
  const valueAt = (row: number, column: number) => values[row * columns + column];
  const named = (panel.rowLabels || panel.columnLabels) && rows * columns <= mostNamed;
  const name = (labels: readonly string[] | undefined, i: number) => escapeMarkup(labels?.[i] ?? String(i));
  return {
    type: "heatmap",
    z: matrix((row, column) => rounded(valueAt(row, column), 4)),
    coloraxis: "coloraxis",
    xaxis: `x${id}`,
    yaxis: `y${id}`,
    name: escapeMarkup(panel.title),
    ...(named
      ? {
          customdata: matrix((row, column) => [name(panel.rowLabels, row), name(panel.columnLabels, column)]),
          hovertemplate: chart.hover("%{customdata[0]}", "%{customdata[1]}"),
        }
      : { hovertemplate: chart.hover("%{y}", "%{x}") }),
    ...(showsNumbers(placed)
      ? {
          text: matrix((row, column) => cellText(valueAt(row, column))),
          texttemplate: "%{text}",
          textfont: { size: 10 },
        }
      : {}),
  };
}

function panelAxes(placed: PlacedPanel, index: number, page: PlacedChart): [string, PlotlyObject][] {
  const { panel, x, y, cellWidth, cellHeight } = placed;
  const { rows, columns } = panel;
  const id = index === 0 ? "" : String(index + 1);
  const share = (pixels: number, total: number) => Math.min(1, Math.max(0, pixels / total));
  const common = (labels: PlacedPanel["rowLabels"]) => ({
    tickvals: labels.map(({ cell }) => cell),
    ticktext: labels.map((one) => escapeMarkup(one.label)),
    showticklabels: labels.length > 0,
    ticks: "",
    showgrid: false,
    zeroline: false,
    tickfont: { size: labelSize },
  });
  return [
    [
      `xaxis${id}`,
      {
        ...common(placed.columnLabels),
        domain: [share(x, page.width), share(x + columns * cellWidth, page.width)],
        anchor: `y${id}`,
        range: [-0.5, columns - 0.5],
        tickangle: placed.turned ? -45 : 0,
        ...(index > 0 ? { matches: "x" } : {}),
      },
    ],
    [
      `yaxis${id}`,
      {
        ...common(placed.rowLabels),
        domain: [1 - share(y + rows * cellHeight, page.height), 1 - share(y, page.height)],
        anchor: `x${id}`,
        range: [rows - 0.5, -0.5],
        ...(index > 0 ? { matches: "y" } : {}),
      },
    ],
  ];
}

function annotations({ note, xTitle, yTitle }: MatrixChart, page: PlacedChart): PlotlyObject[] {
  const { width, height } = page;
  const text = (content: string, x: number, y: number, options: PlotlyObject = {}): PlotlyObject => ({
    text: escapeMarkup(content),
    x: x / width,
    y: 1 - y / height,
    xref: "paper",
    yref: "paper",
    xanchor: "center",
    yanchor: "middle",
    showarrow: false,
    font: { size: 12 },
    ...options,
  });
  return [
    ...page.panels.flatMap(({ panel, x, y, cellWidth }) =>
      panel.title ? [text(panel.title, x + (cellWidth * panel.columns) / 2, y - 9)] : [],
    ),
    ...(note ? [text(note, 14, page.noteY, { xanchor: "left", font: { size: 11 } })] : []),
    ...(xTitle ? [text(xTitle, page.axisX, height - 16)] : []),
    ...(yTitle ? [text(yTitle, 16, page.axisY, { textangle: -90 })] : []),
  ];
}

function colorAxis({ range }: MatrixChart, { width, height, bar }: PlacedChart): PlotlyObject {
  const { low, high, scale } = range;
  return {
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
  };
}
