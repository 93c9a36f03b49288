import { check } from "../tensor";
/** What is wrong with a result, in the words a student reads. */
export interface Failure {
  /** One sentence: what came and what was expected; where, if at one place. */
  readonly message: string;
  /** How much of it is wrong, and on which input. */
  readonly details: readonly string[];
  /** The likely cause, if one is recognised. */
  readonly cause: string | null;
  /** The arguments of the call that showed it, as code for a cell; null where they are too long for that. */
  readonly input?: string | null;
  /** What came and what was expected, where a picture of both says more. */
  readonly picture?: Picture;
  /** The arguments themselves, made anew: no part of the data. */
  readonly [given]?: () => readonly unknown[];
}

/** Two matrices of one shape. */
export interface Picture {
  /** What they are, such as `weights[1]`. */
  readonly of: string;
  readonly got: readonly (readonly number[])[];
  readonly expected: readonly (readonly number[])[];
}

/** Under this key a failure keeps a function that makes the arguments of its call. */
export const given = Symbol("given");

export const failure = (
  message: string,
  details: readonly string[] = [],
  cause: string | null = null,
): Failure => ({
  message,
  details,
  cause,
});

/** Thrown by the hole of an exercise until the student has filled it. */
export class NotImplemented extends Error {
  override name = "NotImplemented";
  constructor(message = "this is yours to write") {
    super(message);
    check("NotImplemented", "message", message, "text");
  }
}
