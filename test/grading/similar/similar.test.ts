/** Who has written what others have: after renaming and reformatting, and not where everybody writes the same. */
import { describe, expect, it } from "vitest";
import type { Course, Graded } from "../../../src/grading/batch";
import { similar, similarPage, similarRows } from "../../../src/grading/similar";
import { root } from "../submission/course";

const exercise = {
  id: "work",
  lecture: "l",
  title: "Work",
  points: 1,
  checks: [],
  version: "1",
  mistakes: [],
};
const course: Course = {
  ...{ root, version: "1" },
  lectures: [{ name: "l", notebook: "01-l", title: "L", files: [], exercises: [exercise] }],
};

const given = `
/** Counts. */
function myWork(words: string[], most: number): Map<string, number> {
  // YOUR CODE HERE
  throw new NotImplemented();
}`;

const original = `
/** Counts. */
function myWork(words: string[], most: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) {
    if (word.length > most || word.startsWith("#")) continue;
    const key = word.toLowerCase().replace(/[^a-z]/g, "");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  let best = 0;
  for (const value of counts.values()) best = Math.max(best, value);
  return new Map([...counts].filter(([, n]) => n * 2 >= best).sort(([, a], [, b]) => b - a));
}`;

/** Other names, other layout, other comments, types left out. */
const disguised = `
/** My own idea. */
function myWork(input: readonly string[], limit: number) {
  let table = new Map(); // the table
  for (const w of input)
  {
    if (w.length > limit || w.startsWith('//')) continue;
    let k = w.toLowerCase().replace(/[^a-z]/g, '');
    table.set(k, (table.get(k) ?? 0) + 1);
  }
  var top = 0;
  for (const v of table.values()) top = Math.max(top, v);
  return new Map([...table].filter(([, c]) => c * 2 >= top).sort(([, x], [, y]) => y - x));
}`;

const others = [
  `function myWork(words: string[], most: number) {
  const kept = words.filter((one) => one.length <= most && one[0] !== "#").map((one) => one.toLowerCase());
  const result: Record<string, number> = {};
  kept.forEach((one) => { result[one] = result[one] ? result[one] + 1 : 1; });
  return new Map(Object.entries(result));
}`,
  `function myWork(words: string[], most: number) {
  return words.reduce((all, one) => {
    if (one.length > most) return all;
    return new Map([...all, [one, (all.get(one) || 0) + 1]]);
  }, new Map<string, number>());
}`,
  `function myWork(words: string[], most: number) {
  let i = 0;
  const seen: string[] = [], times: number[] = [];
  while (i < words.length) {
    const at = seen.indexOf(words[i]);
    if (at === -1) { seen.push(words[i]); times.push(1); } else times[at] += 1;
    i++;
  }
  return new Map(seen.map((one, j) => [one, times[j]]));
}`,
];

const handedIn = (sources: Readonly<Record<string, string>>): Graded[] =>
  Object.entries(sources).map(([student, source]) => ({
    submission: {
      ...{ student, notebook: "01-l", earned: 1, points: 1, flags: [] },
      exercises: [{ id: "work", earned: 1, points: 1, status: "passed", reason: null, checks: [] }],
    },
    ...{ time: "2026-11-26T00:00:00.000Z", sources: { work: source }, progress: [], isolation: null },
  }));

const pairsOf = (sources: Readonly<Record<string, string>>) =>
  similar(handedIn(sources), course, { given: new Map([["work", given]]) });

describe("similar", () => {
  it("finds a copy under other names and in another layout, first", () => {
    const found = pairsOf({
      anna: original,
      ben: disguised,
      carol: others[0],
      dora: others[1],
      emil: others[2],
    });
    expect(found.map(({ students }) => students)).toEqual([["anna", "ben"]]);
    expect(found[0].share).toBeGreaterThan(0.8);
    expect(found[0].lines[0].size).toBeGreaterThan(6);
  });

  it("finds a copy with a part changed", () => {
    const changed = disguised.replace(/ {2}var top[\s\S]*/, "  return table;\n}");
    const found = pairsOf({
      anna: original,
      ben: changed,
      carol: others[0],
      dora: others[1],
      emil: others[2],
    });
    expect(found.map(({ students }) => students)).toEqual([["anna", "ben"]]);
  });

  it("says nothing of what everybody was given, or everybody writes", () => {
    expect(pairsOf({ anna: given, ben: given, carol: given, dora: given })).toEqual([]);
    const short = "function myWork(w: string[], m: number) {\n  return w.slice(0, m);\n}";
    expect(pairsOf({ a: short, b: short, c: short, d: short, e: original })).toEqual([]);
    const all = Object.fromEntries("abcdefgh".split("").map((name) => [name, original]));
    expect(pairsOf(all)).toEqual([]);
  });

  it("says nothing of different answers", () => {
    expect(pairsOf({ carol: others[0], dora: others[1], emil: others[2], anna: original })).toEqual([]);
  });

  it("gives a table and a page that says what it is", () => {
    const found = pairsOf({ "<b>": original, ben: disguised, carol: others[0], dora: others[1] });
    expect(similarRows(found)[1].slice(0, 4)).toEqual(["01-l", "work", "<b>", "ben"]);
    const page = similarPage(found);
    expect(page).toContain("A hint, no proof.");
    expect(page).toContain("&lt;b&gt; and ben");
    expect(page).toContain("w.toLowerCase().replace(/[^a-z]/g, &#39;&#39;)");
    expect(page).not.toContain("<b></");
    expect(similarPage([])).toContain("No two answers are alike.");
  });
});
