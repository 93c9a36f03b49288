import { check, checkMethods, checkOptions, expected, Generator } from "../../tensor";
import { type AnyTraining, type Encoded, exchange, reply, WAYS, type Way } from "./anything";
import type { PictureCodec, SoundCodec } from "./codec";
import { routeTokens, type Segment } from "./exercises/route-tokens";
import { captionOf, type Exhibit, nameOf } from "./gallery";
import type { Judge } from "./judge";
import { checkMany } from "./kept";

/** How often what came was what was asked for, of each way from one modality to another, 0 to 1. */
export interface WayScore {
  readonly way: Way;
  readonly right: number;
  /**
   * The same answers held against what others were asked for: what one gets who answers well, but has not listened. It is the
   * chance of this model's own habits.
   */
  readonly deaf: number;
  /** How often the thing was right, whatever its size and light: one of seven. */
  readonly thing: number;
}

/** What decodes, and who judges it. */
export interface Judged {
  readonly pictures: PictureCodec;
  readonly sounds: SoundCodec;
  readonly judge: Judge;
}

export interface ScoreParts extends Judged {
  readonly talker: Pick<AnyTraining, "model" | "words">;
  readonly seed?: number;
}

function checkJudged(op: string, { pictures, sounds, judge }: Judged): void {
  for (const codec of [pictures, sounds]) checkMethods(op, "a codec with decode", codec, ["decode"]);
  checkMethods(op, "a judge with see and hear", judge, ["see", "hear"]);
}

/** Of the likeliest codes of a sound, so many have a chance: the likeliest alone soon repeats itself for ever. */
const SOUND_LUCK = 4;

/**
 * Ask everything of every one of `test`, and let the judge say what came. Words and pictures are made of the likeliest token
 * each time, sounds of one of the four likeliest.
 */
export function scoreWays(test: readonly Encoded[], parts: ScoreParts): WayScore[] {
  const op = "scoreWays";
  check(op, "test", test, "objects");
  if (test.length === 0) throw expected(op, "something to ask about", test);
  checkOptions(
    op,
    parts,
    "talker, pictures, sounds, judge",
    { talker: "object", pictures: "object", sounds: "object", judge: "object", seed: "integer" },
    ["talker", "pictures", "sounds", "judge"],
  );
  const { talker, pictures, sounds, judge, seed = 5 } = parts;
  checkMethods(op, "a talker's model, which generates", talker.model, ["generate"]);
  checkMethods(op, "a talker's AnyWords", talker.words, ["prompt", "encode"]);
  checkJudged(op, parts);
  const generator = new Generator(seed);
  return WAYS.map((way): WayScore => {
    const verdicts = test.map((encoded) => {
      const { asked } = exchange(way, encoded);
      const luck = way.endsWith("to sound") ? SOUND_LUCK : 1;
      const { segments } = reply(talker, talker.words.prompt(asked), routeTokens, generator, luck);
      return verdictOn(segments, way.split(" ").at(-1)!);
    });
    const share = (isRight: (verdict: string, exhibit: Exhibit) => boolean, shift = 0) =>
      verdicts.filter((verdict, i) => isRight(verdict, test[(i + shift) % test.length].exhibit)).length /
      test.length;
    const isWanted = (verdict: string, exhibit: Exhibit) => verdict === wanted(way, exhibit);
    const shifts = Array.from({ length: test.length - 1 }, (_, i) => share(isWanted, i + 1));
    return {
      way,
      right: share(isWanted),
      deaf: shifts.reduce((sum, one) => sum + one, 0) / Math.max(1, shifts.length),
      thing: share((verdict, exhibit) => ` ${verdict} `.includes(` ${nameOf(exhibit)} `)),
    };
  });

  /** What the answer shows, says or sounds like, in words; none where it is of another modality, or of several. */
  function verdictOn(segments: readonly Segment[], modality: string): string {
    const [segment] = segments;
    if (segments.length !== 1 || segment.modality !== modality) return "";
    const { codes } = segment;
    if (modality === "text") return talker.words.text.decode(codes);
    return modality === "picture"
      ? captionOf(judge.see(pictures.decode([whole(codes, pictures.length)]).select(0, 0)))
      : nameOf({ sound: judge.hear(sounds.decode([whole(codes, sounds.length)], generator).select(0, 0)) });
  }
}

/**
 * What the judge still knows again of pictures and sounds that went through their codecs and back, 0 to 1: more cannot be
 * had of a model that writes codes.
 */
export function leftByCodecs(test: readonly Encoded[], parts: Judged): { picture: number; sound: number } {
  const op = "leftByCodecs";
  check(op, "test", test, "objects");
  if (test.length === 0) throw expected(op, "something that was encoded", test);
  checkOptions(
    op,
    parts,
    "pictures, sounds, judge",
    { pictures: "object", sounds: "object", judge: "object" },
    ["pictures", "sounds", "judge"],
  );
  const { pictures, sounds, judge } = parts;
  checkJudged(op, parts);
  const drawn = pictures.decode(test.map(({ picture }) => picture));
  const played = sounds.decode(
    test.map(({ sound }) => sound),
    new Generator(1),
  );
  const share = (isKnown: (exhibit: Exhibit, i: number) => boolean) =>
    test.filter(({ exhibit }, i) => isKnown(exhibit, i)).length / test.length;
  return {
    picture: share((exhibit, i) => captionOf(judge.see(drawn.select(0, i))) === captionOf(exhibit)),
    sound: share((exhibit, i) => judge.hear(played.select(0, i)) === exhibit.sound),
  };
}

/** As many codes as a picture or sound has: those too many are cut, and the last one goes on where some are missing. */
export function whole(codes: readonly number[], length: number): number[] {
  check("whole", "codes", codes, "numbers");
  check("whole", "length", length, "size");
  checkMany("whole", "length", length);
  if (codes.length === 0) throw expected("whole", "at least one code", codes);
  return Array.from({ length }, (_, i) => codes[Math.min(i, codes.length - 1)]);
}

const wanted = (way: Way, exhibit: Exhibit): string =>
  way.endsWith("to sound")
    ? nameOf(exhibit)
    : way === "sound to text"
      ? `a ${nameOf(exhibit)}`
      : captionOf(exhibit);
