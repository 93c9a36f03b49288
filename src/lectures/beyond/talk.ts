import {
  SCENE_LIGHTS,
  type SceneGroupSpec,
  type SceneSource,
  type SceneSpec,
  sceneCaption,
  sceneKey,
} from "../../data";
import { check, type Generator } from "../../tensor";

/** What can be asked about a scene. "it" asks about what was just counted, without naming it. */
export const TALK_KINDS = ["caption", "how many", "what kind", "what colour", "it", "where", "when"] as const;
export type TalkKind = (typeof TALK_KINDS)[number];

/** What this lecture's scenes show, of all that could be drawn: fewer things are learned in fewer minutes. */
export const TALK_THINGS: readonly string[] = ["car", "fruit", "animal", "shape"];

/** A question and its answer, in words with blanks between them. */
export interface Turn {
  readonly kind: TalkKind;
  readonly question: string;
  readonly answer: string;
}

const COUNTS = ["none", "one", "two", "three"];

/** "two red buses" */
const named = (group: SceneGroupSpec): string =>
  sceneCaption({ groups: [group], relation: null, light: "day" });
/** "red buses", "red bus": of which only the name is wanted. */
const bare = (group: SceneGroupSpec): string =>
  named({ ...group, colour: null, count: group.count }).replace(/^\w+ /, "");

const nameOf = (group: SceneGroupSpec): string =>
  group.colour === null ? bare(group) : named(group).split(" ").slice(2).join(" ");

/** "How many cars?", answered with a number; `kind` may be missing from the scene. */
export const howMany = ({ groups }: SceneSpec, kind: string): Turn => ({
  kind: "how many",
  question: `how many ${kind}s are in this picture ?`,
  answer: COUNTS[groups.find((group) => group.kind === kind)?.count ?? 0],
});

/** "What kind of car are they?" */
export const whatKind = (group: SceneGroupSpec): Turn => ({
  kind: "what kind",
  question: `what kind of ${group.kind} ${group.count > 1 ? "are they" : "is it"} ?`,
  answer: nameOf(group),
});

/** "What colour are the cars?" Of what is painted alone. */
export const whatColour = (group: SceneGroupSpec): Turn => ({
  kind: "what colour",
  question: `what colour ${group.count > 1 ? `are the ${group.kind}s` : `is the ${group.kind}`} ?`,
  answer: group.colour ?? "",
});

export const when = ({ light }: SceneSpec): Turn => ({
  kind: "when",
  question: "what time of day is it ?",
  answer: light,
});

/** "What is left of the cars?" With two groups alone. */
export const where = ({ groups, relation }: SceneSpec): Turn => ({
  kind: "where",
  question: `what is ${relation} the ${groups[1].kind}${groups[1].count > 1 ? "s" : ""} ?`,
  answer: named(groups[0]),
});

export const describe = (scene: SceneSpec): Turn => ({
  kind: "caption",
  question: "describe",
  answer: sceneCaption(scene, { light: true }),
});

/** What asks about the group that was counted last: which, or of what colour. */
const itQuestions = (group: SceneGroupSpec): Turn[] => {
  const they = group.count > 1 ? "are they" : "is it";
  return [
    { kind: "it", question: `which ${they} ?`, answer: nameOf(group) },
    ...(group.colour === null
      ? []
      : [{ kind: "it" as const, question: `what colour ${they} ?`, answer: group.colour }]),
  ];
};

/** A dialogue about one scene: a caption alone, or two questions, of which the second may say "it" of the first's things. */
export function dialogueOf(scene: SceneSpec, generator: Generator): Turn[] {
  sceneKey(scene); // throws unless it can be drawn
  check("dialogueOf", "generator", generator, "generator");
  const chances = Array.from(generator.uniform([8]).flat());
  let next = 0;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chances[next++] * list.length)];
  if (chances[next++] < 0.35) return [describe(scene)];
  const group = pick(scene.groups);
  const first = howMany(scene, group.kind);
  if (chances[next++] < 0.35) return [first, pick(itQuestions(group))];
  const kinds = scene.groups.map(({ kind }) => kind);
  const absent = pick(TALK_THINGS.filter((kind) => !kinds.includes(kind)));
  const others: Turn[] = [
    chances[next++] < 0.3 ? howMany(scene, absent) : first,
    whatKind(group),
    when(scene),
    ...(group.colour === null ? [] : [whatColour(group)]),
    ...(scene.relation === null ? [] : [where(scene)]),
  ];
  return [pick(others), pick(others)];
}

/** Every word that dialogues are made of. */
export function talkWords(source: SceneSource): string[] {
  const words = new Set<string>(["describe", ...COUNTS, ...SCENE_LIGHTS]);
  const add = (text: string) => {
    for (const word of text.split(" ")) words.add(word);
  };
  const groups: SceneGroupSpec[] = TALK_THINGS.flatMap((kind) =>
    source
      .varieties(kind)
      .flatMap((variety) =>
        (source.isPainted(kind, variety) ? source.colours : [null]).flatMap((colour) =>
          [1, 2].map((count) => ({ kind, variety, colour, count })),
        ),
      ),
  );
  const [other] = groups;
  for (const light of SCENE_LIGHTS)
    for (const relation of ["left of", "right of", "above", "below"] as const)
      add(describe({ groups: [groups.at(-1)!, other], relation, light }).answer);
  for (const group of groups) {
    const scene: SceneSpec = { groups: [group, other], relation: "above", light: "day" };
    for (const turn of [
      describe(scene),
      howMany(scene, group.kind),
      whatKind(group),
      whatColour(group),
      when(scene),
    ])
      add(`${turn.question} ${turn.answer}`);
    for (const turn of itQuestions(group)) add(`${turn.question} ${turn.answer}`);
    for (const relation of ["left of", "above"] as const) {
      const turned: SceneSpec = { groups: [other, group], relation, light: "day" };
      add(where(turned).question);
    }
  }
  words.delete("");
  return [...words];
}
