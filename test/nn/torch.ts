import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Tensor, tensor } from "../../src/autograd";
import type { Module } from "../../src/nn";
import { array, type NDArray, type Nested } from "../../src/tensor";

/** One layer as PyTorch computed it, see ../parity/nn/make_fixtures.py and make_more_fixtures.py. */
export interface TorchCase {
  readonly state: Readonly<Record<string, Nested>>;
  readonly inputs: Readonly<Record<string, Nested>>;
  readonly outputs: readonly Nested[];
  readonly upstream: readonly Nested[];
  readonly grads: Readonly<Record<string, Nested>>;
  readonly input_grads: Readonly<Record<string, Nested>>;
  readonly keep: Nested;
  readonly allowed: Nested;
  readonly bias: Nested;
}

const read = (name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(join(__dirname, "../parity/nn", name), "utf8"));
const all = { ...read("layers.json"), ...read("more.json") };

export const recorded = <T = TorchCase>(name: string): T => all[name] as T;

export const f64 = (values: Nested): NDArray => array(values, { dtype: "float64" });
export const bool = (values: Nested): NDArray => array(values, { dtype: "bool" });
export const leaf = (values: Nested | NDArray): Tensor =>
  tensor(values, { dtype: "float64", requiresGrad: true });

/** Every element within `tolerance` (relative to 1 and to the value), and the same shape. */
export function expectClose(got: NDArray | Tensor, expected: NDArray, tolerance = 1e-8): void {
  expect(got.shape).toEqual(expected.shape);
  const [a, b] = [("data" in got && "node" in got ? got.data : (got as NDArray)).flat(), expected.flat()];
  const wrong = [...b].findIndex((v, i) => !(Math.abs(a[i] - v) <= tolerance * (1 + Math.abs(v))));
  expect(wrong, `element ${wrong}: got ${a[wrong]}, expected ${b[wrong]}`).toBe(-1);
}

/** The weights of a PyTorch module under our names; `names` are [ours, PyTorch's], in order, applied to any part. */
export function renamed(
  values: Readonly<Record<string, Nested>>,
  names: readonly (readonly [string, string])[],
): Map<string, NDArray> {
  const found = new Map<string, NDArray>();
  const ours = (name: string) => names.reduce((n, [our, theirs]) => n.replace(theirs, our), name);
  for (const [name, nested] of Object.entries(values)) {
    const value = f64(nested);
    const packed = name.match(/^(.*)in_proj_(weight|bias)$/);
    const single = name.match(/^(.*)([qkv])_proj_weight$/);
    if (packed) {
      const rows = value.shape[0] / 3;
      ["query", "key", "value"].forEach((part, i) => {
        found.set(ours(`${packed[1]}${part}.${packed[2]}`), value.narrow(0, i * rows, rows));
      });
    } else if (single) {
      const part = { q: "query", k: "key", v: "value" }[single[2]];
      found.set(ours(`${single[1]}${part}.weight`), value);
    } else found.set(ours(name), value);
  }
  return found;
}

/** Load PyTorch's weights, run, and compare outputs and all gradients. */
export function agree(
  module: Module,
  c: TorchCase,
  run: (inputs: Readonly<Record<string, Tensor>>) => readonly Tensor[],
  names: readonly (readonly [string, string])[] = [],
): void {
  module.to("float64");
  module.loadStateDict(renamed(c.state, names));
  const inputs = Object.fromEntries(Object.entries(c.inputs).map(([name, values]) => [name, leaf(values)]));
  const outputs = run(inputs);
  outputs.forEach((output, i) => {
    expectClose(output, f64(c.outputs[i]));
  });
  outputs
    .map((output, i) => output.mul(f64(c.upstream[i])).sum())
    .reduce((a, b) => a.add(b))
    .backward();
  const grads = renamed(c.grads, names);
  for (const [name, param] of module.namedParameters()) {
    const expected = grads.get(name);
    expect(expected, name).toBeDefined();
    expectClose(param.grad as NDArray, expected as NDArray);
  }
  for (const [name, expected] of Object.entries(c.input_grads))
    expectClose(inputs[name].grad as NDArray, f64(expected));
}
