export { type ValueLike, valueGraph } from "./drawing";
export { exercises } from "./exercises";
