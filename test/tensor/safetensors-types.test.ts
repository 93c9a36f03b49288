import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  array,
  loadSafetensors,
  type NDArray,
  type Nested,
  parseSafetensors,
  SafetensorsFile,
  saveSafetensors,
} from "../../src/tensor";
import { storedTypes, toHalves } from "../../src/tensor/safetensors-types";

const folder = mkdtempSync(join(tmpdir(), "safetensors-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of these tensors, one after another. */
function file(tensors: Record<string, { dtype: string; shape: number[]; bytes: ArrayLike<number> }>): Buffer {
  let at = 0;
  const header = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
    const entry = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  const text = Buffer.from(`{${header.join(",")}}`);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, ...Object.values(tensors).map(({ bytes }) => Uint8Array.from(bytes))]);
}

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const one = (dtype: string, bytes: ArrayLike<number>, n: number): NDArray =>
  parseSafetensors(file({ "a.b": { dtype, shape: [n], bytes } })).get("a.b") as NDArray;

describe("integers are read exactly", () => {
  it.each<[string, ArrayBufferView, string, Nested]>([
    ["U8", Uint8Array.of(0, 255), "int32", [0, 255]],
    ["I8", Int8Array.of(-128, 127), "int32", [-128, 127]],
    ["U16", Uint16Array.of(0, 40000, 65535), "int32", [0, 40000, 65535]],
    ["I16", Int16Array.of(-32768, 3), "int32", [-32768, 3]],
    ["I32", Int32Array.of(-(2 ** 31), 7), "int32", [-(2 ** 31), 7]],
    ["U32", Uint32Array.of(5, 2 ** 31 - 1), "int32", [5, 2 ** 31 - 1]],
    ["U32", Uint32Array.of(5, 2 ** 31), "float64", [5, 2 ** 31]],
    ["U32", Uint32Array.of(2 ** 32 - 1), "float64", [2 ** 32 - 1]],
    ["I64", BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n), "int32", [-(2 ** 31), 2 ** 31 - 1]],
    ["I64", BigInt64Array.of(-(2n ** 31n) - 1n, 1n), "float64", [-(2 ** 31) - 1, 1]],
    ["I64", BigInt64Array.of(1n - 2n ** 53n), "float64", [1 - 2 ** 53]],
    ["U64", BigUint64Array.of(9n), "int32", [9]],
    ["U64", BigUint64Array.of(2n ** 53n - 1n), "float64", [2 ** 53 - 1]],
  ])("%s %s as %s", (dtype, values, ours, want) => {
    const x = one(dtype, bytesOf(values), (values as Uint8Array).length);
    expect(x.dtype).toBe(ours);
    expect(x.toArray()).toEqual(want);
  });

  it.each<[string, ArrayBufferView, string]>([
    ["I64", BigInt64Array.of(0n, 2n ** 53n), "9007199254740992 at position 1"],
    ["I64", BigInt64Array.of(-(2n ** 63n)), "-9223372036854775808 at position 0"],
    ["U64", BigUint64Array.of(2n ** 53n + 1n), "9007199254740993 at position 0"],
    ["U64", BigUint64Array.of(1n, 2n, 2n ** 64n - 1n), "18446744073709551615 at position 2"],
  ])("%s beyond 2⁵³ is an error: %s", (dtype, values, where) => {
    expect(() => one(dtype, bytesOf(values), (values as BigInt64Array).length)).toThrow(
      `safetensors: tensor "a.b" of dtype ${dtype} holds ${where}, and integers are read exactly up to ±(2⁵³ − 1) only`,
    );
  });

  it("a BOOL is 0 or 1", () => {
    expect(() => one("BOOL", [0, 1, 2], 3)).toThrow(
      'tensor "a.b" of dtype BOOL holds the byte 2 at position 2, expected 0 or 1',
    );
  });
});

