import { check } from "../check";
import type { DType } from "../dtype";
import type { ArrayMethods } from "../methods";
import type { NDArray } from "../ndarray";
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
export interface Common<X, Y> extends Sized, ArrayMethods<X, Y> {
  item(): number;
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

// biome-ignore lint/suspicious/noExplicitAny: the methods of a class have types where they are declared
type Method = (this: any, ...args: any[]) => unknown;

/** Gives a class a method for each entry of a table, under its name. */
export function defineMethods<Table extends object>(
  target: { prototype: object },
  table: Table,
  make: (entry: Table[keyof Table], name: string) => Method,
): void {
  for (const [name, entry] of Object.entries(table)) {
    const value = make(entry, name);
    Object.defineProperty(value, "name", { value: name }); // for the lines of an error
    Object.defineProperty(target.prototype, name, { value, writable: true, configurable: true });
  }
}
