import { checkArray } from "../check";
import { kernels } from "../device";
import { type DType, promote } from "../dtype";
import { expected, words } from "../expected";
import { broadcastShapes, type Shape, showShape, sizeOf } from "../shape";
import { expand, flat, isContiguous, type Strided, strided } from "../strided";
import { cast, toInt32 } from "./elementwise";
import { reshape, transpose, unsqueeze } from "./views";

/**
 * Matrix product over the last two axes, with the rules of torch.matmul: vectors are taken as a row (left) or
 * a column (right) and lose that axis again; the leading axes broadcast. A bias (n) is added to every row. Throws where a
 * sum of integers does not fit in int32.
 */
export function matmul(a: Strided, b: Strided, bias?: Strided): Strided {
  checkArray("matmul", b);
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new RangeError(
      `matmul: expected at least 1 axis on both sides, got ${showShape(a.shape)} · ${showShape(b.shape)}; use mul() for scalars`,
    );
  }
  const left = a.shape.length === 1 ? unsqueeze(a, 0) : a;
  const right = b.shape.length === 1 ? unsqueeze(b, 1) : b;
  const m = left.shape[left.shape.length - 2];
  const k = left.shape[left.shape.length - 1];
  const n = right.shape[right.shape.length - 1];
  if (right.shape[right.shape.length - 2] !== k) throw innerSizesDiffer(a.shape, b.shape);

  const lead = broadcastShapes("matmul", left.shape.slice(0, -2), right.shape.slice(0, -2));
  const factors = promote(promote(a.dtype, b.dtype), "int32");
  const dtype = bias ? promote(factors, bias.dtype) : factors;
  if (dtype === "int32") return ofIntegers(a, b, k, bias);
  const x = operand(left, dtype, lead);
  const y = operand(right, dtype, lead);
  let batch = sizeOf(lead);
  let rows = m;
  // One matrix on the right serves all rows on the left: a single tall product.
  const tall = y.shared && !x.shared && !x.transposed;
  if (tall) {
    rows *= batch;
    batch = 1;
  }
  const out = kernels().empty(dtype, sizeOf(lead) * m * n);
  const sizes = {
    batch,
    m: rows,
    k,
    n,
    transposeA: x.transposed,
    transposeB: y.transposed,
    sharedA: x.shared && batch > 1,
    sharedB: y.shared && batch > 1,
  };
  kernels().matmul(x.data, y.data, out, sizes, bias ? flat(cast(bias, dtype)) : null);
  const full = strided(out, dtype, [...lead, m, n]);
  if (a.shape.length > 1 && b.shape.length > 1) return full;
  return reshape(full, [...lead, ...(a.shape.length > 1 ? [m] : []), ...(b.shape.length > 1 ? [n] : [])]);
}

/** A product of integers, by way of float64. Throws where a sum does not fit, or could be too large on its way to be exact. */
function ofIntegers(a: Strided, b: Strided, k: number, bias?: Strided): Strided {
  const largest = k * largestOf(a) * largestOf(b) + (bias ? largestOf(bias) : 0);
  if (largest > 2 ** 53) {
    const came = words(`up to ${largestOf(a)} and ${largestOf(b)}, ${k} of them in a sum`);
    const hint = 'call to("float64") first, which rounds';
    throw expected("matmul", "integers whose sums of products stay below 2⁵³, and so exact", came, hint);
  }
  const [x, y, z] = [a, b, bias].map((side) => side && cast(side, "float64"));
  return toInt32("matmul", matmul(x as Strided, y as Strided, z));
}

function largestOf(x: Strided): number {
  let largest = 0;
  for (const value of flat(x)) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Flat elements of one side; a transposed view stays where it is and is read the other way round. */
function operand(
  x: Strided,
  dtype: DType,
  lead: Shape,
): { data: Strided["data"]; transposed: boolean; shared: boolean } {
  const typed = cast(x, dtype);
  const own = x.shape.slice(0, -2);
  const shared = sizeOf(own) === 1;
  const full =
    shared || sizeOf(own) === sizeOf(lead) ? typed : expand(typed, [...lead, ...x.shape.slice(-2)]);
  if (isContiguous(full)) return { data: flat(full), transposed: false, shared };
  const swapped = transpose(full, -2, -1);
  const last = full.shape.length - 1;
  // If it must be copied, then along its own rows.
  const columnwise = full.strides[last] !== 1 && swapped.strides[last] === 1;
  const transposed = columnwise || isContiguous(swapped);
  return { data: flat(transposed ? swapped : full), transposed, shared };
}

function innerSizesDiffer(a: Shape, b: Shape): RangeError {
  const inner = a[a.length - 1];
  const hint =
    b.length >= 2 && b[b.length - 1] === inner
      ? "; did you mean b.transpose()?"
      : a.length >= 2 && a[a.length - 2] === b[Math.max(0, b.length - 2)]
        ? "; did you mean a.transpose()?"
        : "";
  return new RangeError(`matmul: inner sizes differ, ${showShape(a)} · ${showShape(b)}${hint}`);
}
