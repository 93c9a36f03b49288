import { addInPlace, allocator, type NDArray, type Storage, zeros } from "../tensor";
import type { Tensor } from "./tensor";

/** What has reached a tensor so far. */
interface Sum {
  array: NDArray;
  /** Whether this array was made here, so that it may be added to in place. */
  own: boolean;
}

type Allocator = ReturnType<typeof allocator>;

/**
 * The gradients on their way during one backward: how much has reached each tensor, and which arrays no gradient uses
 * any more. These go back to the device at once, which hands them out again while they are still in the cache; half
 * of the memory that a training step writes is used twice that way.
 *
 * Gradients share memory (both sides of a sum get the same array, a reshape gives a view of it), so uses are counted
 * for each block of memory. An array that someone else may have seen (a hook, a leaf's `grad`, an operation with
 * `keepsGrads`) is {@link pin}ned, and left to the garbage collector; so is all that is older than this backward.
 */
export class GradientSums {
  readonly #sums = new Map<Tensor, Sum>();
  readonly #uses = new Map<Storage, number>();
  readonly #pinned = new Set<Storage>();
  readonly #allocator: Allocator;
  readonly #since: number;

  constructor(memory: Allocator = allocator()) {
    this.#allocator = memory;
    this.#since = memory.clock();
  }

  /** Adds `grad`, of the tensor's shape and type, to what has reached the tensor. */
  add(tensor: Tensor, grad: NDArray): void {
    this.#use(grad.data);
    const before = this.#sums.get(tensor);
    if (!before) {
      this.#sums.set(tensor, { array: grad, own: false });
    } else if (before.own) {
      addInPlace(before.array, grad);
      this.release(grad);
    } else {
      const array = before.array.add(grad);
      this.#use(array.data);
      this.release(before.array);
      this.release(grad);
      this.#sums.set(tensor, { array, own: true });
    }
  }

  /** Adds `g` to the part of the tensor's gradient that `view` cuts out; the rest gets 0. */
  place(tensor: Tensor, g: NDArray, view: (input: NDArray) => NDArray): void {
    let sum = this.#sums.get(tensor);
    if (!sum?.own) {
      const array = sum ? sum.array.clone() : zeros(tensor.shape, { dtype: tensor.dtype });
      this.#use(array.data);
      if (sum) this.release(sum.array);
      sum = { array, own: true };
      this.#sums.set(tensor, sum);
    }
    const part = view(sum.array);
    part.assign(part.add(g));
  }

  /** The gradient of the tensor, complete; undefined if none reached it. To be given back to {@link release}. */
  take(tensor: Tensor): NDArray | undefined {
    const array = this.#sums.get(tensor)?.array;
    this.#sums.delete(tensor);
    return array;
  }

  /** The gradient of the tensor so far. */
  peek(tensor: Tensor): NDArray | undefined {
    return this.#sums.get(tensor)?.array;
  }

  /** Ends one use of an array; after the last one its memory is free. */
  release({ data }: NDArray): void {
    const left = (this.#uses.get(data) ?? 0) - 1;
    if (left > 0) this.#uses.set(data, left);
    else {
      this.#uses.delete(data);
      if (!this.#pinned.has(data)) this.#allocator.free(data, this.#since);
    }
  }

  /** Someone else may use this array for ever. */
  pin({ data }: NDArray): void {
    this.#pinned.add(data);
  }

  isPinned({ data }: NDArray): boolean {
    return this.#pinned.has(data);
  }

  #use(data: Storage): void {
    this.#uses.set(data, (this.#uses.get(data) ?? 0) + 1);
  }
}

/**
 * One that lives for ever: V8 forgets the hidden class of objects of which none is alive at a collection, and with it all
 * code compiled for them.
 */
export const alwaysAlive = new GradientSums({ clock: () => 0, free: () => {} });
