export { exercises } from "./exercises";
export type { Hypothesis } from "./exercises/beam-search";
export type { BlockParts } from "./exercises/encoder-block";
