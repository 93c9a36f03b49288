import { Tensor } from "../autograd";
import { expectedKind, isList, NDArray } from "../tensor";
import { display, displaySymbol, type MimeBundle } from "./display";
import { formatNumber } from "./numbers";

/**
 * A paragraph of Markdown whose numbers come from the run: four significant digits, or as a text that you format yourself;
 * a list of numbers, one of each seed, is its mean ± sample standard deviation.
 * ```ts
 * prose`After ${STEPS} steps the loss is **${loss} nats**: undecided among ${Math.exp(loss).toFixed(0)} tokens.`;
 * ```
 */
export function prose(strings: TemplateStringsArray, ...values: readonly unknown[]): void {
  if (!isList(strings) || !("raw" in strings))
    throw expectedKind("prose", "a template right behind it, as in prose`the loss`", strings);
  const text = strings.map((part, i) => part + (i < values.length ? shown(values[i]) : "")).join("");
  display(new Prose(dedented(text)));
}

class Prose {
  constructor(private readonly text: string) {}

  [displaySymbol](): MimeBundle {
    return { "text/markdown": this.text, "text/plain": this.text };
  }
}

function shown(value: unknown): string {
  if (typeof value === "number") return count(value);
  if (value instanceof Tensor || value instanceof NDArray) return shown(numbersOf(value));
  if (isList(value) && value.length > 0 && value.every((x) => typeof x === "number")) return spread(value);
  return String(value);
}

const numbersOf = (x: Tensor | NDArray): number | number[] =>
  x.size === 1 ? x.item() : Array.from((x instanceof Tensor ? x.data : x).flat());

/** Whole numbers in full. */
const count = (x: number): string =>
  Number.isInteger(x) && Math.abs(x) < 1e15 ? x.toLocaleString("en") : formatNumber(x);

function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  if (values.length === 1) return count(mean);
  const std = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
  return `${formatNumber(mean)} ± ${formatNumber(std, 2)}`;
}

/** Without the blanks that the code's own indent has put before every line. */
function dedented(text: string): string {
  const lines = text.split("\n");
  const indents = lines.slice(1).flatMap((line) => (line.trim() ? [/^ */.exec(line)![0].length] : []));
  const indent = indents.length > 0 ? Math.min(...indents) : 0;
  return lines
    .map((line, i) => (i === 0 ? line : line.slice(indent)))
    .join("\n")
    .trim();
}
