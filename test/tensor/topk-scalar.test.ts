import { expect, it } from "vitest";
import { nd } from "../../src";

it("topk of a scalar: its one element, and no k but 1", () => {
  expect(nd.array(2).topk(1).values.item()).toBe(2);
  expect(() => nd.array(2).topk(0)).toThrow("topk: expected k in [1, 1]");
});
