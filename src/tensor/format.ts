import { checkArray, checkOptions } from "./check";
import type { DType } from "./dtype";
import { expected } from "./expected";
import { narrow, select } from "./ops/views";
import { showShape, sizeOf } from "./shape";
import { flat, type Strided } from "./strided";

/** How numbers are printed; the defaults are PyTorch's. */
export interface PrintOptions {
  /** Digits after the point. */
  precision: number;
  /** Arrays of more elements are cut to their edges. */
  threshold: number;
  /** How many entries an edge shows. */
  edgeItems: number;
  /** Characters per line. */
  lineWidth: number;
  /** Always or never 1.0000e+03; null lets the range of the numbers decide. */
  sciMode: boolean | null;
}

const options: PrintOptions = { precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80, sciMode: null };

/** Change how all arrays and tensors print from now on; what is left out stays. */
export function setPrintOptions(changes: Partial<PrintOptions>): void {
  checkOptions("setPrintOptions", changes, "precision: 4", undefined, []);
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(options, name))
      throw expected("setPrintOptions", `options of ${Object.keys(options).join(", ")}`, name);
    if (name === "sciMode") {
      if (value !== null && typeof value !== "boolean")
        throw expected("setPrintOptions", "true, false or null as sciMode", value);
    } else {
      // toFixed knows no more than 100 digits, and a line holds one character at least.
      const [least, most] = { precision: [0, 100], lineWidth: [1, 1e9] }[name] ?? [
        0,
        Number.MAX_SAFE_INTEGER,
      ];
      const fits = Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
      const unbounded = name === "threshold" && value === Number.POSITIVE_INFINITY;
      if (!fits && !unbounded)
        throw expected("setPrintOptions", `a whole number from ${least} to ${most} as ${name}`, value);
    }
  }
  Object.assign(options, changes);
}

export interface FormatOptions {
  /** What stands before the parenthesis: `array` or `tensor`. */
  readonly prefix?: string;
  /** What follows the elements, such as `requiresGrad=true`. */
  readonly suffixes?: readonly string[];
}

/**
 * The text of an array exactly as PyTorch lays it out: one width for all elements, integers of a float type as
 * `1.`, scientific notation when the magnitudes differ by more than 1000 (or leave 1e-4 … 1e8), edges only
 * above 1000 elements, and the dtype unless it is float32 (or evident, as True and False).
 */
export function format(x: Strided, options: FormatOptions = {}): string {
  checkArray("format", x);
  checkOptions("format", options, 'prefix: "tensor"', { prefix: "text", suffixes: "texts" });
  const { prefix = "array", suffixes = [] } = options;
  const start = `${prefix}(`;
  const empty = sizeOf(x.shape) === 0;
  const notes: string[] = [];
  if (empty && x.shape.length !== 1) notes.push(`size=${showShape(x.shape)}`);
  if (x.dtype !== "float32" && (empty || x.dtype !== "bool")) notes.push(`dtype=${x.dtype}`);
  return withSuffixes(start + elements(x, start.length), [...notes, ...suffixes], start.length);
}

