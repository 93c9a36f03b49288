import { check } from "../tensor";
/** What is wrong with a result, in the words a student reads. */
export interface Failure {
  /** One sentence: what came and what was expected; where, if at one place. */
  readonly message: string;
  /** How much of it is wrong, and on which input. */
  readonly details: readonly string[];
  /** The likely cause, if one is recognised. */
  readonly cause: string | null;
}

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
