import { expected, expectedKind, ofShape, words } from "./expected";
import { isList } from "./is-a";
import { describe, type Shape, showShape } from "./shape";

type Letters<S extends string> = S extends `${infer Head} ${infer Tail}` ? Head | Letters<Tail> : S;

/**
 * Name the axes of a shape and check them: `const { B, T, C } = dims("attention", x.shape, "B T C")`.
 * A repeated letter must have equal sizes; a number in the pattern is a required size.
 */
export function dims<S extends string>(op: string, shape: Shape, pattern: S): Record<Letters<S>, number> {
  if (typeof op !== "string" || !isList(shape) || typeof pattern !== "string") {
    const what =
      'the name of the operation, a shape and a pattern, as in dims("attention", x.shape, "B T C")';
    throw expectedKind("dims", what, words([op, shape, pattern].map(describe).join(", ")));
  }
  const letters = lettersOf(pattern);
  if (letters.length !== shape.length) {
    throw expected(op, `${letters.length} axes (${letters.join(", ")})`, ofShape(shape));
  }
  const found: Record<string, number> = {};
  for (let axis = 0; axis < letters.length; axis++) {
    const letter = letters[axis];
    const required = letter <= "9" ? Number(letter) : found[letter];
    if (required !== undefined && required !== shape[axis]) {
      throw expected(
        op,
        `axis ${axis} of (${letters.join(", ")}) to be ${required}`,
        words(`${shape[axis]} in shape ${showShape(shape)}`),
      );
    }
    found[letter] = shape[axis];
  }
  return found as Record<Letters<S>, number>;
}

/** Patterns taken apart before: a layer asks for the same few at every step. */
const known = new Map<string, readonly string[]>();

function lettersOf(pattern: string): readonly string[] {
  let letters = known.get(pattern);
  if (!letters) {
    letters = pattern.split(" ").filter(Boolean);
    known.set(pattern, letters);
  }
  return letters;
}
