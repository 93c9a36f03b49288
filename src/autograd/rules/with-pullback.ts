import type { NDArray } from "../../tensor";
import type { Grad } from "../backward";

/** What a rule gives: the output, and how its gradient g is pulled back to each input. */
export type WithPullback<N extends readonly Grad[]> = [out: NDArray, pullback: (g: NDArray) => N];
export type OneGradient = WithPullback<readonly [Grad]>;
export type TwoGradients = WithPullback<readonly [Grad, Grad]>;
