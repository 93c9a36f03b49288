import { afterEach, describe, expect, it } from "vitest";
import { array, getDevice, type PrintOptions, setDevice, setPrintOptions } from "../../src/tensor";

describe("settings refuse what they cannot be", () => {
  const text = () => String(array([1.5, 2.25]));
  const before = text();
  afterEach(() => expect(text()).toBe(before));

  it.each<[unknown, string]>([
    [{ precision: "4" }, 'a whole number from 0 to 100 as precision, got "4"'],
    [{ precision: -1 }, "got -1"],
    [{ precision: 101 }, "got 101"],
    [{ precision: 1.5 }, "got 1.5"],
    [{ threshold: Number.NaN }, "as threshold, got NaN"],
    [{ edgeItems: null }, "as edgeItems, got null"],
    [{ lineWidth: 0 }, "a whole number from 1 to 1000000000 as lineWidth, got 0"],
    [{ sciMode: "auto" }, 'true, false or null as sciMode, got "auto"'],
    [{ digits: 3 }, 'options of precision, threshold, edgeItems, lineWidth, sciMode, got "digits"'],
    [{ precision: 2, constructor: 3 }, 'got "constructor"'],
    [undefined, "got undefined"],
    [3, "got 3"],
  ])("setPrintOptions(%j)", (changes, message) => {
    expect(() => setPrintOptions(changes as Partial<PrintOptions>)).toThrow(message);
    expect(() => setPrintOptions(changes as Partial<PrintOptions>)).toThrow(/^setPrintOptions: expected/);
  });

  it.each([["constructor"], ["toString"], ["__proto__"], ["WASM"], [undefined], [3], [{}]])(
    "setDevice(%j)",
    (name) => {
      expect(() => setDevice(name as "wasm")).toThrow(/^setDevice: expected one of reference, /);
      expect(() => getDevice(name as "wasm")).toThrow(/^setDevice: expected one of reference, /);
    },
  );
});
