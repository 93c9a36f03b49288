import { Tensor } from "../autograd";
import { NDArray } from "../tensor";
import { isRecord } from "./inputs";

/** Longer than this nobody copies. */
const longest = 700;

/** Thrown on the way when a value cannot be written as code that makes just this value. */
class Unwritable extends Error {}

/**
 * Arguments as code, ready to stand in a cell: `tensor([[1, 2]]), { topK: 3 }`. Null where that would be too long, or
 * make other values: of functions, and of arrays whose numbers lie in another order in memory.
 */
export function argumentsAsCode(args: readonly unknown[]): string | null {
  try {
    const text = args.map((arg) => code(arg)).join(", ");
    return text.length <= longest ? text : null;
  } catch {
    return null;
  }
}

function code(value: unknown): string {
  if (value instanceof Tensor) {
    const { dtype } = value.data;
    const inner = dtype === "float32" ? numbers(value.data) : arrayCode(value.data);
    return `tensor(${inner}${value.requiresGrad ? ", { requiresGrad: true }" : ""})`;
  }
  if (value instanceof NDArray) return arrayCode(value);
  if (Array.isArray(value)) return listed(value.map(code));
  if (ArrayBuffer.isView(value) && value.constructor.name.endsWith("Array"))
    return `new ${value.constructor.name}(${listed(Array.from(value as Float64Array, (x) => code(x)))})`;
  if (isRecord(value)) {
    const fields = Object.entries(value).map(([key, field]) => `${fieldName(key)}: ${code(field)}`);
    return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
  }
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  throw new Unwritable();
}

function arrayCode(x: NDArray): string {
  return `nd.array(${numbers(x)}${x.dtype === "float32" ? "" : `, { dtype: "${x.dtype}" }`})`;
}

/** The numbers in nested lists. */
function numbers(x: NDArray): string {
  if (x.size === 0 || x.size > longest || !x.isContiguous()) throw new Unwritable();
  const write =
    x.dtype === "bool" ? (value: number) => String(value !== 0) : x.dtype === "float32" ? short : code;
  const flat = Array.from(x.flat(), write);
  let parts = flat;
  for (let axis = x.ndim - 1; axis >= 0; axis--) {
    const size = x.shape[axis];
    parts = Array.from({ length: parts.length / size }, (_, i) =>
      listed(parts.slice(i * size, (i + 1) * size)),
    );
  }
  return parts[0];
}

/** The fewest digits that make the same float32. */
function short(value: number): string {
  for (let digits = 1; digits < 10; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(rounded), value)) return code(rounded);
  }
  return code(value);
}

function listed(parts: readonly string[]): string {
  const text = `[${parts.join(", ")}]`;
  if (text.length > longest) throw new Unwritable();
  return text;
}

const fieldName = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));
