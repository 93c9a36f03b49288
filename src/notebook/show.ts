import { check, checkOptions, device, isA, NDArray, nodeModule, showShape } from "../tensor";
import { type ColorRange, defaultRange, hex, textOn, valueColor } from "./colors";
import { display, displaySymbol, isDisplayable } from "./display";
import { Drawing } from "./drawing";
import { element, fragment, type Markup } from "./markup";
import { finiteRange, formatNumber } from "./numbers";
import { isTensor } from "./values";

const util = nodeModule("node:util");

export interface ShowOptions {
  /** A heading above the value. */
  readonly title?: string;
}

/**
 * Display any value now. A Tensor or NDArray becomes a table with its shape, dtype, device and each value's
 * colour (blue below zero, white at zero, red above); a figure or another drawing displays itself; a string is
 * shown as text for reading, the rest as Node would print it.
 */
export function show(value: unknown, options: ShowOptions = {}): void {
  checkOptions("show", options, "title", { title: "text" });
  const { title = "" } = options;

  if (isA(value, NDArray) || isTensor(value)) display(arrayView(value, { title }));
  else if (isDisplayable(value)) display(value);
  else if (typeof value === "string") display(textView(value, title));
  else {
    const text = util.inspect(value);
    display({ [displaySymbol]: () => ({ "text/plain": title ? `${title}\n${text}` : text }) });
  }
}

/** The font of text output: an exported page gives it to plain text alone. */
const codeFont = "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px)";

/** A text for reading: long lines break between words. */
function textView(text: string, title: string): Drawing {
  const html = element(
    "div",
    { style: "max-width:800px;margin:4px 0" },
    title ? element("div", { style: "font-weight:bold" }, title) : fragment(),
    element(
      "pre",
      { style: `white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;margin:0;${codeFont}` },
      text,
    ),
  );
  return new Drawing(title ? `${title}\n${text}` : text, html.markup);
}

/** What `show` displays for a Tensor or NDArray, as a value: to keep, or to put last in a cell. */
export function arrayView(value: NDArray | { data: NDArray }, options: ShowOptions = {}): Drawing {
  check("arrayView", "value", value, "tensorOrArray");
  checkOptions("arrayView", options, "title", { title: "text" });
  const { title = "" } = options;

  const tensor = isTensor(value) ? value : null;
  const x = isA(value, NDArray) ? value : value.data;
  const facts = [
    `${tensor ? "Tensor" : "NDArray"} ${showShape(x.shape)}`,
    x.dtype,
    device().name,
    ...(tensor?.requiresGrad
      ? [tensor.node ? `requires grad, made by ${tensor.node.op}` : "requires grad"]
      : []),
    ...statistics(x),
  ].join(" · ");
  const grad = tensor?.grad ?? null;
  const html = element(
    "div",
    { style: "max-width:800px;overflow-x:auto" },
    title ? element("div", { style: "font-weight:bold;margin:4px 0" }, title) : fragment(),
    caption(facts),
    arrayMarkup(x),
    grad ? fragment(caption(["grad", ...statistics(grad)].join(" · ")), arrayMarkup(grad)) : fragment(),
  );
  const lines = [...(title ? [title] : []), facts, String(value), ...(grad ? [`grad: ${grad}`] : [])];
  return new Drawing(lines.join("\n"), html.markup);
}

const caption = (content: string): Markup =>
  element("div", { style: "font-size:12px;opacity:0.8;margin:4px 0" }, content);

/** Range and mean, and how many values are not finite. */
function statistics(x: NDArray): string[] {
  if (x.size === 0) return ["empty"];
  const values = x.flat();
  let [sum, nan, infinite] = [0, 0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
    else sum += value;
  }
  const finite = x.size - nan - infinite;
  const [low, high] = finiteRange(values);
  const bad = [...(nan ? [`${nan} NaN`] : []), ...(infinite ? [`${infinite} infinite`] : [])];
  if (x.dtype === "bool") return [`${sum} of ${x.size} true`];
  if (finite === 0) return bad;
  if (x.size === 1) return bad;
  return [`${formatNumber(low)} to ${formatNumber(high)}`, `mean ${formatNumber(sum / finite)}`, ...bad];
}

/** Indices to show along an axis: all of them, or the first and last with `null` for the gap. */
function shownIndices(size: number, most: number): (number | null)[] {
  if (size <= most) return Array.from({ length: size }, (_, i) => i);
  const half = Math.floor(most / 2);
  const from = (start: number) => Array.from({ length: half }, (_, i) => start + i);
  return [...from(0), null, ...from(size - half)];
}

const mostRows = 16;
const mostColumns = 12;
const mostSlices = 4;

