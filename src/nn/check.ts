import { expected, expectedKind, readable } from "../tensor";

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
  const hasIterator = (x: Partial<Iterable<unknown>>) => typeof x?.[Symbol.iterator] === "function";
  if (readable(hasIterator, params)) return;
  const isModule = readable((x: { parameters?: unknown }) => typeof x?.parameters === "function", params);
  const hint = isModule || typeof params === "function" ? "write model.parameters()" : undefined;
  throw expectedKind(op, "a list of parameters", params, hint);
}
