export { type Beside, type Common, defineMethods, mixIn } from "./common";
export { type CloseOptions, Comparing, type NanToNumOptions } from "./comparing";
export { Elementwise } from "./elementwise";
export { Ordering, type QuantileOptions } from "./ordering";
export { type IndexAddOptions, type IndexPutOptions, Picking, sliceByMask } from "./picking";
export { Pieces } from "./pieces";
export * as several from "./several";
