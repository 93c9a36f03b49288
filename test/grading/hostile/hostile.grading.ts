import { afterAll, describe, expect, it } from "vitest";
import { closeJudges } from "../../../src/grading/wall";
import { projectFolder } from "../../../src/grading/wall/isolation";
import { casesFor } from "./cases";
import { expectFair } from "./fair";

afterAll(closeJudges);

const cases = casesFor(projectFolder());

describe("hostile answers", () => {
  it("are many, each with a name of its own", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThan(100);
  });

  it.concurrent.each(cases)("$name", expectFair);
});
