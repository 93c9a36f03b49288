import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createGpu } from "../../src/tensor/devices/gpu";
import { crossover } from "../../src/tensor/devices/gpu/crossover";
import { modes } from "../../src/tensor/devices/gpu/runtime";
import { reference } from "../../src/tensor/devices/reference";
import { compile } from "./compiled";
import { close, doubles, numbers } from "./conformance/arrays";

const PLAIN = { batch: 1, transposeA: false, transposeB: false, sharedA: false, sharedB: false };

describe("gpu", () => {
  it("says which mode of GPU.js runs, and why no better one does", () => {
    const info = createGpu(reference).info();
    const at = (modes as readonly unknown[]).indexOf(info.mode);
    expect(at).toBeGreaterThanOrEqual(0);
    for (const better of modes.slice(0, at)) expect(info[`no ${better}`]).toMatch(/\w{3}/);
  });

  it("runs large calls on GPU.js, and says what it left to the fallback and why", () => {
    const gpu = createGpu(reference, { modes: ["webasm"], smallest: 32_768 });
    const [a, b] = [numbers(1, 64 * 48), numbers(2, 48 * 50)];
    const out = new Float32Array(64 * 50);
    gpu.kernels.matmul(a, b, out, { ...PLAIN, m: 64, k: 48, n: 50 });
    expect(gpu.info()).toMatchObject({ callsOnGpu: 1, callsFellBack: 0, kernelsCached: 1 });
    const want = new Float64Array(64 * 50);
    reference.matmul(doubles(a), doubles(b), want, { ...PLAIN, m: 64, k: 48, n: 50 });
    close(out, want, { absolute: 1e-4 });

    gpu.kernels.matmul(b, a, out, { ...PLAIN, m: 50, k: 48, n: 64 });
    gpu.kernels.matmul(a, b, out, { ...PLAIN, m: 64, k: 48, n: 50 });
    expect(gpu.info()).toMatchObject({ callsOnGpu: 3, kernelsCached: 2 });

    gpu.kernels.matmul(a, b, out.subarray(0, 1), { ...PLAIN, m: 1, k: 48, n: 1 });
    expect(gpu.info()).toMatchObject({ callsFellBack: 1, lastFallback: "matmul: less work than 32768" });
    gpu.kernels.softmax(new Float64Array(8192), new Float64Array(8192), 64, 128);
    expect(gpu.info()).toMatchObject({ callsFellBack: 2, lastFallback: "softmax: not float32" });
  });

  it("adds a bias to the product, wherever that was computed", () => {
    for (const smallest of [0, 1e9]) {
      const gpu = createGpu(reference, { modes: ["webasm"], smallest });
      const [a, b, bias] = [numbers(1, 3 * 4), numbers(2, 4 * 5), numbers(3, 5)];
      const [out, want] = [new Float32Array(15), new Float64Array(15)];
      gpu.kernels.matmul(a, b, out, { ...PLAIN, m: 3, k: 4, n: 5 }, bias);
      reference.matmul(doubles(a), doubles(b), want, { ...PLAIN, m: 3, k: 4, n: 5 }, doubles(bias));
      close(out, want, { absolute: 1e-6 });
      expect(gpu.info()).toMatchObject({ callsOnGpu: smallest ? 0 : 1 });
    }
  });

  it("measures which calls are worth it, and is right either way", () => {
    const gpu = createGpu(reference, { modes: ["webasm"] });
    const [a, b] = [numbers(1, 130 * 131), numbers(2, 131 * 132)];
    const [out, want] = [new Float32Array(130 * 132), new Float64Array(130 * 132)];
    expect(gpu.info()).not.toHaveProperty("matmul");
    gpu.kernels.matmul(a, b, out, { ...PLAIN, m: 130, k: 131, n: 132 });
    reference.matmul(doubles(a), doubles(b), want, { ...PLAIN, m: 130, k: 131, n: 132 });
    close(out, want, { absolute: 1e-4 });
    const { matmul, callsOnGpu, callsFellBack } = gpu.info();
    expect(matmul).toMatch(/sent.*\(384, 384\) takes [\d.e+]+ ms here, [\d.e+]+ ms/);
    expect(Number(callsOnGpu) + Number(callsFellBack)).toBe(1);
  });

  it("throws with the reason of every mode when none runs", () => {
    const wanted = ["headlessgl", "webgl2"] as const;
    const run = () => createGpu(reference, { modes: wanted.filter((mode) => `no ${mode}` in here) });
    const here = createGpu(reference).info();
    if (Object.keys(here).some((key) => key.startsWith("no ")))
      expect(run).toThrow(/gpu device: no mode .*gl/);
  });

  it("keeps a bounded number of kernels", () => {
    const gpu = createGpu(reference, { modes: ["cpu"], smallest: 0 });
    const x = numbers(3, 400);
    for (let n = 1; n <= 300; n++) gpu.kernels.unary("exp", x.subarray(0, n), new Float32Array(n));
    expect(gpu.info().kernelsCached).toBe(128);
  });
});

describe("crossover", () => {
  it.each([
    // 2 + 0.25 w meets 0 + 0.5 w at 8.
    [[4, 3, 2], [16, 6, 8], 8],
    // Faster already where it was measured first: 1 meets 0.5 w at 2.
    [[4, 1, 2], [16, 1, 8], 2],
    // The same overhead with more to do for each unit, or with as much: never.
    [[4, 3, 2], [16, 15, 8], Number.POSITIVE_INFINITY],
    [[4, 4, 2], [16, 10, 8], Number.POSITIVE_INFINITY],
    // Where the lines say never but the larger timing says yes, the timing counts.
    [[4, 1, 5], [16, 8, 9], 16],
  ] as const)("of %j and %j (work, gpu, fallback) is %d", (small, large, want) => {
    const timing = ([work, gpu, fallback]: readonly [number, number, number]) => ({ work, gpu, fallback });
    expect(crossover(timing(small), timing(large))).toBeCloseTo(want, 12);
  });
});

describe("gpu, as compiled for the package", () => {
  let folder = "";
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("GPU.js understands the compiled programs", () => {
    const { outDir, load } = compile("gpu-test", ["devices/gpu/index"]);
    folder = outDir;
    const built = load("devices/gpu/index") as { createGpu: typeof createGpu };
    const gpu = built.createGpu(reference, { modes: ["webasm"], smallest: 0 });
    const [x, g] = [numbers(1, 12), numbers(2, 12)];
    const out = new Float32Array(12);
    gpu.kernels.matmul(x, g, out.subarray(0, 9), { ...PLAIN, m: 3, k: 4, n: 3 });
    gpu.kernels.softmax(x, out, 3, 4);
    gpu.kernels.softmaxBackward(out, g, out.slice(), 3, 4);
    gpu.kernels.logSoftmax(x, out, 3, 4);
    gpu.kernels.logSoftmaxBackward(out, g, out.slice(), 3, 4);
    for (const op of ["exp", "sigmoid", "silu", "geluTanh"] as const) gpu.kernels.unary(op, x, out);
    for (const op of ["silu", "geluTanh"] as const) gpu.kernels.activationBackward(op, x, g, out);
    expect(gpu.info()).toMatchObject({ mode: "webasm", callsOnGpu: 11, callsFellBack: 0 });
  });
});
