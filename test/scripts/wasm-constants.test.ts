import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
// @ts-expect-error: a script, whose types may not be there
import { constantsFromMemory } from "../../scripts/build-wasm-constants.mjs";

/** Adds 2 to every fourth lane of a row of vectors, and 2 and 3 in a loop within a loop. */
const module = `(module
 (memory 1)
 (export "memory" (memory 0))
 (export "run" (func $run))
 (data $0 (i32.const 1024) "abcd")
 (func $run (param $0 i32) (param $1 i32) (result i32)
  (local $2 i32)
  loop $outer
   local.get $0
   v128.const i32x4 0x40000000 0x40000000 0x40000000 0x40000000
   local.get $0
   v128.load
   f32x4.add
   v128.store
   i32.const 0
   local.set $2
   loop $inner
    local.get $0
    local.get $0
    v128.load
    v128.const i32x4 0x40400000 0x40400000 0x40400000 0x40400000
    f32x4.add
    v128.const i32x4 0x40000000 0x40000000 0x40000000 0x40000000
    f32x4.add
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    f32x4.add
    v128.store
    local.get $2
    i32.const 1
    i32.add
    local.tee $2
    i32.const 2
    i32.lt_u
    br_if $inner
   end
   local.get $0
   i32.const 16
   i32.add
   local.tee $0
   local.get $1
   i32.lt_u
   br_if $outer
  end
  v128.const i32x4 0x41000000 0x41000000 0x41000000 0x41000000
  f32x4.extract_lane 0
  i32.trunc_f32_s
 )
)
`;

describe("constants from memory", () => {
  const changed: string = constantsFromMemory(module);

  it("are loaded before the innermost loop that uses them; zero, and what is in no loop, stays", () => {
    const [before, outer, inner] = changed.split(/loop \$\w+/);
    expect(before.match(/load32_splat/g)).toHaveLength(1);
    expect(outer.match(/load32_splat/g)).toHaveLength(2);
    expect(inner).not.toContain("load32_splat");
    expect(changed.match(/v128\.const/g)).toHaveLength(2);
  });

  it("compute the same", () => {
    const binary = (text: string) => {
      const parsed = binaryen.parseText(text);
      parsed.setFeatures(binaryen.Features.All);
      return parsed.emitBinary();
    };
    for (const text of [module, changed]) {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary(text) as BufferSource), {});
      const numbers = new Float32Array((exports.memory as WebAssembly.Memory).buffer, 0, 12);
      expect((exports.run as CallableFunction)(0, 32)).toBe(8);
      expect([...numbers]).toEqual([12, 12, 12, 12, 12, 12, 12, 12, 0, 0, 0, 0]);
    }
  });
});
