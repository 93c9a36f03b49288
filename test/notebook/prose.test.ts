import { afterEach, describe, expect, it, vi } from "vitest";
import { tensor } from "../../src/autograd";
import { language, prose, say, setLanguage } from "../../src/notebook";
import { array } from "../../src/tensor";
import { inKernel } from "./fake-kernel";

afterEach(() => {
  setLanguage(null);
  vi.unstubAllEnvs();
});

/** The Markdown that was shown. */
const shown = (body: () => void) => {
  const [[bundle]] = inKernel(body);
  expect(bundle["text/plain"]).toBe(bundle["text/markdown"]);
  return bundle["text/markdown"];
};

describe("prose", () => {
  it("writes numbers as people read them", () => {
    expect(
      shown(() => prose`The loss is **${2.345678}** after ${12345} steps, ${"so"}, ${(0.5).toFixed(2)}.`),
    ).toBe("The loss is **2.346** after 12,345 steps, so, 0.50.");
    expect(shown(() => prose`${tensor(0.25)} and ${array([7])} and ${Number.NaN}`)).toBe(
      "0.25 and 7 and nan",
    );
  });

  it("makes one number of several seeds", () => {
    expect(shown(() => prose`accuracy ${[0.8, 0.84, 0.82]}`)).toBe("accuracy 0.82 ± 0.02");
    expect(shown(() => prose`accuracy ${array([1, 3])}, ${[5]}`)).toBe("accuracy 2 ± 1.4, 5");
  });

  it("takes away the code's indent", () => {
    expect(
      shown(() => {
        prose`First, $x_1$.

          - a list
            - deeper`;
      }),
    ).toBe("First, $x_1$.\n\n- a list\n  - deeper");
  });

  it("says how it is called", () => {
    expect(() => prose("text" as never)).toThrow("prose: expected a template right behind it");
  });
});

describe("the language", () => {
  it("is English, unless the settings or the program say otherwise", () => {
    expect(say({ en: "yes", ru: "да" })).toBe("yes");
    vi.stubEnv("GRADSCHOOL_LANG", "ru");
    expect([language(), say({ en: "yes", ru: "да" }), say({ en: "yes" }), say("yes")]).toEqual([
      ...["ru", "да", "yes", "yes"],
    ]);
    vi.stubEnv("GRADSCHOOL_LANG", "fr");
    expect(language()).toBe("en");
    setLanguage("ru");
    expect(say({ en: "yes", ru: "да" })).toBe("да");
    setLanguage(null);
    expect(say({ en: "yes", ru: "да" })).toBe("yes");
    expect(() => setLanguage("fr" as never)).toThrow("setLanguage: expected language");
    expect(() => say(3 as never)).toThrow("inLanguage: expected a text, or { en, ru }, got 3");
  });
});
