import { Tensor } from "../autograd";
import { checkArray, type NDArray } from "../tensor";
import { isMeta } from "./meta";

/** A tensor that training changes. As a property of a Module it is found by `parameters()`. */
export class Parameter extends Tensor {
  constructor(data: NDArray) {
    super(data, { requiresGrad: true });
  }
}

/** A tensor that belongs to a Module's state but is not trained, such as a running mean. */
export class BufferTensor extends Tensor {}

/** `this.weight = parameter(init.normal([out, in]))`. Keeps the array's memory when it is contiguous. */
export const parameter = (data: NDArray): Parameter => new Parameter(owned("parameter", data));

/** `this.runningMean = buffer(init.zeros([features]))`: saved with the module, never trained. */
export const buffer = (data: NDArray): BufferTensor => new BufferTensor(owned("buffer", data));

/** Optimisers and loading write in place, so elements must lie in a row; a meta array has none to lay out. */
function owned(op: string, data: NDArray): NDArray {
  checkArray(op, data);
  return isMeta() ? data : data.contiguous();
}
