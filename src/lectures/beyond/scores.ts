import { Generator } from "../../tensor";
import { type AnyTraining, type Encoded, exchange, reply, WAYS, type Way } from "./anything";
import type { PictureCodec, SoundCodec } from "./codec";
import { routeTokens, type Segment } from "./exercises/route-tokens";
import { captionOf, type Exhibit, nameOf } from "./gallery";
import type { Judge } from "./judge";

/** How often what came was what was asked for, of each way from one modality to another, 0 to 1. */
export interface WayScore {
  readonly way: Way;
  readonly right: number;
  /**
   * The same answers held against what others were asked for: what one gets who answers well, but has not listened. It is the
   * chance of this model's own habits.
   */
  readonly deaf: number;
}

export interface ScoreParts {
  readonly talker: Pick<AnyTraining, "model" | "words">;
  readonly pictures: PictureCodec;
  readonly sounds: SoundCodec;
  readonly judge: Judge;
  readonly seed?: number;
}

/** Ask everything of every one of `test`, with the likeliest token each time, and let the judge say what came. */
export function scoreWays(test: readonly Encoded[], parts: ScoreParts): WayScore[] {
  const { talker, pictures, sounds, judge, seed = 5 } = parts;
  const generator = new Generator(seed);
  return WAYS.map((way): WayScore => {
    const verdicts = test.map((encoded) => {
      const { asked } = exchange(way, encoded);
      const { segments } = reply(talker, talker.words.prompt(asked), routeTokens, generator, 1);
      return verdictOn(segments);
    });
    const share = (shift: number) => {
      const isRight = (_: Encoded, i: number) => {
        const { exhibit } = test[(i + shift) % test.length];
        return verdicts[i] !== null && verdicts[i] === wanted(way, exhibit);
      };
      return test.filter(isRight).length / test.length;
    };
    const shifts = Array.from({ length: test.length - 1 }, (_, i) => share(i + 1));
    return {
      way,
      right: share(0),
      deaf: shifts.reduce((sum, one) => sum + one, 0) / Math.max(1, shifts.length),
    };
  });

  /** What the answer shows, says or sounds like, in words; null where it is no whole picture, sound or text. */
  function verdictOn(segments: readonly Segment[]): string | null {
    if (segments.length !== 1) return null;
    const [{ modality, codes }] = segments;
    if (modality === "text") return talker.words.text.decode(codes);
    if (modality === "picture")
      return codes.length === pictures.length
        ? captionOf(judge.see(pictures.decode([codes]).select(0, 0)))
        : null;
    if (codes.length !== sounds.length) return null;
    return nameOf({ sound: judge.hear(sounds.decode([codes], generator).select(0, 0)) });
  }
}

const wanted = (way: Way, exhibit: Exhibit): string =>
  way.endsWith("to sound")
    ? nameOf(exhibit)
    : way === "sound to text"
      ? `a ${nameOf(exhibit)}`
      : captionOf(exhibit);
