import { describe, expect, it } from "vitest";
import { noGrad } from "../../../src/autograd";
import { readScenes } from "../../../src/data";
import {
  AnyWords,
  captionOf,
  EXHIBITS,
  exchange,
  fromSpectrogram,
  judgeOf,
  KEPT,
  leftByCodecs,
  majorityAnswers,
  openGallery,
  PictureCodec,
  pixelsOf,
  playAll,
  Seer,
  SHOWN,
  SoundCodec,
  scoreWays,
  spectrogram,
  ViTEyes,
  WAYS,
  whole,
} from "../../../src/lectures/beyond";
import { howMany, talkWords, where } from "../../../src/lectures/beyond/talk";
import { TalkWords } from "../../../src/lectures/beyond/words";
import { arange, array, Generator, type NDArray } from "../../../src/tensor";

const options = { vocabSize: 11, contextLength: 7, embedDim: 12, numHeads: 3, numLayers: 2, imageSize: 16 };
const images = new Generator(1).uniform([2, 3, 16, 16]);
const ids = array(
  [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ],
  { dtype: "int32" },
);

describe("a GPT with eyes", () => {
  it.each(["patches", "convolutions"] as const)(
    "sees with %s, and words do not see the words after them",
    (eyes) => {
      const model = new Seer({ ...options, eyes });
      const logits = (pictures = images, words = ids) =>
        model.evaluating(() => noGrad(() => model.forward(pictures, words))).data;
      const before = logits();
      expect(before.shape).toEqual([2, 4, 11]);
      expect(logits(images.neg().add(1)).sub(before).abs().max().item()).toBeGreaterThan(1e-4);
      const other = ids.clone();
      other.set([0, 3], 9);
      const change = logits(images, other).sub(before).abs();
      expect(change.narrow(1, 0, 3).max().item()).toBeLessThan(1e-6);
      expect(change.max().item()).toBeGreaterThan(1e-4);
    },
  );

  it("sees with the ViT of lecture 06, with what that has learned", () => {
    const model = new Seer({ ...options, imageSize: 32, eyes: "ViT" });
    const eyes = ViTEyes.pretrained(options.embedDim);
    model.eyes!.loadStateDict(eyes.stateDict());
    const large = new Generator(1).uniform([2, 3, 32, 32]);
    const logits = model.evaluating(() => noGrad(() => model.forward(large, ids))).data;
    expect(logits.shape).toEqual([2, 4, 11]);
    expect(model.eyes!.stateDict().get("vit.norm.weight")!.toArray()).toEqual(
      eyes.vit.stateDict().get("norm.weight")!.toArray(),
    );
    expect(() => model.forward(images, ids)).toThrow("Seer: expected images (2, 3, 32, 32)");
  });

  it("is blind without eyes, and answers up to the end or to the length of its context", () => {
    const model = new Seer({ ...options, eyes: "none" });
    const [a, b] = [images, images.mul(0)].map((x) => noGrad(() => model.forward(x, ids)).data);
    expect(a.toArray()).toEqual(b.toArray());
    const answers = model.answer(images, [[1, 2], [3]], 10);
    for (const [i, answer] of answers.entries()) expect(answer.length).toBeLessThanOrEqual(7 - (2 - i));
    expect(model.training).toBe(true);
  });
});

describe("talk about scenes", () => {
  it("has a word for all that it says, and answers that are true", async () => {
    const source = await readScenes();
    const words = new TalkWords(talkWords(source));
    const scene = {
      groups: [
        { kind: "car", variety: "taxi", colour: null, count: 2 },
        { kind: "shape", variety: "star", colour: "red", count: 3 },
      ],
      relation: "left of",
      light: "night",
    } as const;
    expect(howMany(scene, "car")).toMatchObject({
      question: "how many cars are in this picture ?",
      answer: "two",
    });
    expect(howMany(scene, "fruit").answer).toBe("none");
    expect(where(scene)).toMatchObject({ question: "what is left of the shapes ?", answer: "two taxis" });
    const { inputs, targets } = words.rows([[howMany(scene, "car")]], 14);
    const end = words.id("<end>");
    expect(words.decode(Array.from(inputs.flat()))).toBe(
      "<ask> how many cars are in this picture ? <say> two",
    );
    expect(Array.from(targets.flat()).filter((id) => id !== -100)).toEqual([words.id("two"), end]);
    expect(targets.get([0, 9])).toBe(words.id("two")); // said where <say> stands
  });
});

