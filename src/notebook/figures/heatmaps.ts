import { checkOptions, expected, readable } from "../../tensor";
import { type ColorScale, defaultRange } from "../colors";
import { finiteRange } from "../numbers";
import { toNDArray, type Values, withAxes } from "../values";
import type { Figure } from "./figure";
import { matrixFigure } from "./heatmap";
import type { Panel } from "./matrix-layout";
import { shrink } from "./shrink";

export interface HeatmapsOptions {
  readonly title?: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** `rdbu` around zero when values have both signs, else `viridis`. */
  readonly colorscale?: ColorScale;
}

/**
 * Matrices (rows, columns) of one size side by side, in the colours of one scale, so that they can be compared; a vector
 * is one row.
 * ```ts
 * heatmaps({ "at the start": before, trained: after }, { xTitle: "key", yTitle: "query" });
 * ```
 */
export function heatmaps(
  matrices: { readonly [title: string]: Values },
  options: HeatmapsOptions = {},
): Figure {
  checkOptions("heatmaps", options, "title, xTitle", {
    title: "text",
    xTitle: "text",
    yTitle: "text",
    colorscale: ["viridis", "rdbu", "blues", "gray"],
  });
  if (!readable((x: object) => typeof x === "object" && Object.keys(x).length > 0, matrices))
    throw expected("heatmaps", "matrices by their titles, as in { before, after }", matrices);
  const { title = "", xTitle = "", yTitle = "" } = options;
  const given = Object.entries(matrices).map(([name, values]) => {
    const x = toNDArray("heatmaps", values);
    return { name, x: withAxes("heatmaps", x.ndim === 1 ? x.unsqueeze(0) : x, "rows columns") };
  });
  const [{ x: first }] = given;
  const other = given.find(({ x }) => `${x.shape}` !== `${first.shape}`);
  if (other) throw expected("heatmaps", `matrices of one shape, (${first.shape.join(", ")})`, other.x);
  const shrunk = given.map(({ name, x }) => {
    const [rows, columns] = x.shape;
    const panel: Panel = { title: name, rows, columns, values: x.flat() };
    return shrink(panel);
  });
  const panels = shrunk.map(({ panel }) => panel);
  const [low, high] = finiteRange(panels.flatMap(({ values }) => Array.from(values)));
  const most = first.shape[1] <= 10 ? 4 : first.shape[1] <= 24 ? 3 : 2;
  return matrixFigure(
    "heatmaps",
    {
      ...{ title, note: shrunk[0].note, xTitle, yTitle },
      range: defaultRange(low, high, options.colorscale),
      panels,
      panelColumns: Math.min(most, panels.length),
      hover: (row, column) => `${row}, ${column}: %{z}<extra>%{fullData.name}</extra>`,
    },
    first,
  );
}
