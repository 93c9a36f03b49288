import { expect, it } from "vitest";
// @ts-expect-error: a script, whose types may not be there
import { faults } from "../../scripts/engines.mjs";

const good = {
  ...{ losses: [4, 3, 2], sum: 10, kept: 7000, device: "wasm", fma: "yes", threads: 2 },
  ...{ heapOverflows: 0, garbageSearches: 3, residentMiB: 700 },
};

it("an engine that does as this one has no faults; each thing that it does otherwise is told", () => {
  expect(faults(good, good)).toEqual([]);
  expect(faults({ ...good, losses: [4.00001, 3, 2] }, good)).toEqual([]);
  const wrong = {
    ...{ losses: [4, 3, 3.5], sum: 11, kept: 6999, device: "reference", fma: "this engine has none" },
    ...{ threads: 1, heapOverflows: 5, garbageSearches: 0, residentMiB: 800 },
  };
  expect(faults(wrong, good)).toEqual([
    "the loss of step 2 is 3.5, on this Node 2",
    "the loss does not fall",
    "the sum is 11, on this Node 10",
    "an array that was kept sums to 6999, not to 7000",
    "device: expected wasm, got reference",
    "fma: expected yes, got this engine has none",
    "threads: expected 2, got 1",
    "heapOverflows: expected 0, got 5",
    "it never looked for garbage",
    "it took 800 MiB, more than 768",
  ]);
  expect(faults({ ...good, losses: [Number.NaN, 3, 2] }, good)[0]).toContain("the loss of step 0 is NaN");
});
