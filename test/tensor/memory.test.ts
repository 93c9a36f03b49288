import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/tensor/device";
import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import { HeapArray } from "../../src/tensor/devices/wasm/heap-array";
import type { Storage } from "../../src/tensor/dtype";
import { compile } from "./compiled";

const MIB = 2 ** 18; // float32 elements in a mebibyte
const inHeap = (x: Storage) => HeapArray.isInstance(x);
const floats = (device: Device, n: number) => device.kernels.empty("float32", n) as Float32Array;

describe("memory of the wasm device", () => {
  it("arrays lie in its heap; short ones and other types do not", () => {
    const { kernels } = createWasm(reference, { heapMiB: 8, threads: 1 });
    expect(inHeap(kernels.alloc("float32", 100))).toBe(true);
    expect(inHeap(kernels.alloc("float32", 3))).toBe(false);
    expect(kernels.alloc("float64", 100)).toEqual(new Float64Array(100));
    expect(kernels.alloc("bool", 5)).toEqual(new Uint8Array(5));
  });

  it("alloc gives zeros, also in memory used before", () => {
    const device = createWasm(reference, { heapMiB: 8, threads: 1 });
    const first = floats(device, 1000).fill(7);
    device.kernels.free(first);
    expect(device.kernels.alloc("float32", 1000)).toEqual(new Float32Array(1000));
    expect(device.kernels.alloc("float32", 1000)).toEqual(new Float32Array(1000));
  });

  it("a freed array is handed out again, once", () => {
    const device = createWasm(reference, { heapMiB: 8, threads: 1 });
    const x = floats(device, 500);
    device.kernels.free(x);
    device.kernels.free(x);
    device.kernels.free(x.subarray(100)); // not an array that was handed out
    device.kernels.free(new Float32Array(500));
    expect(floats(device, 500)).toBe(x);
    const others = [floats(device, 500), floats(device, 500)];
    expect(others.every((y) => y !== x)).toBe(true);
    x.fill(1);
    others[0].fill(2);
    others[1].fill(3);
    expect([x[0], others[0][499], others[1][0]]).toEqual([1, 2, 3]);
  });

  it("freed arrays of other lengths make room when the heap is full", () => {
    const device = createWasm(reference, { heapMiB: 16, threads: 1 });
    const big = floats(device, 8 * MIB);
    expect(inHeap(big)).toBe(true);
    device.kernels.free(big);
    expect(inHeap(floats(device, 8 * MIB - 1000))).toBe(true);
  });

  it("more than any machine has is a clear error, and does no harm to the heap", () => {
    const device = createWasm(reference, { heapMiB: 8, threads: 1 });
    expect(() => device.kernels.empty("float32", 2.5e11)).toThrow(
      /no memory for an array of 250000000000 float32 elements \(931 GiB\): .*; use smaller batches/,
    );
    const x = floats(device, 1000);
    expect(inHeap(x)).toBe(true);
    expect(inHeap(floats(device, 2 ** 22))).toBe(false); // larger than the heap: ordinary memory
  });

  it("no room: ordinary memory, the same results", () => {
    const device = createWasm(reference, { heapMiB: 4, threads: 1 });
    const kept = Array.from({ length: 12 }, () => floats(device, MIB / 2));
    expect(kept.some(inHeap)).toBe(true);
    expect(kept.some((x) => !inHeap(x))).toBe(true);
    expect(device.info().heapOverflows).toBeGreaterThan(0);
    for (const x of kept) {
      x.fill(2);
      device.kernels.unary("square", x, x);
      expect(x.every((value) => value === 4)).toBe(true);
    }
    const total = new Float32Array(1);
    device.kernels.reduce("sum", kept[11], total, 1, MIB / 2, 1);
    expect(total[0]).toBe(2 * MIB);
  });

  it("a full heap does not stop the kernels: they copy what lies outside", () => {
    const device = createWasm(reference, { heapMiB: 8, threads: 1 });
    const kept = Array.from({ length: 20 }, () => floats(device, MIB / 2));
    expect(kept.slice(-2).some(inHeap)).toBe(false);
    const before = device.info().heapOverflows;
    kept[18].fill(3);
    device.kernels.unary("square", kept[18], kept[19]);
    expect(kept[19].every((value) => value === 9)).toBe(true);
    expect(device.info().heapOverflows).toBe(before); // no call went to the reference
  });

  it("a long loop that never returns to the event loop stays within the heap", () => {
    const device = createWasm(reference, { heapMiB: 64, threads: 1 });
    let x = floats(device, MIB / 4).fill(1);
    for (let i = 0; i < 2000; i++) {
      const y = floats(device, MIB / 4);
      device.kernels.binary("add", x, 1, Float32Array.of(1), 1, y);
      x = y;
    }
    expect(x[0]).toBe(2001);
    const info = device.info();
    // Half a gibibyte went through, and none of it had to go elsewhere.
    expect(info.heapOverflows).toBe(0);
    expect(Number(info.garbageSearches)).toBeGreaterThan(0);
    expect(Number(info.heapPeakMiB)).toBeLessThan(64);
  });

  it("what came back of one size serves every other", () => {
    const device = createWasm(reference, { heapMiB: 64, threads: 1 });
    for (let i = 0; i < 300; i++) {
      const n = Math.round((1 + (i % 40) / 10) * MIB);
      const x = floats(device, n);
      x[0] = i;
      x[n - 1] = i;
      expect(inHeap(x)).toBe(true);
    }
    expect(device.info().heapOverflows).toBe(0);
  });

  it("a heap that was full of many short arrays has room for a long one, and for other short ones", () => {
    const device = createWasm(reference, { heapMiB: 64, threads: 1 });
    const fill = (length: number, count: number) => {
      const arrays = Array.from({ length: count }, () => floats(device, length));
      expect(arrays.filter(inHeap).length).toBe(count);
      for (const one of arrays) device.kernels.free(one);
    };
    // Each time 30 of its 48 MiB; a dead array serves only its own length.
    for (const kibibytes of [100, 3, 700, 40, 20_000, 7, 300, 5000, 50]) {
      fill(256 * kibibytes, Math.floor(30_000 / kibibytes));
      fill(256 * kibibytes + 16, 1);
    }
    expect(device.info().heapOverflows).toBe(0);
  });

  it("threads start although the heap is full by then", () => {
    const device = createWasm(reference, { heapMiB: 64, threads: 2 });
    const kept = Array.from({ length: 47 }, () => floats(device, MIB).fill(1));
    const [x, y] = kept.filter(inHeap);
    device.kernels.unary("square", x, y);
    expect(device.info().threads).toBe(2);
  });

  it("nor does a loop that makes a great many short arrays hold on to them", () => {
    const device = createWasm(reference, { heapMiB: 512, threads: 1 });
    const kept = Array.from({ length: 100 }, (_, i) => floats(device, 20).fill(i));
    for (let i = 0; i < 500_000; i++) floats(device, 20).fill(-1);
    expect(Number(device.info().heapPeakMiB)).toBeLessThan(30); // 61 in all
    kept.forEach((x, i) => {
      expect(x).toEqual(new Float32Array(20).fill(i));
    });
  });

  it("a block that a freed array gave back early is not given back again when that array dies", () => {
    const device = createWasm(reference, { heapMiB: 64, threads: 1 });
    for (const x of Array.from({ length: 20 }, () => floats(device, MIB))) device.kernels.free(x);
    const others = Array.from({ length: 24 }, () => floats(device, 1.25 * MIB)); // no room: the freed ones are dropped
    const kept = Array.from({ length: 10 }, (_, i) => floats(device, MIB - 1 - i).fill(i));
    for (let i = 0; i < 200; i++) floats(device, MIB).fill(-1);
    expect([...others, ...kept].filter(inHeap).length).toBeGreaterThan(30);
    expect(Number(device.info().garbageSearches)).toBeGreaterThan(0);
    kept.forEach((x, i) => {
      expect(x.every((value) => value === i)).toBe(true);
    });
  });

  it("a part of an array keeps its memory", () => {
    const device = createWasm(reference, { heapMiB: 64, threads: 1 });
    const parts = Array.from({ length: 8 }, (_, i) =>
      floats(device, MIB).fill(i).subarray(10).subarray(0, 5),
    );
    device.kernels.free(parts[7]);
    for (let i = 0; i < 400; i++) floats(device, MIB).fill(-1);
    parts.forEach((part, i) => {
      expect(part).toEqual(new Float32Array(5).fill(i));
    });
    expect(parts[0].slice(0, 2).buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("garbage comes back when the event loop turns", async () => {
    const device = createWasm(reference, { heapMiB: 64, threads: 1 });
    for (let i = 0; i < 40; i++) floats(device, MIB / 4);
    const before = Number(device.info().heapUsedMiB);
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    for (let i = 0; i < 50 && Number(device.info().heapUsedMiB) >= before; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(Number(device.info().heapUsedMiB)).toBeLessThan(before);
  });
});

describe("the limit on the memory of arrays", () => {
  /** Runs a program in a process of its own, with so many MiB for arrays; answers what it printed. */
  function run(mebibytes: string, program: string): string {
    const env = {
      ...process.env,
      GRADSCHOOL_MEMORY: mebibytes,
      GRADSCHOOL_DEVICE: "",
      GRADSCHOOL_THREADS: "1",
    };
    const options = { env, encoding: "utf8" as const, timeout: 60_000, cwd: folder };
    const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", program], options);
    return `${stdout}${stderr}${status === 0 ? "" : ` exit code ${status}`}`.trim();
  }
  let folder = "";
  beforeAll(() => {
    folder = compile("memory-test", ["index"]).outDir;
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const keepAll = (make: string, most: number) => `
    const nd = require("./index");
    const kept = [];
    try {
      for (let i = 0; i < ${most}; i++) kept.push(${make});
    } catch (error) {
      console.log(kept.length, process.memoryUsage.rss() < 700 * 2 ** 20, error.message);
    }
    kept.length = 0;
    for (let i = 0; i < 500; i++) ${make};
    console.log(nd.ones([3]).toArray().join());
    process.exit();`;

  it.each([
    ["float32, in the heap and outside", "nd.ones([1000, 1000])", 4e6],
    ["float64", 'nd.ones([1000, 500], { dtype: "float64" })', 4e6],
    ["int32", 'nd.ones([1000, 1000], { dtype: "int32" })', 4e6],
    ["bool", 'nd.ones([2000, 2000], { dtype: "bool" })', 4e6],
    ["copies that flat() makes", "nd.ones([1000, 1000]).flat()", 4e6],
  ])("ends a loop that keeps all: %s; what is let go of can be had again", (_name, make, bytes) => {
    const [line, after] = run("512", keepAll(make, 1000)).split("\n");
    const [count, isSmall] = line.split(" ");
    expect(Number(count) * bytes).toBeLessThan(520 * 2 ** 20);
    expect(Number(count) * bytes).toBeGreaterThan(180 * 2 ** 20);
    expect(isSmall).toBe("true");
    expect(line).toContain("with it arrays would take more than 0.500 GiB in all (GRADSCHOOL_MEMORY=MIB");
    expect(after).toBe("1,1,1");
  });

  it("garbage does not count", () => {
    const program = `
      const nd = require("./index");
      for (let i = 0; i < 500; i++) nd.zeros([1000, 1000], { dtype: "float64" });
      console.log("done");
      process.exit();`;
    expect(run("256", program)).toBe("done");
  });

  it("a limit that is none is refused", () => {
    for (const set of ["abc", "-1", "0", "63", "NaN"])
      expect(run(set, 'require("./index").zeros([100])')).toContain(
        `GRADSCHOOL_MEMORY: expected the MiB that arrays may take, at least 64, got ${JSON.stringify(set)}`,
      );
  });
});
