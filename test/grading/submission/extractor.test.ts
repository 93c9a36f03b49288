import { expect, it, vi } from "vitest";
import { workerCourse } from "../../../src/grading/batch/course";
import { Extractor } from "../../../src/grading/submission/extractor";
import { course, filled } from "../batch/class";
import { notebook } from "./course";

it("a notebook that no reading comes to an end with is given up, not asked for every exercise of the course", async () => {
  const file = filled({ "04-bert.ipynb": JSON.stringify(notebook("04-bert")) });
  // Nothing ends in so short a time.
  const extractor = new Extractor(workerCourse(course), { jobs: 1, seconds: 0.001 });
  const ask = vi.spyOn(extractor as unknown as { ask(wanted: object): Promise<unknown> }, "ask");
  const found = extractor.extract({ name: "04-bert.ipynb", path: `${file}/04-bert.ipynb` });
  await expect(found).rejects.toThrow(/busy without an end/);
  expect(ask).toHaveBeenCalledTimes(3);
  extractor.close();
});
