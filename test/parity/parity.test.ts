import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { array } from "../../src/tensor";
import { compare } from "./compare";
import { runInTwoPrecisions } from "./fixture";
import { run, runFolder } from "./main";
import { report } from "./report";

const golden = fileURLToPath(new URL("./golden", import.meta.url));

describe("agreement with PyTorch and Hugging Face", () => {
  const results = runFolder(golden);
  it.each(results.map((result) => [`${result.group} ${result.id}`, result] as const))("%s", (_, result) => {
    if (result.error || result.mismatches.length > 0) expect.fail(report([result]));
  });
});

describe("the runner itself", () => {
  it("counts a manifest of an unknown kind as a failure", () => {
    const folder = mkdtempSync(join(tmpdir(), "parity-"));
    mkdirSync(join(folder, "sounds"));
    writeFileSync(join(folder, "sounds", "manifest.json"), '{"fixture":"sounds"}');
    const { text, failed } = run(folder);
    rmSync(folder, { recursive: true });
    expect(failed).toBe(true);
    expect(text).toMatch(/expected a manifest of ops.*got "sounds"/);
    expect(text).toMatch(/0 passed, 1 failed, 0 skipped$/);
  });

  it("finds a finite number where an infinite one is expected", () => {
    const spec = { shape: [2], dtype: "F32", atol: 1e-3, rtol: 1e-3 };
    const infinite = array([-Infinity, 1]);
    expect(compare("y", array([-50, 1]), infinite, spec)).toMatchObject({ got: -50 });
    expect(compare("y", infinite, infinite, spec)).toBeNull();
  });

  it("computes in float64 what float32 misses by little, and says so", () => {
    const spec = { shape: [2], dtype: "F32", atol: 1e-6, rtol: 0 };
    const off = (single: number, double: number) =>
      runInTwoPrecisions("g", "c", (dtype) => (isCoarse) => [
        compare("y", array([1 + (dtype === "float32" ? single : double), 2]), array([1, 2]), {
          ...spec,
          atol: isCoarse ? 1e-3 : 1e-6,
        }),
      ]);
    expect(off(0, 1)).toEqual({ group: "g", id: "c", mismatches: [] });
    expect(off(1e-4, 0)).toMatchObject({
      mismatches: [],
      note: expect.stringMatching(/float64; in float32 1 tensor/),
    });
    expect(off(1e-4, 1e-4).mismatches).toHaveLength(1);
    expect(off(1e-4, 1e-4).note).toBeUndefined();
    expect(off(1e-2, 0).mismatches).toHaveLength(1);
  });

  it("says what it wanted when the folder holds no fixtures", () => {
    expect(() => runFolder("/nowhere")).toThrow(/expected a folder with groups such as ops/);
  });

  it("names the tensor, the first index, both values and the errors of a difference", () => {
    const spec = { shape: [2, 2], dtype: "F32", atol: 1e-3, rtol: 0 };
    const mismatch = compare(
      "y",
      array([
        [1, 2],
        [3, 4.5],
      ]),
      array([
        [1, 2],
        [3, 4],
      ]),
      spec,
    );
    expect(mismatch).toMatchObject({ index: [1, 1], got: 4.5, expected: 4, maxAbs: 0.5, maxRel: 0.125 });
    expect(report([{ group: "g", id: "c", mismatches: [mismatch!] }])).toMatch(
      /FAILED g c\n {2}y\[1, 1\]: got 4.5, expected 4 \(1 of 4 differ, max abs 0.500, max rel 0.125\)/,
    );
    expect(compare("y", array([1, 2]), array([[1], [2]]), spec)).toMatchObject({
      got: "(2,)",
      expected: "(2, 1)",
    });
    expect(compare("y", array([Number.NaN]), array([0]), { ...spec, shape: [1] })).toMatchObject({
      index: [0],
    });
  });
});
