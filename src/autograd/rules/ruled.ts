import type { NDArray } from "../../tensor";
import type { Grad } from "../backward";

/** What a rule gives: the output, and how its gradient g is pulled back to each input. */
export type Ruled<N extends readonly Grad[]> = [out: NDArray, pullback: (g: NDArray) => N];
export type One = Ruled<readonly [Grad]>;
export type Two = Ruled<readonly [Grad, Grad]>;
