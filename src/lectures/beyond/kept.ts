import { type SceneSource, type SceneSpec, sceneKey } from "../../data";
import { check, checkMethods, expected } from "../../tensor";
import { TALK_THINGS } from "./talk";

/**
 * Whether a scene is kept for the test: one of its groups is a combination of count, colour and variety that training never
 * shows, about one in seven of them, though it shows each of the three with others.
 */
export function isKept({ groups }: SceneSpec): boolean {
  return groups.some((group) => {
    let hash = 7;
    for (const letter of sceneKey({ groups: [group], relation: null, light: "day" }))
      hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
    return hash % 7 === 3;
  });
}

/** Whether training may not show a scene: one that is kept, or one with other things than {@link TALK_THINGS}. */
export const isLeftOut = (scene: SceneSpec): boolean => isOther(scene) || isKept(scene);
export const isOther = ({ groups }: SceneSpec): boolean =>
  groups.some(({ kind }) => !TALK_THINGS.includes(kind));

/** More than this nobody waits for. */
const MOST = 100_000;

/** Throws unless so many can be made: a whole number from 0 on that is not absurd. */
export function checkMany(op: string, name: string, count: number): void {
  check(op, name, count, "count");
  if (count > MOST) throw expected(op, `${name} of at most ${MOST}`, count);
}

/** Throws unless this draws scenes. */
export const checkSource = (op: string, source: SceneSource): void =>
  checkMethods(op, "a SceneSource, as readScenes() gives", source, ["random", "spec", "draw", "varieties"]);
