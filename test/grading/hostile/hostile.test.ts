/** A share of the hostile answers; `npm run test:grading` has them all. */
import { afterAll, describe, expect, it } from "vitest";
import { closeJudges } from "../../../src/grading/wall";
import { projectFolder } from "../../../src/grading/wall/isolation";
import { casesFor } from "./cases";
import { expectFair } from "./fair";

afterAll(closeJudges);

/** One of each kind; those that wait for a limit are slow. */
const SOME = [
  "endless loop in a trap of a Proxy",
  "process.exit after the first point",
  "killing everything",
  "throws a Proxy that answers nothing",
  "fork bomb",
  "100 MB written past the capture",
  "reads the hidden checks",
  "loads the solution",
  "writes over the library",
  "an array beyond its memory",
  "the maker of functions by way of a callback",
  "patches Object",
  "its arguments, changed in place",
  "the inputs of the notebook, memorised",
  "the reference by its lecture",
  "what the exercise forbids, by a computed name",
];

describe("hostile answers", () => {
  const cases = casesFor(projectFolder()).filter(({ name }) => SOME.includes(name));
  it("are all there", () => expect(cases.length).toBe(SOME.length));
  it.concurrent.each(cases)("$name", expectFair);
});
