import { describe, expect, it } from "vitest";
import { authored, judged } from "./authored";

/** The author's gate: every exercise of every lecture. */
describe.each(authored)("$lecture: $id", (one) => {
  it("solution and variants pass, hole fails, mutants are caught", () => {
    expect(judged(one).problems).toEqual([]);
  });
});
