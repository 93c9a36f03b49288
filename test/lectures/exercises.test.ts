import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { course } from "../../src/lectures/course";
import { allExercises, courseExercises } from "../../src/lectures/exercises";
import { courseMap, progress, use } from "../../src/lectures/start";
import { setLanguage } from "../../src/notebook";

const lectures = fileURLToPath(new URL("../../src/lectures", import.meta.url));

describe("the exercises of the whole course", () => {
  it("are those of every lecture", () => {
    const written = readdirSync(lectures).filter((name) =>
      existsSync(`${lectures}/${name}/exercises/index.ts`),
    );
    expect(Object.keys(courseExercises).sort()).toEqual(written.sort());
    expect(course.map(({ name }) => name)).toEqual(expect.arrayContaining(written));
  });

  it("have names that tell them apart, on disks that know no capitals too: progress is kept by name", () => {
    const ids = Object.values(courseExercises).flatMap((exercises) => Object.keys(exercises));
    expect(new Set(ids.map((id) => id.toLowerCase())).size).toBe(ids.length);
    expect(Object.keys(allExercises)).toHaveLength(ids.length);
  });

  it("are all on the map and in the progress, in both languages", () => {
    for (const language of ["en", "ru"] as const) {
      setLanguage(language);
      const [map, text] = [String(courseMap()), String(progress())];
      for (const { title } of course) expect(map).toContain((title as { en: string; ru: string })[language]);
      for (const exercises of Object.values(courseExercises))
        for (const { title } of Object.values(exercises))
          expect(text).toContain(typeof title === "string" ? title : (title[language] ?? title.en));
    }
    setLanguage(null);
  });
});

describe("use", () => {
  it("gives the references, and refuses what it does not know", () => {
    expect(use("reference").causalAttention).toBe(allExercises.causalAttention.solution);
    expect(() => use("yours" as "mine")).toThrow(/^use: expected whose.*"mine" or "reference", got "yours"/);
  });
});
