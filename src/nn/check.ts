import type { Tensor } from "../autograd";
import { expected, expectedKind } from "../tensor";

/** Throws unless every size is a whole number >= 1: `checkSizes("Linear", { inFeatures, outFeatures })`. */
export function checkSizes(op: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) {
      throw expected(op, `${name} to be a whole number >= 1`, size);
    }
  }
}

/** Throws unless `params` can be walked, as what parameters() returns can. */
export function checkParams(op: string, params: Iterable<unknown>): void {
  if (typeof (params as Partial<Iterable<Tensor>> | undefined)?.[Symbol.iterator] === "function") return;
  const isModule = typeof (params as { parameters?: unknown } | undefined)?.parameters === "function";
  const hint = isModule || typeof params === "function" ? "write model.parameters()" : undefined;
  throw expectedKind(op, "a list of parameters", params, hint);
}
