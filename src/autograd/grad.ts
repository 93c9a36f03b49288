import {
  check,
  checkOptions,
  expected,
  isList,
  type NDArray,
  ofShape,
  showShape,
  words,
  zerosLike,
} from "../tensor";
import { backward } from "./backward";
import { withGrad } from "./grad-mode";
import { shapedSeed } from "./seed";
import { arrayOf, checkTensor, Tensor } from "./tensor";

export interface GradOptions {
  /** The gradient to start from, in the shape of the output; 1 for a scalar unless given. Of a list of outputs, a list. */
  readonly gradOutput?: Tensor | NDArray | readonly (Tensor | NDArray | null)[];
  /** Keep the graph, so that it can be walked again. */
  readonly retainGraph?: boolean;
  /** Give null for an input that the output does not depend on, which is an error otherwise. */
  readonly allowUnused?: boolean;
  /** Give zeros for such an input. */
  readonly materializeGrads?: boolean;
}

/**
 * Gradients of `output` with respect to `inputs`, which may stand anywhere in the graph: one array per input. Of a list of
 * outputs, the sum of their gradients. No `grad` of any tensor changes. The graph is freed unless `retainGraph`.
 */
export function grad(
  output: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions & { readonly allowUnused: true; readonly materializeGrads?: false },
): (NDArray | null)[];
export function grad(
  output: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options?: GradOptions,
): NDArray[];
export function grad(
  output: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (NDArray | null)[] {
  const outputs = isList(output) ? (output as readonly Tensor[]) : [output as Tensor];
  for (const one of outputs) checkTensor("grad", one);
  if (outputs.length === 0) throw expected("grad", "a Tensor, or a list of at least one", output);
  checkInputs("grad", inputs);
  checkOptions("grad", options, "retainGraph: true", {
    ...{ gradOutput: "any", retainGraph: "boolean", allowUnused: "boolean", materializeGrads: "boolean" },
  });
  const { gradOutput, retainGraph = false, allowUnused = false, materializeGrads = false } = options;
  const seeds = seedsOf("grad", gradOutput, output, outputs.length);
  const wanted = new Map<Tensor, NDArray | null>();
  for (const input of inputs) {
    if (!input.requiresGrad) {
      const hint = "make them with { requiresGrad: true }";
      throw expected("grad", "inputs that require a gradient", input, hint);
    }
    wanted.set(input, null);
  }
  backward(outputs, seeds, retainGraph, wanted);
  return inputs.map((input, i) => {
    const found = wanted.get(input) ?? null;
    if (found) return found;
    if (materializeGrads) return zerosLike(input.data);
    if (allowUnused) return null;
    const hint = "{ allowUnused: true } gives null for such an input, { materializeGrads: true } zeros";
    throw expected("grad", "inputs that the output depends on", words(`input ${i}, which it does not`), hint);
  });
}

function seedsOf(op: string, given: unknown, output: unknown, n: number): (NDArray | undefined)[] {
  if (given === undefined) return new Array(n).fill(undefined);
  const list: readonly unknown[] = isList(given) ? given : [given];
  if (isList(given) !== isList(output) || list.length !== n) {
    const what = isList(output) ? `gradOutput to be a list of ${n}, one for each output` : "one gradOutput";
    throw expected(op, what, given, isList(output) ? "null stands for 1, for a scalar" : undefined);
  }
  return list.map((one) => {
    if (one === null || one === undefined) return undefined;
    check(op, "gradOutput", one, "tensorOrArray");
    return arrayOf(one as Tensor | NDArray);
  });
}

/** What a function gives: a Tensor, or a list of them. */
type Given = Tensor | readonly Tensor[];

/** An X for a Tensor, a list of X for a list. */
type ForEach<O extends Given, X> = O extends readonly Tensor[] ? { [K in keyof O]: X } : X;

/**
 * The output of `fn`, and the function that pulls a gradient g of it back to every input: g ↦ Jᵀ g, J being the matrix
 * ∂output / ∂input. The pullback may be called as often as wanted; without g it starts from 1, for a scalar. Where `fn` gives
 * a list of outputs, g is a list, and null in it stands for 1. All of it also under `noGrad()`.
 */
export function vjp<const O extends Given>(
  fn: (...inputs: Tensor[]) => O,
  inputs: readonly (Tensor | NDArray)[],
): { output: ForEach<O, Tensor>; pullback: (g?: ForEach<O, Tensor | NDArray | null>) => NDArray[] } {
  const { given, outputs, pullback } = pulledBack("vjp", fn, inputs);
  const output = (isMany(given) ? outputs : outputs[0]) as ForEach<O, Tensor>;
  return { output, pullback: (g) => pullback(seedsOf("vjp", g, given, outputs.length)) };
}

/**
 * The output of `fn`, and how it changes when the inputs move along `tangents`: J t, exact, summed over the inputs; a list
 * where `fn` gives a list. This is reverse mode: a row of J, which is one backward pass, for every element of the output. Made
 * for functions with few.
 */
export function jvp<const O extends Given>(
  fn: (...inputs: Tensor[]) => O,
  inputs: readonly (Tensor | NDArray)[],
  tangents: readonly (Tensor | NDArray)[],
): { output: ForEach<O, Tensor>; tangent: ForEach<O, NDArray> } {
  const { given, outputs, pullback } = pulledBack("jvp", fn, inputs);
  check("jvp", "tangents", tangents, "list");
  const directions = tangents.map((t) => {
    check("jvp", "a tangent", t, "tensorOrArray");
    return arrayOf(t);
  });
  const fits = inputs.every((x, i) => String(x.shape) === String(directions[i]?.shape));
  if (!fits || directions.length !== inputs.length) {
    const shapes = inputs.map((x) => showShape(x.shape)).join(", ");
    throw expected(
      "jvp",
      `a tangent for each input, of its shape: ${shapes}`,
      ofShape(...directions.map((t) => t.shape)),
    );
  }
  const seeds = outputs.map((output) => zerosLike(output.data));
  const found = outputs.map((output, k) => {
    const tangent = zerosLike(output.data);
    for (let i = 0; i < output.size; i++) {
      seeds[k].data[i] = 1;
      const rows = pullback(seeds.map((seed) => seed.clone()));
      tangent.data[i] = rows.reduce((total, row, j) => total + row.mul(directions[j]).sum().item(), 0);
      seeds[k].data[i] = 0;
    }
    return tangent;
  });
  if (isMany(given)) return { output: outputs, tangent: found } as never;
  return { output: outputs[0], tangent: found[0] } as never;
}

const isMany = (given: Given): given is readonly Tensor[] => isList(given);

/** What `fn` gives of the inputs, without its graph, and the way back through it for a gradient of each output. */
function pulledBack(op: string, fn: (...inputs: Tensor[]) => Given, inputs: readonly (Tensor | NDArray)[]) {
  const leaves = leavesOf(op, fn, inputs);
  const given = withGrad(op, () => fn(...leaves));
  const made = isMany(given) ? given : [given];
  for (const one of made) checkTensor(op, one);
  if (made.length === 0) throw expected(op, "fn to give a Tensor, or a list of at least one", given);
  const outputs = made.map((one) => one.detach());
  const pullback = (seeds: readonly (NDArray | undefined)[]): NDArray[] => {
    // Also those that lead nowhere are held to their shapes.
    seeds.forEach((seed, i) => {
      shapedSeed(outputs[i].data, seed);
    });
    const wanting = made.flatMap((one, i) => (one.requiresGrad ? [i] : []));
    const gradOutput = wanting.map((i) => seeds[i] ?? null);
    if (wanting.length === 0) return leaves.map((leaf) => zerosLike(leaf.data));
    return grad(
      wanting.map((i) => made[i]),
      leaves,
      { gradOutput, retainGraph: true, materializeGrads: true },
    );
  };
  return { given, outputs, pullback };
}

function leavesOf(op: string, fn: unknown, inputs: readonly (Tensor | NDArray)[]): Tensor[] {
  check(op, "fn", fn, "function");
  check(op, "inputs", inputs, "list", `as in ${op}(fn, [x])`);
  return inputs.map((x) => {
    check(op, "an input", x, "tensorOrArray");
    return new Tensor(arrayOf(x), { requiresGrad: true });
  });
}

function checkInputs(op: string, inputs: unknown): void {
  check(op, "inputs", inputs, "list", `as in ${op}(loss, [x])`);
  for (const input of inputs as unknown[]) checkTensor(op, input);
}
