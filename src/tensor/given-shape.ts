import { describe, showShape } from "./describe";
import { expected, refusal, refusalOfKind, words } from "./expected";
import { isList } from "./is-a";
import { type Shape, sizeOf } from "./shape";

/**
 * Replace one -1 in `shape` by what is left of `size` elements. Throws when the elements do not fit.
 * @internal
 */
export function inferShape(op: string, shape: Shape, size: number): number[] {
  if (!isList(shape)) throw notAShape(op, shape);
  const result = [...shape];
  let holes = 0;
  let known = 1;
  let bad = false;
  for (const n of result) {
    if (!Number.isInteger(n) || n < -1) bad = true;
    else if (n === -1) holes++;
    else known *= n;
  }
  const filled = holes === 1 && known > 0 ? size / known : 0;
  if (holes > 0) result[result.indexOf(-1)] = filled;
  if (bad || holes > 1 || !Number.isInteger(filled) || sizeOf(result) !== size) {
    const count = bad || holes > 1 ? "" : ` of ${known}${holes ? "·n" : ""}`;
    const got = words(`${showShape(shape.map(describe))}${count}`);
    throw expected(op, `a shape of ${size} elements (at most one -1)`, got);
  }
  return result;
}

/** A copy of a shape that came from outside. Throws unless every size is a non-negative integer. */
export function ownShape(op: string, shape: Shape): number[] {
  if (!isList(shape)) throw notAShape(op, shape);
  const own = [...shape];
  checkShape(op, own);
  return own;
}

/**
 * Throws unless every size is a non-negative integer.
 * @internal
 */
export function checkShape(op: string, shape: Shape): void {
  if (!isList(shape)) throw notAShape(op, shape);
  if (shape.some((n) => !Number.isInteger(n) || n < 0)) {
    throw refusal(
      op,
      `a shape is an array of sizes >= 0 such as [2, 3], got ${showShape(shape.map(describe))}`,
    );
  }
}

function notAShape(op: string, shape: unknown): TypeError {
  const hint = typeof shape === "number" ? `put the sizes in an array: ${op}([${shape}, …])` : undefined;
  const why = `a shape is an array of sizes >= 0 such as [2, 3], got ${describe(shape)}`;
  return refusalOfKind(op, why, hint);
}
