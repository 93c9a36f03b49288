import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { relu, tensor } from "../../src/autograd";
import { device, full, NDArray, serializeSafetensors, setDevice } from "../../src/tensor";
import { reference } from "../../src/tensor/devices/reference";
import { createWasm } from "../../src/tensor/devices/wasm";
import { HeapArray } from "../../src/tensor/devices/wasm/heap-array";

const N = 700;

/** Makes and drops more than the heap holds, so that every block that nobody owns is written over. */
function churn() {
  const before = Number(device().info().garbageSearches);
  for (let i = 0; i < 500; i++) full([N, N], -1);
  expect(Number(device().info().garbageSearches)).toBeGreaterThan(before);
}

const every = (numbers: ArrayLike<number>, wanted: number) =>
  numbers.length > 0 && Array.prototype.every.call(numbers, (x) => x === wanted);

describe("what leaves the library keeps its numbers", () => {
  setDevice("wasm");

  it("the bytes of safetensors, contiguous or not", () => {
    const parts = [
      serializeSafetensors(new Map([["w", full([N, N + 1], 7).transpose()]])),
      serializeSafetensors(new Map([["w", full([N, N], 7)]])),
      serializeSafetensors(new Map([["w", full([N, 2 * N], 7).slice("...", "::2")]])),
    ].map((all) => all[all.length - 1]);
    churn();
    for (const bytes of parts) expect(every(new Float32Array(bytes.buffer, bytes.byteOffset), 7)).toBe(true);
  });

  it("flat(), which is a copy in memory of its own", () => {
    const flats = [full([N, N], 7), full([N, N], 7).transpose(), full([N, N], 7).narrow(0, 5, 600)].map((x) =>
      x.flat(),
    );
    churn();
    for (const flat of flats) {
      expect(every(flat, 7)).toBe(true);
      expect(flat.buffer).toBeInstanceOf(ArrayBuffer);
      expect(flat.buffer.byteLength).toBe(flat.byteLength);
    }
    const x = full([3, 10], 7);
    x.flat().fill(0);
    expect(every(x.flat(), 7)).toBe(true);
  });

  it("flat() sent to another thread", () => {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(full([N, N], 7).flat());
    churn();
    expect(every(receiveMessageOnPort(port2)?.message, 7)).toBe(true);
    port1.close();
  });

  it("the memory of an array, and every part of it", () => {
    const { data } = full([N, N], 7);
    const part = full([N, N], 7).data.subarray(100, -100).subarray(-50);
    const views = full([N, N], 7).slice("::3", 5).data;
    churn();
    for (const numbers of [data, part, views]) expect(every(numbers, 7)).toBe(true);
    expect(part.length).toBe(50);
  });

  it("what is cut out of the buffer of an array's memory by hand", () => {
    const cut = () => {
      const { data } = full([N, N], 7).narrow(0, 10, 20);
      return [
        new Float32Array(data.buffer, data.byteOffset, data.length),
        new Float32Array(data.buffer as ArrayBuffer, data.subarray(8).byteOffset),
        new Float32Array(
          data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer,
        ),
      ];
    };
    const cuts = cut();
    churn();
    for (const numbers of cuts) expect(every(numbers, 7)).toBe(true);
  });

  it("gradients that a hook, a pullback of one's own or retainGrad has seen", () => {
    const seen: (ArrayLike<number> | NDArray)[] = [];
    const see = (g: NDArray) =>
      void seen.push(g, g.slice(3), g.transpose(), g.flat(), g.data, g.data.subarray(5));
    for (let round = 0; round < 3; round++) {
      const x = tensor(full([N, N], 1), { requiresGrad: true });
      const h = relu(x.mul(2));
      h.registerHook(see);
      const y = h.add(h).mul(1);
      y.registerHook(see);
      y.backward(full([N, N], 1));
    }
    churn();
    const values = seen.map((g) => (g instanceof NDArray ? g.flat() : g));
    for (const numbers of values) expect(numbers[0] === 1 || numbers[0] === 2).toBe(true);
    for (const numbers of values) expect(every(numbers, numbers[0])).toBe(true);
    expect(new Set(values.map((numbers) => numbers[0]))).toEqual(new Set([1, 2]));
  });
});

describe("a heap array is a Float32Array to all others", () => {
  const device = createWasm(reference, { heapMiB: 16, threads: 1 });
  const x = device.kernels.empty("float32", 20) as Float32Array;
  for (let i = 0; i < 20; i++) x[i] = i;
  const plain = Float32Array.from({ length: 20 }, (_, i) => i);

  it("whose subarray is that of any other", () => {
    const bounds = [
      undefined,
      0,
      3,
      19,
      20,
      25,
      -1,
      -3,
      -20,
      -30,
      1.7,
      -1.7,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ];
    for (const begin of bounds) {
      for (const end of bounds) {
        const part = x.subarray(begin, end);
        expect(part).toEqual(plain.subarray(begin, end));
        expect(part.subarray(1, 3)).toEqual(plain.subarray(begin, end).subarray(1, 3));
      }
    }
    x.subarray(4)[0] = 40;
    expect(x[4]).toBe(40);
    x[4] = 4;
  });

  it("which looks, compares and copies as one", () => {
    expect(HeapArray.isInstance(x)).toBe(true);
    expect(x).toEqual(plain);
    expect(String(x)).toBe(String(plain));
    expect(Object.keys(x)).toEqual(Object.keys(plain));
    expect([x.slice(2), x.map((v) => v), Float32Array.from(x)].some((y) => HeapArray.isInstance(y))).toBe(
      false,
    );
    expect(Buffer.from(x.buffer, x.byteOffset, x.byteLength)).toEqual(Buffer.from(plain.buffer));
  });

  it("and so are those of int32 and bool", () => {
    for (const [dtype, Kind] of [
      ["int32", Int32Array],
      ["bool", Uint8Array],
    ] as const) {
      const ours = device.kernels.alloc(dtype, 700);
      for (let i = 0; i < 700; i++) ours[i] = i % 200;
      const own = new Kind(Array.from({ length: 700 }, (_, i) => i % 200));
      expect(HeapArray.isInstance(ours)).toBe(true);
      expect(ours).toEqual(own);
      expect(ours.subarray(30, -5).subarray(3)).toEqual(own.subarray(33, -5));
      expect(ours.subarray(1) instanceof Kind).toBe(true);
      expect(HeapArray.isInstance(ours.slice(2))).toBe(false);
      expect(Buffer.from(ours.buffer, ours.byteOffset, ours.byteLength)).toEqual(Buffer.from(own.buffer));
      device.kernels.free(ours.subarray(2)); // not an array that was handed out
      expect(device.kernels.empty(dtype, 700)).not.toBe(ours);
      device.kernels.free(ours);
      expect(device.kernels.empty("float32", 700)).not.toBe(ours);
      expect(device.kernels.alloc(dtype, 700)).toBe(ours);
      expect(ours).toEqual(new Kind(700));
    }
  });

  it("and another device reads it, and writes into it", () => {
    const other = createWasm(reference, { heapMiB: 16, threads: 1 });
    const out = device.kernels.empty("float32", 20) as Float32Array;
    other.kernels.unary("square", x, out);
    expect(out).toEqual(plain.map((v) => v * v));
    const y = other.kernels.empty("float32", 20) as Float32Array;
    other.kernels.copy([20], out, 0, [1], y, 0, [1]);
    expect(y).toEqual(out);
  });
});
