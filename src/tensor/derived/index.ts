export { type Beside, type Common, mixIn } from "./common";
export { type IndexAddOptions, type IndexPutOptions, Picking, sliceByMask } from "./picking";
export { Pieces } from "./pieces";
