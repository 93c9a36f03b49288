import type { Tensor } from "../../../src/autograd";
import type { NDArray } from "../../../src/tensor";

/** What an operation is given: named inputs and the arguments of PyTorch's call. */
export interface OpInput {
  /** The input of that name. Throws when the case has none. */
  input(name: string): Tensor;
  optional(name: string): Tensor | undefined;
  readonly inputs: readonly Tensor[];
  readonly args: Readonly<Record<string, unknown>>;
}

/** The single output, or several by name; arrays are outputs without a gradient. */
export type OpOutput = Tensor | NDArray | Readonly<Record<string, Tensor | NDArray>>;

export type Op = (c: OpInput) => OpOutput;

/** How one argument is read; null and absent are the same. */
export const number = (c: OpInput, name: string): number => c.args[name] as number;
export const numberOr = <T>(c: OpInput, name: string, otherwise: T): number | T =>
  (c.args[name] as number | null | undefined) ?? otherwise;
export const list = (c: OpInput, name: string): number[] => c.args[name] as number[];
export const axes = (c: OpInput, name = "dim"): number | number[] | undefined =>
  (c.args[name] as number | number[] | null | undefined) ?? undefined;
export const keepDims = (c: OpInput) => ({ keepDims: Boolean(c.args.keepdim) });
/** An argument that is one number for both directions, or one for each. */
export const pair = (c: OpInput, name: string, otherwise: number): [number, number] => {
  const value = (c.args[name] as number | [number, number] | null | undefined) ?? otherwise;
  return typeof value === "number" ? [value, value] : value;
};
