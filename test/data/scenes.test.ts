import { describe, expect, it } from "vitest";
import {
  EMOJI_STYLES,
  readScenes,
  SCENE_LIGHTS,
  SCENE_RELATIONS,
  type Scene,
  type SceneSpec,
  sceneCaption,
  sceneKey,
} from "../../src/data";
import { Generator } from "../../src/tensor";

const scenes = await readScenes();

const apple = { kind: "fruit", variety: "apple", colour: "red", count: 1 };
const taxis = { kind: "car", variety: "taxi", colour: null, count: 2 };
const elephant = { kind: "animal", variety: "elephant", colour: null, count: 1 };
const spec: SceneSpec = { groups: [apple, taxis], relation: "left of", light: "day" };

describe("captions and keys", () => {
  it("say what is seen, in English", () => {
    expect(sceneCaption(spec)).toBe("a red apple left of two taxis");
    expect(sceneCaption(spec, { light: true })).toBe("a red apple left of two taxis by day");
    const alone: SceneSpec = { groups: [elephant], relation: null, light: "night" };
    expect(sceneCaption(alone, { light: true })).toBe("an elephant at night");
    const buses: SceneSpec = {
      groups: [{ kind: "car", variety: "bus", colour: "blue", count: 3 }, elephant],
      relation: "above",
      light: "morning",
    };
    expect(sceneCaption(buses)).toBe("three blue buses above an elephant");
  });

  it("a key tells all scenes apart that show something else, but for the light", () => {
    expect(sceneKey(spec)).toBe("1 red apple | left of | 2 taxi");
    expect(sceneKey({ ...spec, light: "night" })).toBe(sceneKey(spec));
    const generator = new Generator(5);
    const shown = (one: SceneSpec) => JSON.stringify([one.groups, one.relation]);
    const specs = Array.from({ length: 3000 }, () => scenes.spec(generator));
    expect(new Set(specs.map(sceneKey)).size).toBe(new Set(specs.map(shown)).size);
    expect(new Set(specs.map((one) => sceneCaption(one))).size).toBe(new Set(specs.map(shown)).size);
  });

  it("refuse what cannot be drawn, in words", () => {
    const bad = (changes: object) => () => sceneCaption({ ...spec, ...changes } as SceneSpec);
    expect(bad({ groups: [] })).toThrow("one or two groups");
    expect(bad({ groups: [apple] })).toThrow("relation null where there is one group");
    expect(bad({ relation: null })).toThrow('relation "left of", "right of", "above" or "below"');
    expect(bad({ groups: [apple, { ...taxis, colour: "red" }] })).toThrow("null as colour of the taxi");
    expect(bad({ groups: [{ ...apple, colour: null }, taxis] })).toThrow('colour of the apple "red"');
    expect(bad({ groups: [apple, { ...taxis, count: 4 }] })).toThrow("a count of 1, 2 or 3");
    expect(bad({ groups: [apple, { ...taxis, variety: "taxis" }] })).toThrow('did you mean "taxi"');
    expect(bad({ groups: [apple, { ...taxis, kind: "toString" }] })).toThrow("kind");
    expect(bad({ light: "noon" })).toThrow("light");
    expect(() => sceneKey(null as never)).toThrow("groups, relation, light");
  });
});