describe("small floats become float32", () => {
  const recorded: Record<string, string> = JSON.parse(
    readFileSync(new URL("./fixtures/float8.json", import.meta.url), "utf8"),
  );
  it.each(Object.entries(recorded))("%s: all 256 values as PyTorch", (dtype, text) => {
    const x = one(
      dtype,
      Array.from({ length: 256 }, (_, i) => i),
      256,
    );
    expect(x.dtype).toBe("float32");
    expect(x.toArray()).toEqual(text.split(" ").map(Number));
  });

  it("F16: every one, by its formula", () => {
    const words = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const values = one("F16", bytesOf(words), 65536).data;
    const bad = words.findIndex((word) => {
      const [s, e, f] = [word >> 15 ? -1 : 1, (word >> 10) & 31, word & 1023];
      const want =
        e === 31 ? (f ? Number.NaN : s / 0) : e === 0 ? s * f * 2 ** -24 : s * (1024 + f) * 2 ** (e - 25);
      return !Object.is(values[word], want);
    });
    expect(bad).toBe(-1);
  });
});

describe("a tensor that cannot be held", () => {
  const odd = {
    complex: { dtype: "C64", shape: [1], bytes: [0, 0, 128, 63, 0, 0, 0, 64] },
    packed: { dtype: "F4", shape: [2, 2], bytes: [0x21, 0x43] },
    packed6: { dtype: "F6_E2M3", shape: [4], bytes: [1, 2, 3] },
    packed6b: { dtype: "F6_E3M2", shape: [4], bytes: [1, 2, 3] },
    future: { dtype: "F3_NEW", shape: [9], bytes: [1, 2, 3, 4, 5] },
    huge: { dtype: "U64", shape: [1], bytes: [255, 255, 255, 255, 255, 255, 255, 255] },
  };
  const good = { weight: { dtype: "F32", shape: [1], bytes: [0, 0, 192, 63] } };
  const words: Record<string, RegExp> = {
    complex: /^safetensors: tensor "complex" of dtype C64 holds complex numbers/,
    packed: /^safetensors: tensor "packed" of dtype F4 packs several numbers into a byte/,
    packed6: /^safetensors: tensor "packed6" of dtype F6_E2M3 packs/,
    packed6b: /^safetensors: tensor "packed6b" of dtype F6_E3M2 packs/,
    future: /^safetensors: tensor "future": expected one of F64, .*, got dtype "F3_NEW"/,
    huge: /^safetensors: tensor "huge" of dtype U64 holds 18446744073709551615/,
  };

  it.each(Object.keys(odd))("%s is refused when it is asked for; its neighbours are read", (name) => {
    const path = join(folder, "odd.safetensors");
    writeFileSync(path, file({ ...odd, ...good }));
    const open = new SafetensorsFile(path);
    expect(open.names()).toContain(name);
    expect(open.get("weight").toArray()).toEqual([1.5]);
    expect(() => open.get(name)).toThrow(words[name]);
    expect(open.get("weight").toArray()).toEqual([1.5]);
    open.close();
    expect(() => parseSafetensors(file({ ...good, [name]: odd[name as keyof typeof odd] }))).toThrow(
      words[name],
    );
  });

  it("of a known type must still have the right size", () => {
    expect(() => parseSafetensors(file({ x: { dtype: "F4", shape: [3], bytes: [1, 2] } }))).toThrow(
      "F4 of shape (3,) takes 1.5 bytes, but data_offsets [0, 2] hold 2",
    );
    expect(() => parseSafetensors(file({ x: { dtype: "C64", shape: [1], bytes: [1, 2] } }))).toThrow(
      "takes 8 bytes",
    );
  });
});

