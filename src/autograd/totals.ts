import { elements, type Floats, type Kernels, kernels, type NDArray, type Storage, zeros } from "../tensor";
import type { Tensor } from "./tensor";

/** The sum of the gradients that have reached a tensor so far. */
interface Total {
  sum: NDArray;
  /** Whether this array was made here, so that it may be added to in place. */
  own: boolean;
}

type Device = Pick<Kernels, "clock" | "free">;

/**
 * The gradients on their way during one backward: how much has reached each tensor, and which arrays no gradient uses
 * any more. These go back to the device at once, which hands them out again while they are still in the cache; half
 * of the memory that a training step writes is used twice that way.
 *
 * Gradients share memory (both sides of a sum get the same array, a reshape gives a view of it), so uses are counted
 * for each block of memory. An array that someone else may have seen (a hook, a leaf's `grad`, an operation with
 * `keepsGrads`) is {@link pin}ned, and left to the garbage collector; so is all that is older than this backward.
 */
export class Totals {
  readonly #totals = new Map<Tensor, Total>();
  readonly #uses = new Map<Storage, number>();
  readonly #pinned = new Set<Storage>();
  readonly #device: Device;
  readonly #since: number;

  constructor(device: Device = kernels()) {
    this.#device = device;
    this.#since = device.clock();
  }

  /** Adds `grad`, of the tensor's shape and type, to what has reached the tensor. */
  add(tensor: Tensor, grad: NDArray): void {
    this.#use(grad.data);
    const before = this.#totals.get(tensor);
    if (!before) {
      this.#totals.set(tensor, { sum: grad, own: false });
    } else if (before.own) {
      addInPlace(before.sum, grad);
      this.release(grad);
    } else {
      const sum = before.sum.add(grad);
      this.#use(sum.data);
      this.release(before.sum);
      this.release(grad);
      this.#totals.set(tensor, { sum, own: true });
    }
  }

  /** Adds `g` to the part of the tensor's gradient that `view` cuts out; the rest gets 0. */
  place(tensor: Tensor, g: NDArray, view: (input: NDArray) => NDArray): void {
    let total = this.#totals.get(tensor);
    if (!total?.own) {
      const sum = total ? total.sum.clone() : zeros(tensor.shape, { dtype: tensor.dtype });
      this.#use(sum.data);
      if (total) this.release(total.sum);
      total = { sum, own: true };
      this.#totals.set(tensor, total);
    }
    const part = view(total.sum);
    part.assign(part.add(g));
  }

  /** The gradient of the tensor, complete; undefined if none reached it. To be given back to {@link release}. */
  take(tensor: Tensor): NDArray | undefined {
    const sum = this.#totals.get(tensor)?.sum;
    this.#totals.delete(tensor);
    return sum;
  }

  /** The gradient of the tensor so far. */
  peek(tensor: Tensor): NDArray | undefined {
    return this.#totals.get(tensor)?.sum;
  }

  /** Ends one use of an array; after the last one its memory is free. */
  release({ data }: NDArray): void {
    const left = (this.#uses.get(data) ?? 0) - 1;
    if (left > 0) this.#uses.set(data, left);
    else {
      this.#uses.delete(data);
      if (!this.#pinned.has(data)) this.#device.free(data, this.#since);
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
export const example = new Totals({ clock: () => 0, free: () => {} });

/** sum += grad; `sum` is contiguous. */
function addInPlace(sum: NDArray, grad: NDArray): void {
  const out = elements(sum) as Floats;
  kernels().binary("add", out, 1, elements(grad), 1, out);
}
