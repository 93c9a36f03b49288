import { check, checkOptions, expected, type NDArray, ofShape, showShape, words, zerosLike } from "../tensor";
import { backward } from "./backward";
import { arrayOf, checkTensor, Tensor } from "./tensor";

export interface GradOptions {
  /** The gradient to start from, in the shape of the output; 1 for a scalar unless given. Of a list of outputs, a list. */
  readonly gradOutput?: Tensor | NDArray | readonly (Tensor | NDArray | null)[];
  /** Keep the graph, so that it can be walked again. */
  readonly retainGraph?: boolean;
  /**
   * What to give for an input that the output does not depend on: null if true; an error if false; zeros unless given.
   */
  readonly allowUnused?: boolean;
}

/**
 * Gradients of `output` with respect to `inputs`, which may stand anywhere in the graph: one array per input. Of a list of
 * outputs, the sum of their gradients. No `grad` of any tensor changes. The graph is freed unless `retainGraph`.
 */
export function grad(
  output: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions & { readonly allowUnused: true },
): (NDArray | null)[];
export function grad(
  output: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options?: GradOptions & { readonly allowUnused?: false },
): NDArray[];
export function grad(
  output: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (NDArray | null)[] {
  const outputs = Array.isArray(output) ? (output as readonly Tensor[]) : [output as Tensor];
  for (const one of outputs) checkTensor("grad", one);
  if (outputs.length === 0) throw expected("grad", "a Tensor, or a list of at least one", output);
  checkInputs("grad", inputs);
  checkOptions("grad", options, "retainGraph: true", {
    ...{ gradOutput: "any", retainGraph: "boolean", allowUnused: "boolean" },
  });
  const { gradOutput, retainGraph = false, allowUnused } = options;
  const seeds = seedsOf(gradOutput, output, outputs.length);
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
    if (found || allowUnused) return found;
    if (allowUnused === undefined) return zerosLike(input.data);
    const hint = "{ allowUnused: true } gives null for such an input";
    throw expected("grad", "inputs that the output depends on", words(`input ${i}, which it does not`), hint);
  });
}

function seedsOf(given: GradOptions["gradOutput"], output: unknown, n: number): (NDArray | undefined)[] {
  if (given === undefined) return new Array(n).fill(undefined);
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (Array.isArray(given) !== Array.isArray(output) || list.length !== n) {
    const what = Array.isArray(output)
      ? `gradOutput to be a list of ${n}, one for each output`
      : "one gradOutput";
    throw expected(
      "grad",
      what,
      given,
      Array.isArray(output) ? "null stands for 1, for a scalar" : undefined,
    );
  }
  return list.map((one) => {
    if (one === null || one === undefined) return undefined;
    check("grad", "gradOutput", one, "tensorOrArray");
    return arrayOf(one as Tensor | NDArray);
  });
}

/**
 * The output of `fn`, and the function that pulls a gradient g of it back to every input: g ↦ Jᵀ g, J being the matrix
 * ∂output / ∂input. The pullback may be called as often as wanted; without g it starts from 1, for a scalar.
 */
export function vjp(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly (Tensor | NDArray)[],
): { output: Tensor; pullback: (g?: Tensor | NDArray) => NDArray[] } {
  const leaves = leavesOf("vjp", fn, inputs);
  const output = fn(...leaves);
  checkTensor("vjp", output);
  return {
    output: output.detach(),
    pullback: (gradOutput) =>
      output.requiresGrad
        ? grad(output, leaves, { gradOutput, retainGraph: true })
        : leaves.map((leaf) => zerosLike(leaf.data)),
  };
}

/**
 * The output of `fn`, and how it changes when the inputs move along `tangents`: J t, exact, summed over the inputs. This is
 * reverse mode: a row of J, which is one backward pass, for every element of the output. Made for functions with few.
 */
export function jvp(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly (Tensor | NDArray)[],
  tangents: readonly (Tensor | NDArray)[],
): { output: Tensor; tangent: NDArray } {
  const { output, pullback } = vjp(fn, inputs);
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
  const tangent = zerosLike(output.data);
  const basis = zerosLike(output.data);
  for (let i = 0; i < output.size; i++) {
    basis.data[i] = 1;
    const rows = pullback(basis.clone());
    tangent.data[i] = rows.reduce((total, row, j) => total + row.mul(directions[j]).sum().item(), 0);
    basis.data[i] = 0;
  }
  return { output, tangent };
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
