/** Walled-off processes run side by side: whatever one of them does, another one's mark stays what it is. */
import { afterAll, describe, it } from "vitest";
import { closeJudges } from "../../../src/grading/wall";
import { expectUnharmed, HARM, ways } from "./harm";
import { noPerl } from "./native";

afterAll(closeJudges);

describe.skipIf(noPerl !== null)(`side by side${noPerl ? ` (${noPerl})` : ""}`, () => {
  describe.each(ways)("%s", (_, isolation) => {
    it.each(Object.entries(HARM))("%s costs nobody else a mark", (_, program) =>
      expectUnharmed(isolation, program),
    );
  });
});
