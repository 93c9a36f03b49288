import { afterEach, describe, expect, it, vi } from "vitest";
import { gradcheck, softmax, tensor } from "../../src/autograd";
import { TransformerBlock } from "../../src/nn";
import * as nd from "../../src/tensor";
import { createDevice, type Device, device, getDevice, type OwnKernels, setDevice } from "../../src/tensor";
import { attentionFrom } from "../../src/tensor/devices/attention-from";
import { reference } from "../../src/tensor/devices/reference";
import { attentionConformance } from "./conformance/attention";

afterEach(() => {
  setDevice("wasm");
});

/** Output and gradients of one layer, forward and backward. */
function layer(isCausal = true): nd.NDArray[] {
  nd.manualSeed(1);
  const block = new TransformerBlock(12, 3);
  const x = tensor(new nd.Generator(2).normal([2, 5, 12]), { requiresGrad: true });
  const y = block.forward(x, { isCausal });
  y.mul(new nd.Generator(3).normal(y.shape)).sum().backward();
  return [y.data, ...[x, ...block.parameters()].map(({ grad }) => grad as nd.NDArray)];
}

function expectSame(got: readonly nd.NDArray[], want: readonly nd.NDArray[]): void {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    expect(x.sub(want[i]).abs().max().item()).toBeLessThan(1e-5 * (1 + want[i].abs().max().item()));
  });
}

/** Plain loops, as a student writes them. */
const loops = {
  matmul(a, b, out, { batch, m, k, n, transposeA, transposeB, sharedA, sharedB }, bias) {
    for (let s = 0; s < batch; s++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = bias ? bias[j] : 0;
          for (let p = 0; p < k; p++)
            sum +=
              a[(sharedA ? 0 : s * m * k) + (transposeA ? p * m + i : i * k + p)] *
              b[(sharedB ? 0 : s * k * n) + (transposeB ? j * k + p : p * n + j)];
          out[(s * m + i) * n + j] = sum;
        }
  },
  softmax(x, y, rows, n) {
    for (let r = 0; r < rows; r++) {
      const row = Array.from(x.subarray(r * n, (r + 1) * n));
      const powers = row.map((value) => Math.exp(value - Math.max(...row)));
      const total = powers.reduce((sum, power) => sum + power, 0);
      y.set(
        powers.map((power) => power / total),
        r * n,
      );
    }
  },
} satisfies OwnKernels;

describe("setDevice with options", () => {
  it("sends a whole transformer layer's products and softmax to GPU.js, with the reference's numbers", () => {
    setDevice("reference");
    const want = [layer(), layer(false)];
    const { ranOnGpu = "", callsOnGpu } = setDevice("gpu", { smallest: 0, modes: ["webasm"] }).info();
    expect([ranOnGpu, callsOnGpu]).toEqual(["", 0]);
    expectSame(layer(), want[0]);
    expectSame(layer(false), want[1]);
    // Forward 6 weights and 2 in attention, backward 2 for each; attention's softmax once each way. Twice.
    expect(device().info().ranOnGpu).toBe("matmul 48, softmax 2, softmaxBackward 2");
    expect(device().info().callsFellBack).toBe(0);
  });

  it("the same options give the same device, others another", () => {
    const zero = setDevice("gpu", { smallest: 0, modes: ["cpu"] });
    expect(setDevice("gpu", { smallest: 0, modes: ["cpu"] })).toBe(zero);
    expect(setDevice("gpu", { smallest: 9, modes: ["cpu"] })).not.toBe(zero);
    expect(getDevice("gpu", { smallest: 0, modes: ["cpu"] })).toBe(zero);
    expect(setDevice("gpu")).not.toBe(zero);
    expect(device().info()).not.toHaveProperty("ranOnGpu");
  });

  it("refuses nonsense, by types and in words", () => {
    // @ts-expect-error wasm has no options
    expect(() => setDevice("wasm", { smallest: 0 })).toThrow('setDevice: expected no options for "wasm"');
    // @ts-expect-error misspelt
    expect(() => setDevice("gpu", { smalest: 0 })).toThrow("did you mean smallest?");
    expect(() => setDevice("gpu", { smallest: -1 })).toThrow("smallest to be a number >= 0, got -1");
    expect(() => setDevice("gpu", { smallest: Number.NaN })).toThrow("a number >= 0, got NaN");
    expect(() => setDevice("gpu", { modes: ["webgpu" as "cpu"] })).toThrow('modes among "headlessgl"');
    expect(() => setDevice("gpus" as "gpu")).toThrow('did you mean "gpu"?');
    expect(() => setDevice({ name: "mine" } as Device)).toThrow("or a device made by createDevice");
    expect(() => setDevice(null as never)).toThrow("expected one of reference, wasm, blas, gpu");
    expect(device().name).toBe("wasm");
  });

  it("gpu may be the device of the environment: another one stands behind it", async () => {
    vi.resetModules();
    vi.stubEnv("GRADSCHOOL_DEVICE", "gpu");
    try {
      const fresh = await import("../../src/tensor");
      expect(fresh.device().name).toBe("gpu");
      expect(
        fresh
          .eye(3)
          .matmul(fresh.ones([3, 2]))
          .sum()
          .item(),
      ).toBe(6);
    } finally {
      vi.unstubAllEnvs();
      vi.resetModules();
    }
  });
});

