import { check, checkOptions, expected, type NDArray, showShape, zerosLike } from "../tensor";
import { backward } from "./backward";
import { arrayOf, checkTensor, Tensor } from "./tensor";

export interface GradOptions {
  /** The gradient to start from, in the shape of the output; 1 for a scalar unless given. */
  readonly gradOutput?: Tensor | NDArray;
  /** Keep the graph, so that it can be walked again. */
  readonly retainGraph?: boolean;
}

/**
 * Gradients of `output` with respect to `inputs`, which may stand anywhere in the graph: one array per input, zeros for one
 * that the output does not depend on. No `grad` of any tensor changes. The graph is freed unless `retainGraph`.
 */
export function grad(output: Tensor, inputs: readonly Tensor[], options: GradOptions = {}): NDArray[] {
  checkTensor("grad", output);
  checkInputs("grad", inputs);
  checkOptions("grad", options, "retainGraph: true", { gradOutput: "tensorOrArray", retainGraph: "boolean" });
  const { gradOutput, retainGraph = false } = options;
  const wanted = new Map<Tensor, NDArray | null>();
  for (const input of inputs) {
    if (!input.requiresGrad)
      throw expected(
        "grad",
        "inputs that require a gradient",
        input,
        "make them with { requiresGrad: true }",
      );
    wanted.set(input, null);
  }
  backward(output, gradOutput && arrayOf(gradOutput), retainGraph, wanted);
  return inputs.map((input) => wanted.get(input) ?? zerosLike(input.data));
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
      directions.map((t) => t.shape),
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