describe("random scenes", () => {
  const generator = new Generator(1);
  const some = Array.from({ length: 400 }, () => scenes.random(generator));

  it("are the same again from the same seed, and others from another", () => {
    const again = (seed: number) => scenes.random(new Generator(seed));
    expect(again(1).pixels).toEqual(some[0].pixels);
    expect(again(1).caption).toBe(some[0].caption);
    expect(again(2).pixels).not.toEqual(some[0].pixels);
  });

  it("show all that there is, groups of two kinds", () => {
    const groups = some.flatMap((scene) => scene.groups);
    expect(new Set(groups.map(({ kind }) => kind))).toEqual(new Set(scenes.kinds));
    expect(new Set(groups.map(({ variety }) => variety)).size).toBe(
      scenes.kinds.flatMap((kind) => scenes.varieties(kind)).length,
    );
    expect(new Set(groups.map(({ count }) => count))).toEqual(new Set([1, 2, 3]));
    expect(new Set(some.map(({ light }) => light))).toEqual(new Set(SCENE_LIGHTS));
    expect(new Set(some.map(({ relation }) => relation))).toEqual(new Set([...SCENE_RELATIONS, null]));
    for (const { groups } of some) expect(new Set(groups.map(({ kind }) => kind)).size).toBe(groups.length);
    for (const { colour, kind, variety } of groups)
      expect(colour !== null).toBe(scenes.isPainted(kind, variety));
  });

  it("stand as the relation says, apart from one another, inside the picture", () => {
    for (const { groups, relation } of some) {
      const boxes = groups.map(({ objects }) => objects.map(({ box }) => box));
      for (const [x0, y0, x1, y1] of boxes.flat()) {
        expect(Math.min(x0, y0)).toBeGreaterThanOrEqual(0);
        expect(Math.max(x1, y1)).toBeLessThanOrEqual(32);
        expect(Math.min(x1 - x0, y1 - y0)).toBeGreaterThan(2);
      }
      const all = boxes.flat();
      for (const [i, a] of all.entries())
        for (const b of all.slice(i + 1))
          expect(a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1]).toBe(true);
      if (relation === null) continue;
      const [first, second] = boxes;
      const holds = {
        "left of": Math.max(...first.map((box) => box[2])) <= Math.min(...second.map((box) => box[0])),
        "right of": Math.max(...second.map((box) => box[2])) <= Math.min(...first.map((box) => box[0])),
        above: Math.max(...first.map((box) => box[3])) <= Math.min(...second.map((box) => box[1])),
        below: Math.max(...second.map((box) => box[3])) <= Math.min(...first.map((box) => box[1])),
      };
      expect(holds[relation]).toBe(true);
    }
  });

  it("have a mask that fills the boxes and nothing else", () => {
    for (const { mask, groups } of some.slice(0, 60)) {
      const kinds = mask.flat();
      const boxes = groups.flatMap(({ objects }) => objects);
      const inside = new Set<number>();
      for (const { kind, box } of boxes) {
        const [x0, y0, x1, y1] = box;
        const seen = { columns: new Set<number>(), rows: new Set<number>() };
        for (let y = y0; y < y1; y++)
          for (let x = x0; x < x1; x++) {
            inside.add(y * 32 + x);
            if (kinds[y * 32 + x] === 0) continue;
            expect(kinds[y * 32 + x]).toBe(1 + scenes.kinds.indexOf(kind));
            seen.columns.add(x);
            seen.rows.add(y);
          }
        for (const edge of [x0, x1 - 1]) expect(seen.columns).toContain(edge);
        for (const edge of [y0, y1 - 1]) expect(seen.rows).toContain(edge);
      }
      for (let i = 0; i < kinds.length; i++) if (!inside.has(i)) expect(kinds[i]).toBe(0);
    }
  });

  it("leave out what is excluded, and say when nothing is left", () => {
    const exclude = ({ groups }: SceneSpec) => groups.some(({ kind }) => kind === "car");
    const without = Array.from({ length: 200 }, () => scenes.spec(generator, { exclude }));
    expect(without.some(exclude)).toBe(false);
    expect(() => scenes.spec(generator, { exclude: () => true })).toThrow("to leave scenes over");
    const pairs = Array.from({ length: 50 }, () => scenes.spec(generator, { groups: 2 }));
    expect(pairs.every(({ groups }) => groups.length === 2)).toBe(true);
  });
});

describe("drawing", () => {
  /** Mean red, green and blue where the mask is not 0, or where it is. */
  const mean = ({ pixels, mask }: Scene, isThing: boolean) => {
    const [values, kinds] = [pixels.flat(), mask.flat()];
    const places = Array.from(kinds.keys()).filter((i) => kinds[i] > 0 === isThing);
    const plane = kinds.length;
    return [0, 1, 2].map((c) => places.reduce((sum, i) => sum + values[c * plane + i], 0) / places.length);
  };
  const draw = (one: object, light: SceneSpec["light"], seed = 1) =>
    scenes.draw({ groups: [{ ...apple, ...one }], relation: null, light }, new Generator(seed));

  it("paints: a colour is seen in every style and every light", async () => {
    for (const style of EMOJI_STYLES) {
      const source = await readScenes({ style });
      for (const light of SCENE_LIGHTS) {
        const seen = (colour: string) =>
          mean(
            source.draw({ groups: [{ ...apple, colour }], relation: null, light }, new Generator(2)),
            true,
          );
        const [red, green, blue] = ["red", "green", "blue"].map(seen);
        expect(Math.max(...red)).toBe(red[0]);
        expect(Math.max(...green)).toBe(green[1]);
        expect(Math.max(...blue)).toBe(blue[2]);
      }
    }
  });

  it("the light is seen in the background and on the things", () => {
    const bright = (rgb: number[]) => rgb[0] + rgb[1] + rgb[2];
    const [day, evening, night] = (["day", "evening", "night"] as const).map((light) => draw({}, light));
    expect(bright(mean(day, false))).toBeGreaterThan(bright(mean(evening, false)));
    expect(bright(mean(evening, false))).toBeGreaterThan(1.5 * bright(mean(night, false)));
    expect(bright(mean(day, true))).toBeGreaterThan(bright(mean(night, true)));
    expect(day.mask).toEqual(night.mask);
  });

  it("comes in any size and style", async () => {
    for (const size of [16, 33, 48]) {
      const source = await readScenes({ size, style: "openmoji" });
      for (let seed = 0; seed < 20; seed++) {
        const { pixels, mask } = source.random(new Generator(seed));
        expect([pixels.shape, mask.shape, mask.dtype]).toEqual([[3, size, size], [size, size], "int32"]);
        expect(pixels.min().item()).toBeGreaterThanOrEqual(0);
        expect(pixels.max().item()).toBeLessThanOrEqual(1);
      }
    }
    await expect(readScenes({ size: 8 })).rejects.toThrow("a size of 16 to 256 pixels");
    await expect(readScenes({ style: "apple" as never })).rejects.toThrow("style");
  });

  it("leaves the spec as it came, and shows all things of a group", () => {
    const scene = scenes.draw(spec, new Generator(4));
    expect(scene.groups.map(({ objects }) => objects.length)).toEqual([1, 2]);
    expect(scene).toMatchObject(spec);
    expect(Object.keys(spec.groups[0])).not.toContain("objects");
    expect(() => scenes.draw(spec, {} as never)).toThrow("generator");
  });
});