describe("any to any", () => {
  it("keeps two combinations of each thing, with every size and light among them", () => {
    expect([EXHIBITS.length, SHOWN.length, KEPT.length]).toEqual([56, 42, 14]);
    for (const field of ["sound", "size", "light"] as const)
      expect(new Set(KEPT.map((one) => one[field])).size).toBe(
        new Set(EXHIBITS.map((one) => one[field])).size,
      );
  });

  it("numbers words, pictures and sounds one behind another", () => {
    const words = new AnyWords(20, 10);
    const { text } = words.sizes;
    expect(words.size).toBe(text + 30);
    expect(words.encode({ picture: [0, 19] })).toEqual([text, text + 19]);
    expect(words.encode({ sound: [0, 9] })).toEqual([text + 20, text + 29]);
    const encoded = { exhibit: EXHIBITS[0], picture: [1, 2], sound: [3] };
    for (const way of WAYS) {
      const { inputs, targets } = words.rows([[exchange(way, encoded)]], 30);
      expect(inputs.max().item()).toBeLessThan(words.size);
      expect(targets.ne(-100).any().item()).toBe(1);
    }
  });

  it("has rows as long as the longest dialogue, and no dialogue that is longer than it may be", () => {
    const words = new AnyWords(20, 10);
    const encoded = { exhibit: EXHIBITS[0], picture: [1, 2], sound: [3] };
    const [short, long] = [exchange("text to sound", encoded), exchange("text to picture", encoded)];
    const { inputs, targets } = words.rows([[short], [short, long]], 40);
    const all = [short, long].flatMap(({ asked, said }) => [
      ...words.prompt(asked),
      ...words.encode(said),
      1,
    ]);
    expect(inputs.shape).toEqual([2, all.length - 1]);
    expect(inputs.select(0, 1).toArray()).toEqual(all.slice(0, -1));
    expect(targets.get([1, all.length - 2])).toBe(words.text.id("<end>"));
    expect(() => words.rows([[short, long]], 5)).toThrow(
      "AnyWords.rows: expected dialogues of at most 6 tokens",
    );
    expect(() => words.encode({ picture: [20] })).toThrow("codes of a picture from 0 to 19");
  });

  it("counts no answer as right that comes in another modality than was asked for", async () => {
    const gallery = await openGallery();
    const words = new AnyWords(4, 3);
    const test = KEPT.slice(0, 3).map((exhibit) => ({
      exhibit,
      picture: Array.from({ length: 16 }, () => 1),
      sound: Array.from({ length: 24 }, () => 2),
    }));
    let asked = 0;
    /** Says the right words, whatever is wanted. */
    const model = {
      generate: (context: readonly number[]) => {
        const { exhibit } = test[asked++ % test.length];
        return [...context, ...words.encode(captionOf(exhibit)), words.text.id("<end>")];
      },
    };
    const scores = scoreWays(test, {
      talker: { model: model as never, words },
      ...{ pictures: new PictureCodec(4), sounds: new SoundCodec(3), judge: judgeOf(gallery) },
    });
    const right = Object.fromEntries(scores.map(({ way, right, thing }) => [way, [right, thing]]));
    expect(right).toEqual({
      "text to picture": [0, 0],
      "picture to text": [1, 1],
      "text to sound": [0, 0],
      "sound to text": [0, 1],
      "sound to picture": [0, 0],
      "picture to sound": [0, 0],
    });
  });

  it("tells what codecs leave of pictures and sounds", async () => {
    const gallery = await openGallery();
    const some = KEPT.slice(0, 6);
    const test = some.map((exhibit) => ({ exhibit, picture: [0], sound: [0] }));
    const [drawn, played] = [gallery.drawAll(some, new Generator(2)), playAll(some, new Generator(2))];
    const judge = {
      ...judgeOf(gallery),
      hear: (sound: NDArray) => (sound.get([0]) === played.get([0, 0]) ? some[0].sound : some[5].sound),
    };
    const left = (order: number[]) => {
      const index = array(order, { dtype: "int32" });
      const codec = (all: NDArray) => ({ decode: () => all.indexSelect(0, index) }) as never;
      return leftByCodecs(test, { pictures: codec(drawn), sounds: codec(played), judge });
    };
    expect(left([0, 1, 2, 3, 4, 5]).picture).toBe(1);
    expect(left([0, 1, 2, 3, 5, 4]).picture).toBe(4 / 6);
    const isLike = (one: number) => some.filter(({ sound }) => sound === some[one].sound).length;
    expect(left([0, 0, 0, 0, 0, 0]).sound).toBe(isLike(0) / 6);
    expect(() => leftByCodecs([], {} as never)).toThrow("leftByCodecs: expected something that was encoded");
  });

  it("refuses lists with holes, and numbers that nobody waits for", async () => {
    const source = await readScenes();
    expect(() => pixelsOf(new Array(2))).toThrow("pixelsOf: expected scenes to be a list of objects");
    expect(() => whole([1], 2 ** 60)).toThrow("whole: expected length of at most 100000");
    expect(() => majorityAnswers(source, 1, 1e9)).toThrow("majorityAnswers: expected count of at most");
  });

  it("knows real pictures and most real sounds", async () => {
    const gallery = await openGallery();
    const judge = judgeOf(gallery);
    for (const exhibit of KEPT) expect(judge.see(gallery.draw(exhibit, new Generator(3)))).toEqual(exhibit);
    expect(judge.hearsRight(5)).toBeGreaterThan(0.6);
  });

  it("finds a sound again from how loud which frequency is", () => {
    const tone = arange(0, 2048, 1)
      .mul((2 * Math.PI * 440) / 8820)
      .sin()
      .mul(0.5)
      .unsqueeze(0);
    const spectra = spectrogram(tone);
    expect(spectra.shape).toEqual([1, 16, 129]);
    const loudest = spectra.mean(1).argmax().item();
    expect(loudest).toBe(Math.round((440 / 8820) * 256));
    const again = spectrogram(fromSpectrogram(spectra, new Generator(1)));
    const inner = (x: typeof spectra) => x.narrow(1, 2, 12);
    expect(inner(again).sub(inner(spectra)).abs().mean().item()).toBeLessThan(0.1);
    expect(() => spectrogram(tone.narrow(1, 0, 100))).toThrow("spectrogram: expected sounds (N, samples)");
  });
});
