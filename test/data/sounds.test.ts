import { describe, expect, it } from "vitest";
import { SOUND_KINDS, SOUND_RATE, soundEffect } from "../../src/data";
import { Generator } from "../../src/tensor";

describe("sound effects", () => {
  it.each(SOUND_KINDS)("%s: the same generator makes the same sound, the next state another", (kind) => {
    const before = Math.random;
    const generator = new Generator(4);
    const [first, second] = [soundEffect(kind, generator), soundEffect(kind, generator)];
    expect(Math.random).toBe(before);
    expect(soundEffect(kind, new Generator(4)).toArray()).toEqual(first.toArray());
    expect(second.sub(first).abs().max().item()).toBeGreaterThan(0.1);
    expect(first.shape).toEqual([6144]);
    expect(first.abs().max().item()).toBeCloseTo(0.8, 5);
  });

  it("are as long as is wanted, without NaN", () => {
    for (let seed = 0; seed < 20; seed++)
      for (const kind of SOUND_KINDS) {
        const sound = soundEffect(kind, new Generator(seed), { samples: 1000 });
        expect(sound.shape).toEqual([1000]);
        expect(sound.isFinite().all().item()).toBe(1);
      }
  });

  it("refuse what they do not know", () => {
    expect(() => soundEffect("bark" as "coin", new Generator(1))).toThrow(/^soundEffect: expected kind/);
    expect(() => soundEffect("coin", new Generator(1), { samples: 11 * SOUND_RATE })).toThrow(
      "soundEffect: expected 10 seconds of samples at most",
    );
  });
});