describe("bytes at any offset", () => {
  const bytes = (padding: string) => {
    const header = `{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"y":{"dtype":"I16","shape":[1],"data_offsets":[8,10]}}${padding}`;
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([
      size,
      Buffer.from(header),
      bytesOf(Float64Array.of(-2.5)),
      Uint8Array.of(254, 255),
    ]);
  };

  it("a header padded to any length, in a file and as a Buffer or Uint8Array that begins anywhere", () => {
    for (let pad = 0; pad < 9; pad++) {
      const whole = bytes(" ".repeat(pad));
      const path = join(folder, `pad-${pad}.safetensors`);
      writeFileSync(path, whole);
      expect(parseSafetensors(readFileSync(path)).get("x")?.toArray()).toEqual([-2.5]);
      for (let offset = 0; offset < 9; offset++) {
        for (const memory of [Buffer.alloc(whole.length + 9), new Uint8Array(whole.length + 9)]) {
          const shifted = memory.subarray(offset, offset + whole.length);
          shifted.set(whole);
          const state = parseSafetensors(shifted);
          expect(state.get("x")?.toArray()).toEqual([-2.5]);
          expect(state.get("y")?.toArray()).toEqual([-2]);
        }
      }
    }
  });

  it("in shared memory", () => {
    const whole = bytes("");
    const shared = new Uint8Array(new SharedArrayBuffer(whole.length));
    shared.set(whole);
    expect(parseSafetensors(shared).get("x")?.toArray()).toEqual([-2.5]);
  });

  it("and nothing but bytes", () => {
    const { buffer } = Uint8Array.from(bytes(""));
    expect(() => parseSafetensors(buffer as unknown as Uint8Array)).toThrow(
      "safetensors: expected the bytes of a file, a Uint8Array, got an ArrayBuffer; write new Uint8Array(buffer)",
    );
    expect(() => parseSafetensors("x.safetensors" as unknown as Uint8Array)).toThrow(
      'a Uint8Array, got "x.safetensors"',
    );
  });
});

it("knows every type of the format", () => {
  expect([...storedTypes.keys()].sort()).toEqual(
    "BF16 BOOL C64 F16 F32 F4 F64 F6_E2M3 F6_E3M2 F8_E4M3 F8_E4M3FNUZ F8_E5M2 F8_E5M2FNUZ F8_E8M0 I16 I32 I64 I8 U16 U32 U64 U8".split(
      " ",
    ),
  );
});

describe("float16 is written", () => {
  const words = Uint16Array.from({ length: 2 ** 16 }, (_, word) => word);
  const values = one("F16", bytesOf(words), words.length).flat() as Float32Array;

  it("so that every one of its numbers comes back", () => {
    const back = toHalves(values);
    const wrong = words.filter((word, i) => back[i] !== word && !Number.isNaN(values[i]));
    expect(wrong).toHaveLength(0);
    expect(toHalves(Float32Array.of(Number.NaN, -Infinity, -0))).toEqual(
      Uint16Array.of(0x7e00, 0xfc00, 0x8000),
    );
  });

  it("rounded to the nearest, ties to even, through the subnormal numbers too", () => {
    const below = words.subarray(0, 0x7bff);
    const middle = Float32Array.from(below, (word) => (values[word] + values[word + 1]) / 2);
    expect(toHalves(middle)).toEqual(Uint16Array.from(below, (word) => word + (word % 2)));
    expect(toHalves(middle.map((x) => x * (1 + 2 ** -23)))).toEqual(
      Uint16Array.from(below, (word) => word + 1),
    );
    expect(toHalves(middle.map((x) => -x * (1 - 2 ** -23)))).toEqual(
      Uint16Array.from(below, (word) => word | 0x8000),
    );
  });

  it("in half the bytes, of float32 alone, and not what it cannot hold", () => {
    const path = join(folder, "half.safetensors");
    const x = array([1 / 3, -2, 1e-6], { dtype: "float32" });
    const state = new Map([
      ["x", x],
      ["ids", array([7, 100_000], { dtype: "int32" })],
    ]);
    saveSafetensors(path, state, undefined, { float16: true });
    const file = new SafetensorsFile(path);
    expect(file.size).toBe(2 * 3 + 4 * 2);
    file.close();
    const back = loadSafetensors(path);
    expect([...back.get("ids")!.flat()]).toEqual([7, 100_000]);
    expect(back.get("x")!.dtype).toBe("float32");
    expect([...back.get("x")!.flat()]).toEqual([0.333251953125, -2, 17 / 2 ** 24]);
    const large = new Map([["blocks.0.weight", array([65_520])]]);
    expect(() => saveSafetensors(path, large, undefined, { float16: true })).toThrow(
      'safetensors: tensor "blocks.0.weight" holds 65520, and float16 ends at ±65504; save it without float16',
    );
    expect(loadSafetensors(path).size).toBe(2);
  });
});
