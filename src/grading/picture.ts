import { Tensor } from "../autograd";
import { type NDArray, sameShape } from "../tensor";
import { numeric } from "./compare";
import type { Picture } from "./failure";
import { isRecord } from "./inputs";
import { FLOAT32_TOLERANCE, near } from "./tolerance";

/** Larger matrices are cut: what is wrong is seen in a corner of them, too. */
const most = 40;

/** The first matrix of a result that is not as expected, and what it should be; null where there is none to draw. */
export function pictureOf(got: unknown, expected: unknown, path = ""): Picture | null {
  const [g, e] = [numeric(got), numeric(expected)];
  if (g && e) return matrixOf(g, e, path);
  if (Array.isArray(expected) && Array.isArray(got)) {
    for (let i = 0; i < expected.length; i++) {
      const found = pictureOf(got[i], expected[i], `${path}[${i}]`);
      if (found) return found;
    }
    return null;
  }
  if (!isRecord(expected) || typeof got !== "object" || got === null || got instanceof Tensor) return null;
  for (const [key, field] of Object.entries(expected)) {
    const found = pictureOf((got as Record<string, unknown>)[key], field, path ? `${path}.${key}` : key);
    if (found) return found;
  }
  return null;
}

function matrixOf(got: NDArray, expected: NDArray, path: string): Picture | null {
  if (got.ndim === 0 || !sameShape(got.shape, expected.shape) || got.size < 4) return null;
  const [g, e] = [got.to("float64").flat(), expected.to("float64").flat()];
  const at = e.findIndex((x, i) => !near(g[i], x, FLOAT32_TOLERANCE));
  if (at < 0) return null;
  const columns = got.shape.at(-1)!;
  const rows = got.ndim > 1 ? got.shape.at(-2)! : 1;
  const which = Math.floor(at / (rows * columns));
  const cut = (all: ArrayLike<number>) =>
    Array.from({ length: Math.min(rows, most) }, (_, row) =>
      Array.from(
        { length: Math.min(columns, most) },
        (_, column) => all[(which * rows + row) * columns + column],
      ),
    );
  return {
    of: `${path || "result"}${placeOf(which, got.shape.slice(0, -2))}`,
    got: cut(g),
    expected: cut(e),
  };
}

/** `[1, 0]`: where a matrix stands among those in front of the last two axes. */
function placeOf(which: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (let axis = shape.length - 1, rest = which; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return index.length > 0 ? `[${index.join(", ")}]` : "";
}
