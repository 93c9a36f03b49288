import { check } from "../check";
import type { DType } from "../dtype";
import type { NDArray } from "../ndarray";
import type { MathOp, MathOp2 } from "../ops/math";
import type { Axes, ReduceOptions } from "../ops/reduce";
import type { Shape } from "../shape";

/**
 * Methods that are made of other methods, so that NDArray and Tensor have them from one definition, and the gradient is
 * that of the steps. `X` is the class itself, `Y` what may stand beside it: NDArray beside NDArray, either beside Tensor.
 */

/** What is known of an array without its elements. */
export interface Sized {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly ndim: number;
  readonly size: number;
}

/** What a derived method may ask of the array beside: what NDArray and Tensor have in common. */
export interface Beside extends Sized {
  to(dtype: DType): Beside;
  abs(): Beside;
  add(b: number): Beside;
  mul(b: number): Beside;
  expand(shape: Shape): Beside;
  reshape(shape: Shape): Beside;
  flatten(): Beside;
  unsqueeze(axis: number): Beside;
  nonzero(): Beside;
}

/** What a derived method may ask of its own array. */
export interface Common<X, Y> extends Sized {
  item(): number;
  clone(): X;
  to(dtype: DType): X;
  abs(): X;
  isFinite(): X;
  isNaN(): X;
  add(b: Y | number): X;
  sub(b: Y | number): X;
  mul(b: Y | number): X;
  eq(b: Y | number): X;
  le(b: Y | number): X;
  logicalAnd(b: Y): X;
  logicalOr(b: Y): X;
  sum(axes?: Axes, options?: ReduceOptions): X;
  all(axes?: Axes, options?: ReduceOptions): X;
  matmul(b: Y): X;
  narrow(axis: number, start: number, length: number): X;
  select(axis: number, index: number): X;
  expand(shape: Shape): X;
  reshape(shape: Shape): X;
  flatten(startAxis?: number, endAxis?: number): X;
  squeeze(axes?: Axes): X;
  unsqueeze(axis: number): X;
  diagonal(offset?: number, axis0?: number, axis1?: number): X;
  pad(widths: readonly (readonly [number, number])[], value?: number): X;
  gather(axis: number, index: Y): X;
  scatter(axis: number, index: Y, src: Y | number): X;
  scatterAdd(axis: number, index: Y, src: Y): X;
  indexSelect(axis: number, index: Y): X;
  maskedFill(mask: Y, value: number): X;
  nonzero(): X;
  math(op: MathOp): X;
  math2(op: MathOp2, b: Y | number): X;
  sort(axis?: number, options?: { readonly descending?: boolean }): { values: X; indices: X };
}

const isPlain = (x: object): boolean => ArrayBuffer.isView((x as { data?: unknown }).data);

/** Throws unless `y` may stand beside `self`: an NDArray beside an NDArray, either beside a Tensor. */
export function checkBeside(op: string, name: string, self: object, y: unknown): void {
  const hint = isPlain(self) ? undefined : "wrap lists with tensor()";
  check(op, name, y, isPlain(self) ? "array" : "tensorOrArray", hint);
}

/** The plain array of what stands beside, for what is never differentiated. */
export const plainOf = (y: unknown): NDArray =>
  isPlain(y as object) ? (y as NDArray) : (y as { data: NDArray }).data;

/** Gives a class the methods of others. */
export function mixIn(target: { prototype: object }, ...sources: readonly { prototype: object }[]): void {
  for (const { prototype } of sources) {
    const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(
      prototype,
    ) as PropertyDescriptorMap;
    Object.defineProperties(target.prototype, methods);
  }
}