/** One table per 2-D slice, with its index above it, and a note about what is not shown. */
function arrayMarkup(x: NDArray): Markup {
  if (x.size === 0) return fragment();
  const range = defaultRange(...finiteRange(x.flat()), "rdbu");
  const format = formatterOf(x);
  const slices = sliceIndices(x.shape.slice(0, -2));
  const tables = slices.map((index) => {
    if (index === null) return element("div", { style: "padding:2px 8px" }, "⋮");
    const slice = index.reduce((part, i) => part.select(0, i), x);
    const name = index.length > 0 ? caption(`[${index.join(", ")}, :, :]`) : fragment();
    return fragment(name, table(slice, index, range, format));
  });
  const hidden = [
    ...cut(
      "slices",
      x.shape.slice(0, -2).reduce((product, n) => product * n, 1),
      mostSlices,
    ),
    ...(x.ndim > 1 ? cut("rows", x.shape[x.ndim - 2], mostRows) : []),
    ...(x.ndim > 0 ? cut(x.ndim > 1 ? "columns" : "values", x.shape[x.ndim - 1], mostColumns) : []),
  ];
  return fragment(...tables, hidden.length ? caption(`… showing ${hidden.join(", ")}`) : fragment());
}

const cut = (what: string, size: number, most: number): string[] =>
  size > most ? [`${2 * Math.floor(most / 2)} of ${size} ${what}`] : [];

/** Indices of the 2-D slices to show; `null` is the gap. */
function sliceIndices(leading: readonly number[]): (number[] | null)[] {
  const count = leading.reduce((product, n) => product * n, 1);
  return shownIndices(count, mostSlices).map((flat) => {
    if (flat === null) return null;
    const index = new Array<number>(leading.length);
    let rest = flat;
    for (let axis = leading.length - 1; axis >= 0; axis--) {
      index[axis] = rest % leading[axis];
      rest = Math.floor(rest / leading[axis]);
    }
    return index;
  });
}

type Formatter = (value: number) => string;

function table(slice: NDArray, prefix: readonly number[], range: ColorRange, format: Formatter): Markup {
  const bool = slice.dtype === "bool";
  const matrix = slice.ndim === 2 ? slice : slice.reshape([1, slice.size]);
  const [rows, columns] = matrix.shape;
  const shownColumns = shownIndices(columns, mostColumns);
  const heading = element(
    "tr",
    {},
    element("th", { style: headStyle }),
    ...shownColumns.map((column) =>
      element("th", { style: headStyle }, column === null ? "⋯" : String(column)),
    ),
  );
  const lines = shownIndices(rows, mostRows).map((row) => {
    const cells = shownColumns.map((column) => {
      if (row === null || column === null)
        return element("td", { style: headStyle }, row === null ? "⋮" : "⋯");
      const value = matrix.get([row, column]);
      const index = slice.ndim === 2 ? [...prefix, row, column] : slice.ndim === 1 ? [column] : [];
      const exact = bool ? String(value !== 0) : String(value);
      const color = bool ? boolColor(value !== 0) : valueColor(value, range);
      const style = `${cellStyle}background-color:${hex(color)};color:${textOn(color)}`;
      return element("td", { style, title: `[${index.join(", ")}] ${exact}` }, bool ? exact : format(value));
    });
    const name = slice.ndim === 2 ? (row === null ? "⋮" : String(row)) : "";
    return element("tr", {}, element("th", { style: headStyle }, name), ...cells);
  });
  return element(
    "table",
    { style: "border-collapse:collapse;font-size:12px;margin:2px 0" },
    heading,
    ...lines,
  );
}

const headStyle = "padding:2px 6px;text-align:right;font-weight:normal;opacity:0.6";
const cellStyle = "padding:2px 6px;text-align:right;font-family:monospace;white-space:nowrap;";
const boolColor = (on: boolean) => (on ? ([33, 102, 172] as const) : ([247, 247, 247] as const));

/** One format for all values of an array, so that they can be compared down a column. */
function formatterOf(x: NDArray): Formatter {
  const values = x.flat();
  let [largest, whole] = [0, true];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    largest = Math.max(largest, Math.abs(value));
    if (!Number.isInteger(value)) whole = false;
  }
  const special: (fixed: Formatter) => Formatter = (fixed) => (value) =>
    Number.isFinite(value) ? fixed(value) : formatNumber(value);
  if (whole && largest < 1e7) return special((value) => String(value));
  if (largest >= 1e5 || largest < 1e-3)
    return special((value) => (value === 0 ? "0" : value.toExponential(2)));
  return special((value) => value.toFixed(largest < 10 ? 4 : largest < 1000 ? 2 : 1));
}
