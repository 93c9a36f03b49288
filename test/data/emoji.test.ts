import { describe, expect, it } from "vitest";
import {
  EMOJI_GROUPS,
  EMOJI_STYLES,
  type Emoji,
  type EmojiGroup,
  type EmojiStyle,
  emojiSvg,
  readEmoji,
  renderEmoji,
  splitEmoji,
} from "../../src/data";
import { drawings } from "../../src/data/emoji-drawings";

const everyone = readEmoji();
const named = (label: string) => everyone.find(({ label: { en } }) => en === label) as Emoji;

describe("readEmoji", () => {
  it("reads names in two languages, keywords, groups and who has drawn it", () => {
    expect(everyone.length).toBe(1594);
    const apple = named("red apple");
    expect(apple).toMatchObject({
      code: "1f34e",
      emoji: "🍎",
      label: { en: "red apple", ru: "красное яблоко" },
      group: "food-drink",
      subgroup: "food-fruit",
      concept: "red apple",
      styles: EMOJI_STYLES,
    });
    expect(apple.tags.en).toContain("fruit");
    expect(apple.tags.ru).toContain("фрукт");
    const notRussian = everyone.filter(({ label }) => !/[а-яё]/i.test(label.ru));
    expect(notRussian.map(({ label }) => label.ru)).toEqual(["CD", "DVD"]);
    expect(new Set(everyone.map(({ group }) => group))).toEqual(new Set(EMOJI_GROUPS));
    expect(new Set(everyone.map(({ code }) => code)).size).toBe(1594);
  });

  it("picks groups and styles", () => {
    const food = readEmoji({ groups: ["food-drink"] });
    expect(food.every(({ group }) => group === "food-drink")).toBe(true);
    expect(readEmoji({ groups: ["food-drink"], limit: 5 })).toEqual(food.slice(0, 5));
    expect(readEmoji({ styles: ["openmoji"] }).length).toBe(1914);
    expect(readEmoji({ styles: [] }).length).toBe(1914);
    // What the notes of the data call the part that 32 pixels can show.
    const plain = EMOJI_GROUPS.filter((group) => !["people-body", "symbols", "flags"].includes(group));
    expect(readEmoji({ groups: plain }).length).toBe(1021);
    expect(() => readEmoji({ groups: ["food" as EmojiGroup] })).toThrow('groups among "smileys-emotion"');
    expect(() => readEmoji({ styles: ["apple" as EmojiStyle] })).toThrow('styles among "noto", "fluent"');
  });

  it("gives one concept to people who differ in nothing but who they are", () => {
    const concepts = (...labels: string[]) => labels.map((label) => named(label).concept);
    expect(concepts("teacher", "man teacher", "woman teacher")).toEqual(["teacher", "teacher", "teacher"]);
    expect(concepts("man", "woman: red hair", "person: beard")).toEqual(["person", "person", "person"]);
    expect(new Set(concepts("man walking", "woman walking: facing right")).size).toBe(1);
    expect(new Set(concepts("left arrow", "up-right arrow")).size).toBe(1);
    expect(new Set(concepts("red apple", "green apple")).size).toBe(2);
  });
});

describe("renderEmoji", () => {
  it("draws each style in its colours, on the background", async () => {
    const apple = named("red apple");
    for (const style of EMOJI_STYLES) {
      const picture = await renderEmoji([apple], { style });
      expect(picture.shape).toEqual([1, 3, 32, 32]);
      const [red, green, blue] = [0, 1, 2].map((c) => picture.select(1, c).mean().item());
      expect(red).toBeGreaterThan(green + 0.1);
      expect(red).toBeGreaterThan(blue + 0.1);
      expect(Array.from(picture.select(3, 0).select(2, 0).flat())).toEqual([1, 1, 1]); // a corner
    }
  }, 60_000);

  it("answers the same from the disk, in the order asked for", async () => {
    const [pear, apple, car] = ["pear", "red apple", "automobile"].map(named);
    const once = await renderEmoji([apple, car, pear]);
    const again = await renderEmoji([pear, apple, apple]);
    expect(again.select(0, 0).flat()).toEqual(once.select(0, 2).flat());
    expect(again.select(0, 1).flat()).toEqual(once.select(0, 0).flat());
    expect(again.select(0, 2).flat()).toEqual(once.select(0, 0).flat());
    expect(once.select(0, 0).sub(once.select(0, 1)).abs().max().item()).toBeGreaterThan(0.1);
  }, 60_000);

  it("refuses nonsense", async () => {
    const onlyOpen = readEmoji({ styles: ["openmoji"] }).find(
      ({ styles }) => !styles.includes("noto"),
    ) as Emoji;
    await expect(renderEmoji([onlyOpen])).rejects.toThrow("an emoji that noto has drawn");
    await expect(renderEmoji([{} as Emoji])).rejects.toThrow("emoji as readEmoji gives them");
    await expect(renderEmoji(everyone, { size: 2.5 })).rejects.toThrow("size to be a whole number");
    await expect(renderEmoji(everyone, { size: 4096 })).rejects.toThrow("at most 512 pixels");
    await expect(renderEmoji(everyone, { background: [255, 0, 0] })).rejects.toThrow("0 to 1 each");
  });
});

describe("emojiSvg", () => {
  it("gives the drawing of each style", () => {
    const sizes = { noto: 128, fluent: 32, twemoji: 36, openmoji: 72 };
    for (const style of EMOJI_STYLES) {
      const svg = emojiSvg(named("red apple"), style);
      expect(svg).toMatch(/^<svg .*<path .*<\/svg>$/s);
      expect(svg).toContain(`viewBox="0 0 ${sizes[style]} ${sizes[style]}"`);
    }
  });
});

describe("splitEmoji", () => {
  it("lets no concept and no drawing into both parts, whatever the seed", () => {
    const svgs = EMOJI_STYLES.map((style) => drawings("test", style));
    const plain = (svg: string | undefined) => svg?.replace(/svgID\w+/g, "");
    for (const seed of [0, 1, 2]) {
      const { train, validation } = splitEmoji(everyone, { validation: 0.2, seed });
      expect(train.length + validation.length).toBe(1594);
      expect(validation.length).toBeGreaterThan(250);
      expect(validation.length).toBeLessThan(390);
      const concepts = new Set(train.map(({ group, concept }) => `${group} ${concept}`));
      expect(validation.filter(({ group, concept }) => concepts.has(`${group} ${concept}`))).toEqual([]);
      for (const svg of svgs) {
        const drawn = new Set(train.map(({ code }) => plain(svg(code))));
        expect(validation.filter(({ code }) => drawn.has(plain(svg(code))))).toEqual([]);
      }
    }
  }, 60_000);

  it("splits alike from one seed, otherwise from another, and leaves something on both sides", () => {
    const food = readEmoji({ groups: ["food-drink"] });
    expect(splitEmoji(food, { seed: 3 })).toEqual(splitEmoji(food, { seed: 3 }));
    expect(splitEmoji(food, { seed: 3 })).not.toEqual(splitEmoji(food, { seed: 4 }));
    const two = splitEmoji(food.slice(0, 2), { validation: 0.99 });
    expect([two.train.length, two.validation.length]).toEqual([1, 1]);
    expect(() => splitEmoji([food[0]])).toThrow("expected at least 2 concepts, got 1");
    expect(() => splitEmoji(food, { validation: 1 })).toThrow("a validation share between 0 and 1");
    const teachers = everyone.filter(({ concept }) => concept === "teacher");
    expect(() => splitEmoji(teachers)).toThrow("expected at least 2 concepts, got 1");
  }, 60_000);
});
