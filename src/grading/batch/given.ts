import { nodeModule } from "../../tensor";
import { readNotebook } from "../submission";
import type { Course } from "./course";

const fs = nodeModule("node:fs");

/** What students are given to write into, by exercise: in all languages together. */
export function givenAnswers({ lectures }: Course): Map<string, string> {
  const found = new Map<string, string>();
  for (const { files, exercises } of lectures)
    for (const file of files) {
      const { cells } = readNotebook(fs.readFileSync(file));
      for (const { id } of exercises) {
        const cell = cells.find(({ ids }) => ids.includes(`${id}-answer`));
        if (cell) found.set(id, `${found.get(id) ?? ""}\n${cell.text}`);
      }
    }
  return found;
}
