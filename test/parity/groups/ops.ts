import { join } from "node:path";
import { Tensor } from "../../../src/autograd";
import { isFloat, type NDArray } from "../../../src/tensor";
import type { TensorSpec } from "../compare";
import { type CaseResult, Fixture, readJson, runCase } from "../fixture";
import { ops } from "../ops";

interface OpCase {
  readonly id: string;
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly upstream?: Readonly<Record<string, string>>;
  readonly grads?: Readonly<Record<string, string>>;
}

interface Topic {
  readonly file: string;
  readonly cases: readonly OpCase[];
  readonly tensors: Readonly<Record<string, TensorSpec>>;
}

/** Every operation forward and, where the case has gradients, backward from its upstream gradients. */
export function runOps(folder: string): CaseResult[] {
  const { manifests } = readJson<{ manifests: string[] }>(folder, "manifest.json");
  return manifests.flatMap((name) => {
    const topic = readJson<Topic>(folder, name);
    const fixture = new Fixture(join(folder, topic.file), topic.tensors);
    return topic.cases.map((c) =>
      runCase(`ops/${name.replace(/\.json$/, "")}`, c.id, () => runOp(c, fixture)),
    );
  });
}

function runOp(c: OpCase, fixture: Fixture) {
  const op = ops.get(c.op);
  if (!op) throw new Error(`unknown operation "${c.op}"`);
  const inputs = new Map<string, Tensor>();
  for (const [name, stored] of Object.entries(c.inputs)) {
    const data = fixture.get(stored);
    inputs.set(
      name,
      new Tensor(data, { requiresGrad: c.grads !== undefined && name in c.grads && isFloat(data.dtype) }),
    );
  }
  const read = new Set<PropertyKey>();
  const outputs = op({
    input: (name) => {
      const found = inputs.get(name);
      if (!found) throw new Error(`${c.op}: the case has no input "${name}"`);
      return found;
    },
    optional: (name) => inputs.get(name),
    inputs: [...inputs.values()],
    args: new Proxy(c.args, {
      get: (args, name) => {
        read.add(name);
        return args[name as string];
      },
    }),
  });
  // An argument that nobody read would be one that nobody obeyed.
  const unread = Object.keys(c.args).filter((name) => !read.has(name));
  if (unread.length > 0) throw new Error(`${c.op}: unknown arguments ${unread.join(", ")}`);
  const named: Readonly<Record<string, Tensor | NDArray>> =
    "shape" in outputs ? { [Object.keys(c.outputs)[0]]: outputs as Tensor | NDArray } : outputs;
  const value = (name: string) => {
    const x = named[name];
    return x instanceof Tensor ? x.data : x;
  };
  const forward = Object.entries(c.outputs).map(([name, stored]) =>
    fixture.compare(stored, asNumbers(value(name)), { label: name }),
  );
  if (!c.grads) return forward;

  let total: Tensor | null = null;
  for (const [name, stored] of Object.entries(c.upstream ?? {})) {
    const y = named[name];
    if (!(y instanceof Tensor)) throw new Error(`${c.op}: output "${name}" should be differentiable`);
    const term = y.mul(fixture.get(stored)).sum();
    total = total ? total.add(term) : term;
  }
  total?.backward();
  const backward = Object.entries(c.grads).map(([name, stored]) =>
    fixture.compare(stored, inputs.get(name)?.grad ?? inputs.get(name)?.data.mul(0), {
      label: `gradient of ${name}`,
    }),
  );
  return [...forward, ...backward];
}

const asNumbers = (x: NDArray | undefined) => (x?.dtype === "bool" ? x.to("int32") : x);
