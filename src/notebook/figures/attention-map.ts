import { checkOptions, expected, showShape, words } from "../../tensor";
import type { ColorScale } from "../colors";
import { finiteRange, largest } from "../numbers";
import { toNDArray, type Values } from "../values";
import type { Figure } from "./figure";
import { checkLabels, matrixFigure } from "./heatmap";
import type { Panel } from "./matrix-layout";
import { shrink } from "./shrink";

export interface AttentionMapOptions {
  /** The queries' tokens, T of them; also the keys' when T = S. */
  readonly tokens: readonly string[];
  /** The keys' tokens, S of them, when they are others (cross-attention). */
  readonly keyTokens?: readonly string[];
  readonly title?: string;
  readonly colorscale?: ColorScale;
}

/**
 * Who looks at whom: attention weights (T, S), or one panel per head for (H, T, S). A row is a query, and
 * its weights over the keys (columns) sum to 1. All panels share one scale that starts at 0.
 */
export function attentionMap(weights: Values, options: AttentionMapOptions): Figure {
  checkOptions(
    "attentionMap",
    options,
    "tokens, keyTokens",
    { tokens: "texts", keyTokens: "texts", title: "text", colorscale: ["viridis", "rdbu", "blues", "gray"] },
    ["tokens"],
  );

  const { tokens, keyTokens = tokens, title = "", colorscale = "viridis" } = options;
  const given = toNDArray("attentionMap", weights);
  if (given.ndim !== 2 && given.ndim !== 3) {
    const hint = given.ndim === 4 ? "pick one of the batch with .select(0, b)" : undefined;
    throw expected("attentionMap", "weights (T, S) or (H, T, S)", words(showShape(given.shape)), hint);
  }
  const [T, S] = given.shape.slice(-2);
  checkLabels("attentionMap", "tokens", tokens, T);
  checkLabels("attentionMap", "keyTokens", keyTokens, S);
  const x = given.ndim === 2 ? given.unsqueeze(0) : given;
  const heads = x.shape[0];
  const rowLabels = tokens.map(visibleToken);
  const columnLabels = keyTokens.map(visibleToken);
  const shrunk = Array.from({ length: heads }, (_, head) => {
    const panel: Panel = {
      title: heads > 1 ? `head ${head}` : "",
      rows: T,
      columns: S,
      values: x.select(0, head).flat(),
      rowLabels,
      columnLabels,
    };
    return shrink(panel);
  });
  const panels = shrunk.map(({ panel }) => panel);
  const high = largest(panels.map(({ values }) => finiteRange(values)[1]));
  return matrixFigure(
    "attention",
    {
      title,
      note: shrunk[0].note,
      xTitle: "key: looked at",
      yTitle: "query",
      range: { scale: colorscale, low: 0, high: high > 0 ? high : 1 },
      panels,
      panelColumns: panelColumns(heads, S),
      hover: (row, column) => `${row} looks at ${column}: %{z:.3f}<extra>%{fullData.name}</extra>`,
    },
    given,
  );
}

/** Fewer panels side by side the more keys they must show. */
function panelColumns(heads: number, keys: number): number {
  const most = keys <= 10 ? 4 : keys <= 24 ? 3 : 2;
  if (heads <= most) return heads;
  return Math.ceil(heads / Math.ceil(heads / most));
}

/** A token with its white space made visible: `␣the`, `⏎`. */
export function visibleToken(token: string): string {
  if (token === "") return "∅";
  return token
    .replace(/[ \u0120]/g, "␣")
    .replace(/\r?\n|\u010a/g, "⏎")
    .replace(/\t/g, "⇥");
}
