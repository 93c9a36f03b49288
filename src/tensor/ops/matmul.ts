import { checkArray } from "../check";
import { kernels } from "../device";
import { type DType, promote } from "../dtype";
import { expected, refusal, words } from "../expected";
import { broadcastShapes, type Shape, sameShape, showShape, sizeOf } from "../shape";
import { expand, flat, isContiguous, type Strided, strided } from "../strided";
import { cast, toInt32 } from "./elementwise";
import { reshape, transpose, unsqueeze } from "./views";

/**
 * Matrix product over the last two axes, with the rules of torch.matmul: vectors are taken as a row (left) or
 * a column (right) and lose that axis again; the leading axes broadcast. Throws where a sum of integers does not fit in
 * int32.
 */
export function matmul(a: Strided, b: Strided): Strided {
  checkArray("matmul", b);
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw expected(
      "matmul",
      "at least 1 axis on both sides",
      words(`${showShape(a.shape)} · ${showShape(b.shape)}`),
      "use mul() for scalars",
    );
  }
  const left = a.shape.length === 1 ? unsqueeze(a, 0) : a;
  const right = b.shape.length === 1 ? unsqueeze(b, 1) : b;
  if (right.shape[right.shape.length - 2] !== left.shape[left.shape.length - 1])
    throw innerSizesDiffer(a.shape, b.shape);
  const full = product("matmul", left, right);
  if (a.shape.length > 1 && b.shape.length > 1) return full;
  const [lead, [m, n]] = [full.shape.slice(0, -2), full.shape.slice(-2)];
  return reshape(full, [...lead, ...(a.shape.length > 1 ? [m] : []), ...(b.shape.length > 1 ? [n] : [])]);
}

/** x Wᵀ + bias on the last axis: x (…, I), weight (O, I), bias (O) → (…, O). Integers as in {@link matmul}. */
export function linear(x: Strided, weight: Strided, bias?: Strided): Strided {
  const [O, I] = weight.shape;
  if (weight.shape.length !== 2 || x.shape.length === 0 || x.shape[x.shape.length - 1] !== I) {
    throw expected(
      "linear",
      "x (…, I) and a weight (O, I)",
      words(`${showShape(x.shape)} and ${showShape(weight.shape)}`),
    );
  }
  if (bias && !sameShape(bias.shape, [O]))
    throw expected("linear", `a bias ${showShape([O])}`, words(showShape(bias.shape)));
  if (x.shape.length > 1) return product("linear", x, weight, true, bias);
  return reshape(product("linear", unsqueeze(x, 0), weight, true, bias), [O]);
}

/** A · B, or A · Bᵀ where `turned`, + bias (n) to every row; the inner sizes agree. */
function product(op: string, a: Strided, b: Strided, turned = false, bias?: Strided): Strided {
  const last = a.shape.length - 1;
  const [m, k] = [a.shape[last - 1], a.shape[last]];
  const n = b.shape[b.shape.length - (turned ? 2 : 1)];
  const factors = promote(promote(a.dtype, b.dtype), "int32");
  const dtype = bias ? promote(factors, bias.dtype) : factors;
  if (dtype === "int32") return ofIntegers(op, a, b, turned, bias);
  const lead = broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2));
  const count = sizeOf(lead);
  const x = operand(a, dtype, lead);
  const y = operand(b, dtype, lead);
  // One matrix on the right serves all rows on the left: a single tall product.
  const tall = y.shared && !x.shared && !x.transposed;
  const batch = tall ? 1 : count;
  const out = kernels().empty(dtype, count * m * n);
  const sizes = {
    batch,
    m: tall ? m * count : m,
    k,
    n,
    transposeA: x.transposed,
    transposeB: y.transposed !== turned,
    sharedA: x.shared && batch > 1,
    sharedB: y.shared && batch > 1,
  };
  if (n === 1 && !bias) {
    // A column on the right: as a row on the left, whose product reads the matrix once as it lies.
    const turnedSizes = {
      ...{ batch, m: 1, k, n: sizes.m, transposeA: false, transposeB: sizes.m === 1 || !x.transposed },
      ...{ sharedA: sizes.sharedB, sharedB: sizes.sharedA },
    };
    kernels().matmul(y.data, x.data, out, turnedSizes, null);
  } else kernels().matmul(x.data, y.data, out, sizes, bias ? flat(cast(bias, dtype)) : null);
  return strided(out, dtype, [...lead, m, n]);
}

/** A product of integers, by way of float64. Throws where a sum does not fit, or could be too large on its way to be exact. */
function ofIntegers(op: string, a: Strided, b: Strided, turned: boolean, bias?: Strided): Strided {
  const k = a.shape[a.shape.length - 1];
  const largest = k * largestOf(a) * largestOf(b) + (bias ? largestOf(bias) : 0);
  if (largest > 2 ** 53) {
    const came = words(`up to ${largestOf(a)} and ${largestOf(b)}, ${k} of them in a sum`);
    const hint = 'call to("float64") first, which rounds';
    throw expected(op, "integers whose sums of products stay below 2⁵³, and so exact", came, hint);
  }
  const exact = (x: Strided) => cast(x, "float64");
  return toInt32(op, product(op, exact(a), exact(b), turned, bias && exact(bias)));
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
  const { length } = x.shape;
  let matrices = 1;
  for (let axis = 0; axis < length - 2; axis++) matrices *= x.shape[axis];
  const shared = matrices === 1;
  const full = shared || matrices === sizeOf(lead) ? typed : expand(typed, [...lead, ...x.shape.slice(-2)]);
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
      ? "did you mean b.transpose()?"
      : a.length >= 2 && a[a.length - 2] === b[Math.max(0, b.length - 2)]
        ? "did you mean a.transpose()?"
        : undefined;
  return refusal("matmul", `inner sizes differ, ${showShape(a)} · ${showShape(b)}`, hint);
}

/** All axes but the last as one. */
export function asRows(x: Strided): Strided {
  const { length } = x.shape;
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape[length - 1]]);
}