describe("createDevice", () => {
  it("computes with kernels of one's own, attention too, and counts their calls", () => {
    setDevice("reference");
    const want = layer();
    for (const base of ["reference", "wasm", getDevice("wasm")] as const) {
      setDevice(createDevice("mine", loops, { base }));
      expect(device().name).toBe("mine");
      expectSame(layer(), want);
      expect(device().info()).toMatchObject({ matmul: 24, softmax: 1, callsNotFloat32: 0 });
    }
  });

  it("a wrong kernel shows in the result", () => {
    setDevice(createDevice("wrong", { softmax: (_, y) => void y.fill(0.5) }));
    expect(Array.from(softmax(tensor([1, 2, 3])).data.flat())).toEqual([0.5, 0.5, 0.5]);
    setDevice("wasm");
    const want = layer();
    setDevice(createDevice("wrong", { softmax: (_, y) => void y.fill(0.5) }));
    expect(layer()[0].sub(want[0]).abs().max().item()).toBeGreaterThan(0.01);
  });

  it("leaves float64 to its base, and all kernels that are not its own", () => {
    const mine = createDevice("mine", { softmax: (_, y) => void y.fill(7) });
    setDevice(mine);
    const x = tensor(nd.array([[1, 2, 3]], { dtype: "float64" }));
    expect(gradcheck((x) => softmax(x), [x])).toBeTruthy();
    expect(Number(mine.info().callsNotFloat32)).toBeGreaterThan(0);
    expect(mine.info()).toMatchObject({ base: "wasm", softmax: 0 });
    expect(nd.ones([4]).sum().item()).toBe(4);
  });

  it("takes an attention of one's own as it is", () => {
    const attention = vi.fn(reference.attention);
    const mine = createDevice("mine", { ...loops, attention });
    setDevice(mine);
    layer();
    expect(attention).toHaveBeenCalledTimes(1);
    expect(mine.info()).toMatchObject({ attention: 1, softmax: 0 });
  });

  it("trains", () => {
    setDevice(createDevice("mine", loops, { base: "reference" }));
    nd.manualSeed(4);
    const x = nd.randn([20, 3]);
    const y = x.matmul(nd.array([[1], [-2], [0.5]]));
    const w = tensor(nd.zeros([3, 1]), { requiresGrad: true });
    const loss = () => tensor(x).matmul(w).sub(y).square().mean();
    const before = loss().item();
    for (let i = 0; i < 50; i++) {
      w.grad = null;
      loss().backward();
      w.data.assign(w.data.sub((w.grad as unknown as nd.NDArray).mul(0.3)));
    }
    expect(loss().item()).toBeLessThan(before / 1000);
  });

  it("refuses nonsense in words", () => {
    const softmaxOnly = { softmax() {} };
    expect(() => createDevice(5 as never, softmaxOnly)).toThrow("name to be a string");
    expect(() => createDevice("mine", {})).toThrow("at least one kernel");
    expect(() => createDevice("mine", null as never)).toThrow("kernels to be an object");
    expect(() => createDevice("mine", { sofmax() {} } as never)).toThrow("did you mean softmax?");
    expect(() => createDevice("mine", { softmax: 3 } as never)).toThrow("softmax to be a function");
    expect(() => createDevice("mine", { alloc() {} } as never)).toThrow("memory stays with the base");
    expect(() => createDevice("mine", softmaxOnly, { base: "cuda" as "wasm" })).toThrow(
      "one of reference, wasm",
    );
    expect(() => createDevice("gpu", softmaxOnly)).toThrow("a name that is not taken");
    // @ts-expect-error no option of a device of one's own
    expect(() => setDevice(createDevice("mine", softmaxOnly), { smallest: 0 })).toThrow("no options for");
    const returns = createDevice("mine", { softmax: (x: nd.Floats) => x.slice() } as never);
    setDevice(returns);
    expect(() => softmax(tensor([1, 2]))).toThrow("a kernel writes into the array it is given");
    setDevice(createDevice("later", { softmax: async () => {} } as never));
    expect(() => softmax(tensor([1, 2]))).toThrow("nothing to be returned, got");
  });
});

describe("attention out of products and softmax", () => {
  const kernels = { ...reference, ...attentionFrom(reference) };
  attentionConformance(() => ({ name: "reference", kernels, info: () => ({}) }));
});
