export { type Beside, type Common, defineMethods, mixIn } from "./common";
export { Comparing } from "./comparing";
export { Ordering, type QuantileOptions } from "./ordering";
export { type IndexAddOptions, type IndexPutOptions, Picking, sliceByMask } from "./picking";
export { Pieces } from "./pieces";
export * as several from "./several";
