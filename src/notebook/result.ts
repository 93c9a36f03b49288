import { check, checkOptions, expected, formatNumber } from "../tensor";
import { display, displaySymbol, type MimeBundle } from "./display";
import { Drawing } from "./drawing";
import { say } from "./language";
import { element } from "./markup";

/** Under this type an output carries its result for programs: `{ name, unit, values, mean, std }`. */
const RESULT = "application/vnd.gradschool.result+json";

export interface ResultOptions {
  /** Digits behind the decimal point; without it, four significant ones. */
  readonly digits?: number;
}

/**
 * Show a number that the text quotes, and give it a name by which `npm run course -- --json FILE` collects it.
 * ```ts
 * result("validation loss", validate(), "nats");
 * result("accuracy", [0.81, 0.84, 0.8]);
 * ```
 * Several values are one of each seed, and are shown as mean ± sample standard deviation.
 */
export function result(
  name: string,
  value: number | readonly number[],
  unit = "",
  options: ResultOptions = {},
): void {
  check("result", "name", name, "text");
  check("result", "unit", unit, "text");
  checkOptions("result", options, "digits", { digits: "count" });
  if (typeof value !== "number") check("result", "value", value, "numbers");
  const values = typeof value === "number" ? [value] : [...value];
  if (values.length === 0) throw expected("result", "one value or more", value);
  display(new Result(name, values, unit, options.digits));
}

/** The drawing of a named number. */
class Result extends Drawing {
  private readonly facts: object;

  constructor(name: string, values: readonly number[], unit: string, digits?: number) {
    const n = values.length;
    const mean = values.reduce((sum, one) => sum + one, 0) / n;
    const std = n > 1 ? Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1)) : 0;
    const shown = (x: number, significant?: number) =>
      digits === undefined || !Number.isFinite(x) ? formatNumber(x, significant) : x.toFixed(digits);
    const spread = n > 1 ? ` ± ${shown(std, 2)}` : "";
    const number = `${shown(mean)}${spread}${unit ? ` ${unit}` : ""}`;
    const seeds = n > 1 ? say({ en: ` (${n} seeds)`, ru: ` (зёрен: ${n})` }) : "";
    const html = element("div", { style: "margin:4px 0" }, `${name}: `, element("b", {}, number), seeds);
    super(`${name}: ${number}${seeds}`, html.markup);
    this.facts = { name, unit, values, mean, ...(n > 1 ? { std } : {}) };
  }

  override [displaySymbol](): MimeBundle {
    return { ...super[displaySymbol](), [RESULT]: this.facts };
  }
}
