import * as nd from "../tensor";
import { type DType, expectedKind, isA, NDArray, type Shape, words } from "../tensor";
import { Tensor } from "./tensor";

// Tensors from nothing. The arguments are those of the functions of the same name on NDArrays.

export interface TensorOptions {
  /** Whether backward() shall leave a gradient here. */
  readonly requiresGrad?: boolean;
  readonly dtype?: DType;
}

export interface RandomTensorOptions extends nd.SourceOptions {
  readonly requiresGrad?: boolean;
}

const optionKinds = { requiresGrad: "boolean", dtype: "dtype" } as const;

/** A tensor from nested lists, a number or an array (not copied). Only a leaf made with `requiresGrad` collects a gradient. */
export function tensor(values: nd.Numbers | NDArray, options: TensorOptions = {}): Tensor {
  nd.checkOptions("tensor", options, "requiresGrad: true", optionKinds);
  const { requiresGrad = false, dtype } = options;
  if (isA(values, Tensor)) {
    throw expectedKind(
      "tensor",
      "lists, a number or an NDArray",
      words("a Tensor"),
      "use clone() or detach()",
    );
  }
  const data = isA(values, NDArray) ? (dtype ? values.to(dtype) : values) : nd.array(values, { dtype });
  return new Tensor(data, { requiresGrad });
}

export const zeros = (shape: Shape, options?: TensorOptions): Tensor =>
  new Tensor(nd.zeros(shape, options), options);
export const ones = (shape: Shape, options?: TensorOptions): Tensor =>
  new Tensor(nd.ones(shape, options), options);
export const full = (shape: Shape, value: number, options?: TensorOptions): Tensor =>
  new Tensor(nd.full(shape, value, options), options);
export const zerosLike = (x: Tensor | NDArray, options: TensorOptions = {}): Tensor => {
  nd.check("zerosLike", "x", x, "tensorOrArray");
  nd.checkOptions("zerosLike", options, "requiresGrad: true", optionKinds);
  return zeros(x.shape, { dtype: x.dtype, ...options });
};
export const onesLike = (x: Tensor | NDArray, options: TensorOptions = {}): Tensor => {
  nd.check("onesLike", "x", x, "tensorOrArray");
  nd.checkOptions("onesLike", options, "requiresGrad: true", optionKinds);
  return ones(x.shape, { dtype: x.dtype, ...options });
};

/** start, start + step, … before `end`; int32 when all three are integers, else float32. */
export const arange = (start: number, end: number, step = 1, options?: TensorOptions): Tensor =>
  new Tensor(nd.arange(start, end, step, options), options);

/** `steps` evenly spaced numbers from `start` to `end`, both included. */
export const linspace = (start: number, end: number, steps: number, options?: TensorOptions): Tensor =>
  new Tensor(nd.linspace(start, end, steps, options), options);

/** Ones on the diagonal of an (n, m) matrix. */
export const eye = (n: number, m = n, options?: TensorOptions): Tensor =>
  new Tensor(nd.eye(n, m, options), options);

/** (…, numClasses) with a 1 at each index and 0 elsewhere; int32. */
export const oneHot = (indices: Tensor | NDArray, numClasses: number): Tensor =>
  new Tensor(nd.oneHot(isA(indices, Tensor) ? indices.data : indices, numClasses));

/** Uniform in [0, 1). */
export const rand = (shape: Shape, options?: RandomTensorOptions): Tensor =>
  new Tensor(nd.rand(shape, options), { requiresGrad: options?.requiresGrad });

/** Normal with mean 0 and standard deviation 1. */
export const randn = (shape: Shape, options?: RandomTensorOptions): Tensor =>
  new Tensor(nd.randn(shape, options), { requiresGrad: options?.requiresGrad });

/** Whole numbers in [low, high), int32. */
export const randint = (low: number, high: number, shape: Shape, source?: nd.SourceOptions): Tensor =>
  new Tensor(nd.randint(low, high, shape, source));

/** 0, 1, …, n − 1 in random order, int32. */
export const randperm = (n: number, source?: nd.SourceOptions): Tensor => new Tensor(nd.randperm(n, source));
