import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Tensor } from "../../src/autograd";
import { NotImplemented, runChecks } from "../../src/grading";
import { verdictView } from "../../src/grading/view";
import { displaySymbol, setLanguage } from "../../src/notebook";
import { centre, centreExercise as task } from "./exercises";

beforeEach(() => setLanguage("ru"));
afterEach(() => setLanguage(null));

/** What a Russian reader is shown. */
const shown = (fn: unknown) =>
  String(
    verdictView(runChecks({ ...task, mutants: [] }, fn), { title: "Центрировать строки", id: "centre" })[
      displaySymbol
    ]()["text/plain"],
  );

const wrong: [string, unknown][] = [
  ["passes", centre],
  ["nothing there", undefined],
  ["no function", 3],
  ["a class", class {}],
  [
    "a hole",
    () => {
      throw new NotImplemented();
    },
  ],
  ["nothing returned", () => undefined],
  ["a promise", async (x: Tensor) => centre(x)],
  ["an array", (x: Tensor) => centre(x).data],
  ["another shape", (x: Tensor) => centre(x).transpose()],
  ["an axis too many", (x: Tensor) => centre(x).unsqueeze(0)],
  ["another dtype", (x: Tensor) => centre(x).to("float64")],
  ["NaN", (x: Tensor) => centre(x).log()],
  ["a factor", (x: Tensor) => centre(x).mul(7)],
  ["a sign", (x: Tensor) => centre(x).neg()],
  ["an addend", (x: Tensor) => centre(x).add(1)],
  ["no gradient", (x: Tensor) => centre(x.detach())],
  [
    "changes its argument",
    (x: Tensor) => {
      const y = centre(x);
      x.data.fill(0);
      return y;
    },
  ],
  ["throws", (x: Tensor) => centre(x).reshape([999])],
  ["prints", (x: Tensor) => (process.stdout.write("7\n") ? centre(x).mul(2) : x)],
  ["uses what is forbidden", (x: Tensor & { layerNorm(): Tensor }) => x.layerNorm()],
];

describe("a verdict in Russian", () => {
  it.each(wrong)("has no line that is not: %s", (_, fn) => {
    const lines = shown(fn).split("\n");
    const open = lines.filter(
      (line) => line.trim() && !/\p{Script=Cyrillic}/u.test(line) && !/^\s*7$|[✓✗] rows sum to 0$/.test(line),
    );
    expect(open).toEqual([]);
  });

  it("says what the English one says", () => {
    const text = shown((x: Tensor) => centre(x).mul(7));
    expect(text).toContain("✗ Центрировать строки: баллов: 1 из 5");
    expect(text).toContain("result[0, 0]: -7, ожидалось -1");
    expect(text).toContain("Вероятная причина: все значения — это нужные, умноженные на 7");
    expect(text).toContain("Пройдено видимых проверок: 3 из 6; ещё 2 — при оценивании.");
    expect(text).toContain("Попробуйте в ячейке: myCentre(tensor([[1, 2, 3, 6]]))");
  });
});
