import { describe, expect, it } from "vitest";
import * as nd from "../../src/tensor";
import { type KernelThread, runKernel } from "../../src/tensor";

const random = new nd.Generator(1);

describe("runKernel", () => {
  it("runs a kernel once for each number of the result", () => {
    const where = runKernel(
      function () {
        return 10 * this.thread.y + this.thread.x;
      },
      { size: [2, 3], inputs: [] },
    );
    expect([where.shape, where.dtype]).toEqual([[2, 3], "float32"]);
    expect(Array.from(where.flat())).toEqual([0, 1, 2, 10, 11, 12]);
  });

  it("reads matrices by row and column, views and integers too, and constants", () => {
    const [a, b] = [random.normal([5, 3]), random.normal([7, 3]).transpose()];
    const product = (a: nd.NDArray, b: nd.NDArray) =>
      runKernel(
        function (a, b) {
          let sum = 0;
          for (let k = 0; k < this.constants.K; k++) sum += a[this.thread.y][k] * b[k][this.thread.x];
          return sum;
        },
        { size: [a.shape[0], b.shape[1]], inputs: [a, b], constants: { K: a.shape[1] } },
      );
    expect(product(a, b).sub(a.matmul(b)).abs().max().item()).toBeLessThan(1e-5);
    // The same source with other sizes and constants.
    const [c, d] = [random.normal([2, 6]), random.normal([6, 4])];
    expect(product(c, d).sub(c.matmul(d)).abs().max().item()).toBeLessThan(1e-5);
    const ids = nd.array([[1, 2]], { dtype: "int32" });
    expect(product(ids, nd.array([[3], [4]], { dtype: "int32" })).item()).toBe(11);
  });

  it("says why a kernel cannot be translated, and goes on", () => {
    const outside = 4;
    const one = { size: [1, 1], inputs: [nd.ones([1, 1])] } as const;
    const message = /runKernel: GPU.js cannot run this kernel: .*\nIt reads the kernel's source/;
    expect(() => runKernel(() => outside, one)).toThrow(message);
    expect(() => runKernel((x) => x[0][0], one)).toThrow(message);
    const spread = function (this: KernelThread<object>, x: number[][]) {
      return Math.max(...x[0]);
    };
    expect(() => runKernel(spread, one)).toThrow(message);
    const fine = function (this: KernelThread<object>, x: number[][]) {
      return x[0][0] + 1;
    };
    expect(runKernel(fine, one).item()).toBe(2);
  });

  it("refuses nonsense in words", () => {
    const kernel = () => 1;
    expect(() => runKernel(3 as never, { size: [1, 1], inputs: [] })).toThrow("a function as kernel");
    expect(() => runKernel(kernel, { size: [0, 1], inputs: [] })).toThrow("both at least 1, got (0, 1)");
    expect(() => runKernel(kernel, { size: [3] as never, inputs: [] })).toThrow("rows and columns");
    expect(() => runKernel(kernel, { size: [1, 1] } as never)).toThrow("inputs to be a list");
    expect(() => runKernel(kernel, { size: [1, 1], inputs: [nd.ones([3])] })).toThrow("(rows, columns)");
    expect(() => runKernel(kernel, { size: [1, 1], inputs: [[[1]]] as never })).toThrow("an NDArray");
  });

  it("keeps a bounded number of compiled kernels, and each is still right", () => {
    for (let n = 1; n <= 80; n++) {
      const x = nd.full([1, n], n);
      const sum = runKernel(
        function (x) {
          let sum = 0;
          for (let i = 0; i < this.constants.n; i++) sum += x[0][i];
          return sum;
        },
        { size: [1, 1], inputs: [x], constants: { n } },
      );
      expect(sum.item()).toBe(n * n);
    }
  });
});
