import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Errors come from one builder, src/tensor/expected.ts, which copes with any value and keeps every message short. Written
 * by hand are only these, each with its reason; everything else goes through expected(), refusal() and the checks. (What an
 * exercise throws is written as a student would.)
 */
const byHand: Readonly<Record<string, string>> = {
  "src/tensor/expected.ts": "the builder",
  "src/tensor/files.ts": "of the file system: they begin with the path, and keep its code and cause",
  "src/tensor/dtype.ts": "no memory: arrays are made where no operation is known",
  "src/tensor/safetensors-types.ts":
    "half a sentence, which the reader of the file completes with the tensor's name",
  "src/tensor/safetensors-file.ts": "half a sentence, which the catch beside it completes with the path",
  "src/tensor/run-kernel.ts": "caught beside it",
  "src/tensor/devices/wasm/heap.ts": "an invariant of the allocator",
  "src/tensor/devices/wasm/space.ts": "why the device is absent, for device().info()",
  "src/tensor/devices/gpu/runtime.ts": "why the device is absent, for device().info()",
  "src/tensor/devices/gpu/cache.ts": "caught beside it, and counted",
  "src/autograd/anomaly.ts": "not thrown: it holds a stack",
  "src/nn/checkpoint/files.ts": "half a sentence, which the catch beside it completes with the source",
  "src/nn/checkpoint/exact-json.ts": "half a sentence, as JSON.parse throws it, which the caller completes",
  "src/nn/state-dict.ts": "the report of a whole state, line by line",
  "src/grading/progress/recall.ts": "stands for a require that is not there; caught where it is called",
  "src/grading/compare.ts": "caught beside it",
  "src/grading/inputs.ts": "what goes too deep to be copied; told as what the function threw or gave",
  "src/grading/student.ts": "ends a function that ran too long, in words that are shown elsewhere",
  "src/grading/wall/encoder.ts": "what cannot cross the wall; told as what the function threw or gave",
  "src/grading/wall/decoder.ts": "of the other side, made anew here",
  "src/grading/wall/peer.ts": "of the other side, made anew here; or told as what the function threw",
  "src/lectures/clip/recorded/locked.ts": "for who records, on the terminal: what must be installed first",
  "src/lectures/vit/recorded/compare.ts": "for who records, on the terminal: what must be fetched first",
  "src/notebook/figures/plotly.ts": "runs in the page, beside no library",
};

const files = readdirSync("src", { recursive: true, withFileTypes: true })
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".ts") && !/\/assembly\/|\/exercises\/|\.generated\.ts$/.test(name));

/** `new Error(…)` and the like, outside comments and of the language's own classes. */
const made = /\bnew (?:Range|Type|Syntax|Reference)?Error\(/;
const withoutComments = (text: string) => text.replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, "");

describe("errors", () => {
  it("come from the builder", () => {
    const found = files.filter((name) => made.test(withoutComments(readFileSync(name, "utf8"))));
    const remedy = "say it with expected() or refusal() of src/tensor, or list it here with the reason";
    expect(found.sort(), remedy).toEqual(Object.keys(byHand).sort());
  });
});