function withSuffixes(text: string, suffixes: readonly string[], indent: number): string {
  let result = text;
  let lineLength = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (lineLength + suffix.length + 2 > options.lineWidth) {
      result += `,\n${" ".repeat(indent)}${suffix}`;
      lineLength = indent + suffix.length;
    } else {
      result += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${result})`;
}

function elements(x: Strided, indent: number): string {
  const size = sizeOf(x.shape);
  if (size === 0) return "[]";
  const cut = size > options.threshold;
  return nested(x, indent, cut, spelling(cut ? shown(x) : flat(x), x.dtype));
}

/** The values that the edges show. */
function shown(x: Strided): number[] {
  if (x.shape.length === 0) return [x.data[x.offset]];
  if (x.shape.length === 1) return edges(x).flatMap((part) => [...flat(part)]);
  return edges(x).flatMap((part) =>
    Array.from({ length: part.shape[0] }, (_, i) => shown(select(part, 0, i))).flat(),
  );
}

/** x itself, or its first and last entries along axis 0. */
function edges(x: Strided): Strided[] {
  const [n] = x.shape;
  const { edgeItems } = options;
  return n > 2 * edgeItems ? [narrow(x, 0, 0, edgeItems), narrow(x, 0, n - edgeItems, edgeItems)] : [x];
}

function nested(x: Strided, indent: number, cut: boolean, spell: Spelling): string {
  const ndim = x.shape.length;
  if (ndim === 0) return spell.write(x.data[x.offset]);
  const parts = (cut ? edges(x) : [x]).map((part) =>
    ndim === 1
      ? Array.from(flat(part), spell.write)
      : Array.from({ length: part.shape[0] }, (_, i) => nested(select(part, 0, i), indent + 1, cut, spell)),
  );
  const dots = ndim === 1 ? " ..." : "...";
  const items = parts.length === 2 ? [...parts[0], dots, ...parts[1]] : parts[0];
  if (ndim > 1) return `[${items.join(`,${"\n".repeat(ndim - 1)}${" ".repeat(indent + 1)}`)}]`;
  const perLine = Math.max(1, Math.floor((options.lineWidth - indent) / (spell.width + 2)));
  const lines: string[] = [];
  for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(", "));
  return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
}

/** One way to write every number of an array, all of one width. */
interface Spelling {
  readonly width: number;
  write(value: number): string;
}

function spelling(values: ArrayLike<number>, dtype: DType): Spelling {
  const list = Array.from(values);
  if (dtype === "bool") return aligned(list, (value) => (value ? "True" : "False"));
  if (dtype === "int32") return aligned(list, String);
  // Zeros and what is not finite have no say in the layout.
  const deciding = list.filter((value) => Number.isFinite(value) && value !== 0);
  const { precision, sciMode } = options;
  const largest = deciding.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const smallest = deciding.reduce((a, b) => Math.min(a, Math.abs(b)), Number.POSITIVE_INFINITY);
  const wide = largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4;
  if (deciding.length > 0 && (sciMode ?? wide)) return aligned(deciding, (v) => scientific(v, precision));
  if (deciding.every(Number.isInteger)) {
    return aligned(deciding, (value) => fixed(value, 0) + (Number.isFinite(value) ? "." : ""));
  }
  return aligned(deciding, (value) => fixed(value, precision));
}

function aligned(deciding: readonly number[], text: (value: number) => string): Spelling {
  const width = deciding.reduce((widest, value) => Math.max(widest, text(value).length), 1);
  return { width, write: (value) => text(value).padStart(width) };
}

/** Python's "%.nf". */
const fixed = (value: number, digits: number): string =>
  special(value) ?? halfToEven("toFixed", value, digits);

/** Python's "%.ne": at least two digits of exponent. */
function scientific(value: number, digits: number): string {
  const text = special(value) ?? halfToEven("toExponential", value, digits);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

const special = (value: number): string | null =>
  Number.isNaN(value) ? "nan" : Number.isFinite(value) ? null : value > 0 ? "inf" : "-inf";

/** Number's own method rounds halves up; PyTorch prints through Python, which rounds them to the even digit. */
function halfToEven(method: "toFixed" | "toExponential", value: number, digits: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  const rounded = size[method](digits);
  const [mantissa, exponent] = rounded.split("e");
  const [exact, exactExponent] = size[method](100).split("e");
  const kept = exact.indexOf(".") + 1 + digits;
  const tie = /^50*$/.test(exact.slice(kept)) && "13579".includes(mantissa[mantissa.length - 1]);
  if (!tie) return sign + rounded;
  const down = exact.slice(0, digits === 0 ? kept - 1 : kept);
  return sign + down + (exponent === undefined ? "" : `e${exactExponent}`);
}
