import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { arange, array, fromStorage, type NDArray, zeros } from "../../src/tensor";
import { parseSafetensors, serializeSafetensors } from "../../src/tensor/safetensors";
import { loadSafetensors, SafetensorsFile, saveSafetensors } from "../../src/tensor/safetensors-file";

const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

function join1(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A file with this header text and `data` bytes after it. */
function file(header: string | Uint8Array, data: number[] = []): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(text.length), true);
  return join1([size, text, Uint8Array.from(data)]);
}

/** Whether the error is in our words, and not too long to be read. */
function short(run: () => unknown): boolean {
  try {
    run();
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith("safetensors: ") && message.length < 500;
  }
  return false;
}

const one = (dtype: string, shape: number[], data: number[]) =>
  parseSafetensors(file(JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }), data)).get(
    "x",
  ) as NDArray;

describe("safetensors", () => {
  it("reads every stored type", () => {
    expect(one("F64", [1], [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]).toArray()).toEqual([1.5]);
    expect(one("F32", [2], [0, 0, 0xc0, 0x3f, 0, 0, 0x80, 0xff]).toArray()).toEqual([1.5, -Infinity]);
    // 1, −2, 2⁻²⁴ (smallest), 65504 (largest), ∞, NaN
    const halves = [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x7c, 0x01, 0x7e];
    expect(one("F16", [6], halves).toArray()).toEqual([1, -2, 2 ** -24, 65504, Infinity, NaN]);
    expect(one("BF16", [2], [0x80, 0x3f, 0x49, 0xc0]).toArray()).toEqual([1, -3.140625]);
    expect(one("I64", [1], [0xfe, 255, 255, 255, 255, 255, 255, 255]).toArray()).toEqual([-2]);
    expect(one("I32", [1], [1, 0, 0, 0x80]).toArray()).toEqual([-2147483647]);
    expect(one("I16", [2], [0xff, 0xff, 1, 0]).toArray()).toEqual([-1, 1]);
    expect(one("I8", [2], [0xff, 1]).toArray()).toEqual([-1, 1]);
    expect(one("U8", [2], [0xff, 1]).toArray()).toEqual([255, 1]);
    expect(one("BOOL", [2], [0, 1]).toArray()).toEqual([false, true]);
  });

  it("shares memory where it can, and copies where alignment forbids it", () => {
    const bytes = file('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ', [0, 0, 128, 63]);
    const shared = parseSafetensors(bytes).get("x") as NDArray;
    expect(bytes.length % 4).toBe(0);
    expect(shared.data.buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    const copied = parseSafetensors(shifted).get("x") as NDArray;
    expect(copied.data.buffer).not.toBe(shifted.buffer);
    expect(copied.toArray()).toEqual([1]);
  });

  it("writes what it reads: any names, dtypes, shapes and views", () => {
    const path = join(folder, "all.safetensors");
    const tensors = new Map<string, NDArray>([
      ['ünï "quoted"\\', arange(0, 6).reshape([2, 3]).transpose()],
      ["scalar", array(2.5, { dtype: "float64" })],
      ["none", zeros([0, 3])],
      ["flags", array([[true], [false]])],
      ["weights", array([1, 2, 3])],
    ]);
    saveSafetensors(path, tensors, new Map([["format", "pt"]]));
    const back = loadSafetensors(path);
    expect(new Set(back.keys())).toEqual(new Set(tensors.keys()));
    for (const [name, x] of tensors) {
      expect(back.get(name)?.dtype).toBe(x.dtype);
      expect(back.get(name)?.shape).toEqual(x.shape);
      expect(back.get(name)?.toArray()).toEqual(x.toArray());
    }
    const open = new SafetensorsFile(path);
    expect(open.metadata.get("format")).toBe("pt");
    expect(open.get("weights").toArray()).toEqual([1, 2, 3]);
    expect(() => open.get("weight")).toThrow(/no tensor "weight" in .*it holds/);
    open.close();
  });

  it("leaves the old file and no scrap behind when writing fails", () => {
    const path = join(folder, "kept.safetensors");
    saveSafetensors(path, new Map([["x", array([1])]]));
    const before = readFileSync(path);
    expect(() => saveSafetensors(path, new Map([["__metadata__", array([2])]]))).toThrow(/cannot be named/);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  const x = (entry: string) => `{"x":${entry}}`;
  const malformed: [string, Uint8Array, RegExp][] = [
    ["an empty file", new Uint8Array(0), /at least 8 bytes, got 0/],
    ["a truncated header", file("{}").subarray(0, 9), /claims 2 bytes, but only 1 follow/],
    ["an absurd header size", new Uint8Array(16).fill(255), /more than the 100000000 allowed/],
    ["bad UTF-8", file(Uint8Array.of(0x7b, 0xff, 0x7d)), /not valid UTF-8/],
    ["a byte order mark", file("\ufeff{}"), /must start with "{"/],
    ["no JSON", file("{hello}"), /not valid JSON/],
    ["a list", file("[]"), /must start with "{"/],
    ["an entry that is no object", file(x("3")), /expected \{dtype, shape, data_offsets\}, got 3/],
    [
      "an unknown dtype",
      file(x('{"dtype":"F8","shape":[],"data_offsets":[0,1]}'), [0]),
      /expected one of F64.*got dtype "F8"/,
    ],
    [
      "a negative size",
      file(x('{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}'), [0, 0, 0, 0]),
      /sizes >= 0, got \[-1\]/,
    ],
    [
      "a shape too large to count",
      file(
        x('{"dtype":"F32","shape":[9007199254740991,9007199254740991],"data_offsets":[0,4]}'),
        [0, 0, 0, 0],
      ),
      /takes .* bytes/,
    ],
    [
      "offsets the wrong way round",
      file(x('{"dtype":"F32","shape":[1],"data_offsets":[4,0]}'), [0, 0, 0, 0]),
      /begin <= end/,
    ],
    [
      "a wrong length",
      file(x('{"dtype":"F32","shape":[2],"data_offsets":[0,4]}'), [0, 0, 0, 0]),
      /takes 8 bytes, but data_offsets \[0, 4\] hold 4/,
    ],
    [
      "offsets beyond the end",
      file(x('{"dtype":"U8","shape":[2],"data_offsets":[0,2]}'), [0]),
      /ends at byte 2, but the data part has only 1/,
    ],
    [
      "bytes that belong to nobody",
      file(x('{"dtype":"U8","shape":[1],"data_offsets":[0,1]}'), [0, 0]),
      /end at byte 1, but the data part has 2/,
    ],
    [
      "a hole",
      file('{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', [0, 0]),
      /begins at byte 1, expected 0: tensors leave a hole/,
    ],
    [
      "an overlap",
      file(
        '{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
        [0, 0],
      ),
      /overlap/,
    ],
    [
      "a duplicate key",
      file(
        '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0078":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        [0],
      ),
      /"x" occurs twice/,
    ],
    ["metadata that is no text", file('{"__metadata__":{"a":1}}'), /must map to strings/],
    ["metadata that is a list", file('{"__metadata__":["a"]}'), /must map names to strings, got \["a"\]/],
    ["metadata that is a text", file('{"__metadata__":"a"}'), /must map names to strings, got "a"/],
    [
      "offsets that are no numbers",
      file(x('{"dtype":"U8","shape":[],"data_offsets":["0","1"]}'), [0]),
      /data_offsets \[begin, end\]/,
    ],
    [
      "offsets of 1e400",
      file(x('{"dtype":"U8","shape":[],"data_offsets":[0,1e400]}'), [0]),
      /data_offsets .*got \[0, Infinity\]/,
    ],
    [
      "offsets with a fraction",
      file(x('{"dtype":"U8","shape":[],"data_offsets":[0,1.5]}'), [0]),
      /got \[0, 1.5\]/,
    ],
    ["no offsets", file(x('{"dtype":"U8","shape":[1]}'), [0]), /got undefined/],
    ["a list for an entry", file(x("[1,2]")), /expected \{dtype, shape, data_offsets\}, got \[1, 2\]/],
    [
      "a size that is a text",
      file(x('{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}'), [0]),
      /sizes >= 0, got \["1"\]/,
    ],
    [
      "a dtype that is a list",
      file(x('{"dtype":["U8"],"shape":[1],"data_offsets":[0,1]}'), [0]),
      /name of a dtype, such as "F32", got \["U8"\]/,
    ],
    [
      "a dtype that objects inherit",
      file(x('{"dtype":"constructor","shape":[1],"data_offsets":[0,1]}'), [0]),
      /expected one of F64.*got dtype "constructor"/,
    ],
    [
      "a duplicate key inside an entry",
      file('{"x":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', [0]),
      /"dtype" occurs twice/,
    ],
    [
      "a shape of 100,000 levels",
      file(
        x(`{"dtype":"F32","shape":${"[".repeat(1e5)}1${"]".repeat(1e5)},"data_offsets":[0,4]}`),
        [0, 0, 0, 0],
      ),
      /sizes >= 0, got \[\[\[\[…\]\]\]\]/,
    ],
    [
      "a shape of a million axes, one of them wrong",
      file(x(`{"dtype":"F32","shape":[${"1,".repeat(1e6)}-1],"data_offsets":[0,4]}`), [0, 0, 0, 0]),
      /got \[1, 1, 1, 1, 1, 1, 1, 1, … and 999,993 more\]/,
    ],
    [
      "an entry of 100,000 levels",
      file(`${'{"x":'.repeat(1e5)}1${"}".repeat(1e5)}`),
      /name of a dtype, such as "F32", got undefined/,
    ],
    [
      "a name of a million letters",
      file(`{"${"n".repeat(1e6)}":3}`),
      /^safetensors: tensor "n{60}"…: expected/,
    ],
  ];
  it.each(malformed)("refuses %s", (_, bytes, message) => {
    expect(() => parseSafetensors(bytes)).toThrow(message);
    expect(short(() => parseSafetensors(bytes))).toBe(true);
    const path = join(folder, "bad.safetensors");
    writeFileSync(path, bytes);
    expect(() => loadSafetensors(path)).toThrow(message);
  });

  it("says what it wants of a writer", () => {
    const tensors = new Map([["x", array([1])]]);
    const save = (metadata: unknown) => serializeSafetensors(tensors, metadata as Map<string, string>);
    expect(() => save({ format: "pt" })).toThrow(
      "safetensors: expected a Map from strings to strings as metadata, got an object { format }; write new Map(Object.entries(metadata))",
    );
    expect(() => save("pt")).toThrow('as metadata, got "pt"');
    expect(() => save(null)).toThrow("as metadata, got null");
    expect(() => save(new Map([["step", 3]]))).toThrow('metadata maps strings to strings, got 3 at "step"');
    expect(() => serializeSafetensors(new Map([[3, array([1])]]) as never)).toThrow(
      "expected names that are strings, got 3",
    );
  });

  it("reads a header whose strings no regular expression could hold", () => {
    const name = "a\\\\".repeat(10_000_000);
    const bytes = file(`{"${name}":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, [7]);
    expect([...parseSafetensors(bytes).values()][0].toArray()).toEqual([7]);
  });

  it("does not read a terabyte that is a hole", () => {
    const path = join(folder, "sparse.safetensors");
    const sparse = (header: string) => {
      const whole = file(header);
      writeFileSync(path, whole);
      truncateSync(path, whole.length + 2 ** 40);
    };
    sparse(`{"x":{"dtype":"F32","shape":[${2 ** 38}],"data_offsets":[0,${2 ** 40}]}}`);
    const open = new SafetensorsFile(path);
    expect(open.names()).toEqual(["x"]);
    expect(() => open.get("x")).toThrow(/^safetensors: tensor "x" in .* takes 1.02e\+3 GiB, more than the/);
    open.close();
    expect(() => loadSafetensors(path)).toThrow(/one by one with SafetensorsFile/);
    sparse("{}");
    expect(() => loadSafetensors(path)).toThrow(/end at byte 0, but the data part has 1099511627776 bytes/);
    writeFileSync(path, "");
    truncateSync(path, 2 ** 40);
    expect(() => loadSafetensors(path)).toThrow(/the header must start with "\{"/);
  });

  it("of an open file says what is wrong with the path, and reads nothing once it is closed", () => {
    expect(() => new SafetensorsFile(join(folder, "none"))).toThrow(
      /^safetensors: .*none cannot be opened: ENOENT/,
    );
    expect(() => new SafetensorsFile(folder)).toThrow(/cannot be opened: it is no file/);
    expect(() => new SafetensorsFile(undefined as unknown as string)).toThrow(
      "expected a path, got undefined",
    );
    const path = join(folder, "closed.safetensors");
    saveSafetensors(path, new Map([["x", array([1])]]));
    const open = new SafetensorsFile(path);
    open.close();
    open.close();
    expect(() => open.get("x")).toThrow(/was closed; open a new SafetensorsFile/);
  });

  it("never crashes or hangs on damaged bytes: it reads or says safetensors: …", () => {
    const good = join1(
      serializeSafetensors(
        new Map([
          ["a", array([1, 2])],
          ["b", fromStorage(Int32Array.of(3), [1, 1])],
        ]),
      ),
    );
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(good.length), (edits, length) => {
        const bytes = good.slice(0, length % 3 === 0 ? length : good.length);
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        try {
          parseSafetensors(bytes);
        } catch (error) {
          expect((error as Error).message).toMatch(/^safetensors: /);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
