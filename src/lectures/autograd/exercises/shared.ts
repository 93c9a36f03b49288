import { GradcheckError, gradcheck, record } from "../../../autograd";
import type * as nd from "../../../tensor";

/** Normal numbers; with every second seed a view, whose numbers lie in another order in memory. */
export const numbers = (shape: readonly number[], seed: number, random: nd.Generator): nd.NDArray =>
  seed % 2 === 0 || shape.length < 2
    ? random.normal(shape)
    : random.normal([...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]).transpose();

/** An operation on plain arrays: its result, and what it gives back for a gradient. */
type Rule = (
  ...arrays: nd.NDArray[]
) => [out: nd.NDArray, pullback: (g: nd.NDArray) => readonly nd.NDArray[]];

/** Where the pullback of `rule` and central differences part, in gradcheck's words; null where they agree. */
export function gradcheckFault(rule: Rule, inputs: readonly nd.NDArray[]): string | null {
  try {
    gradcheck((...xs) => record("yours", xs, (...arrays) => rule(...arrays)), inputs);
    return null;
  } catch (error) {
    if (error instanceof GradcheckError) return error.message;
    throw error;
  }
}

/** What differentiates by itself, so that nothing would be left to do. (`grad` is a name that students give.) */
export const AUTOGRAD = ["Tensor", "tensor", "vjp", "jvp"];

export const gradcheckName = { en: "gradcheck", ru: "gradcheck" };
