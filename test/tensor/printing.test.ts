import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { arange, array, type DType, format, setPrintOptions, zeros } from "../../src/tensor";
import recorded from "./fixtures/printing.json";

interface Case {
  readonly values?: readonly (number | string)[];
  readonly ramp?: readonly number[];
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly text: string;
}

const special: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  "-0.0": -0,
};

function numbers({ values, ramp }: Case): number[] {
  if (values) return values.map((v) => (typeof v === "number" ? v : special[v]));
  const [n, scale] = ramp!;
  return Array.from({ length: n }, (_, i) => (((i * 7919) % 1009) - 504) * scale);
}

describe("printing", () => {
  it.each(recorded as Case[])("prints as PyTorch: $text", (example) => {
    const x = array(numbers(example), { dtype: example.dtype as DType }).reshape(example.shape);
    expect(format(x, { prefix: "tensor" })).toBe(example.text);
  });

  it("does not depend on strides", () => {
    const x = arange(0, 1200, 1, { dtype: "float32" }).reshape([30, 40]);
    expect(format(x.transpose().contiguous())).toBe(format(x.transpose()));
  });

  it("names the class, and what autograd adds comes last", () => {
    const x = array([1, 2], { dtype: "float64" });
    expect(x.toString()).toBe("array([1., 2.], dtype=float64)");
    expect(format(x, { prefix: "tensor", suffixes: ["requiresGrad=true"] })).toBe(
      "tensor([1., 2.], dtype=float64, requiresGrad=true)",
    );
    const long = format(zeros([24]), { prefix: "tensor", suffixes: ["requiresGrad=true"] });
    expect(long.split("\n").at(-1)).toBe("       requiresGrad=true)");
  });

  it("is what console.log and notebooks show, nested too", () => {
    expect(inspect(array([1, 2]))).toBe("array([1., 2.])");
    expect(inspect({ x: zeros([2, 2]) })).toMatch(/array\(\[\[0\., 0\.\],\n\s+\[0\., 0\.\]\]\)/);
  });

  describe("setPrintOptions", () => {
    afterEach(() =>
      setPrintOptions({ precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80, sciMode: null }),
    );
    it("changes digits, edges and notation", () => {
      const x = array([0.123456, 1]);
      setPrintOptions({ precision: 2 });
      expect(x.toString()).toBe("array([0.12, 1.00])");
      setPrintOptions({ sciMode: true });
      expect(x.toString()).toBe("array([1.23e-01, 1.00e+00])");
      setPrintOptions({ threshold: 5, edgeItems: 1, sciMode: null });
      expect(arange(0, 9).toString()).toBe("array([0,  ..., 8], dtype=int32)");
    });
  });
});
