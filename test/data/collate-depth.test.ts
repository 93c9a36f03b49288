import { describe, expect, it } from "vitest";
import { collate } from "../../src/data";

describe("collate", () => {
  it("refuses a sample that holds itself", () => {
    const cyclic: unknown[] = [1];
    cyclic.push(cyclic);
    expect(() => collate([cyclic, cyclic])).toThrow("does a sample hold itself?");
    const object: Record<string, unknown> = {};
    object.self = object;
    expect(() => collate([object])).toThrow("does a sample hold itself?");
  });

  it("takes fields within fields", () => {
    expect(collate([{ a: { b: [["x"]] } }, { a: { b: [["y"]] } }])).toEqual({ a: { b: [[["x", "y"]]] } });
  });
});
