import { check, checkAll, checkList, checkOptions, expected, readable } from "../tensor";

/** When it is: the background and the tint of the whole picture. */
export const SCENE_LIGHTS = ["morning", "day", "evening", "night"] as const;
export type SceneLight = (typeof SCENE_LIGHTS)[number];

/** Where the first group stands, seen from the second. */
export const SCENE_RELATIONS = ["left of", "right of", "above", "below"] as const;
export type SceneRelation = (typeof SCENE_RELATIONS)[number];

/** Red, green and blue of what can be had in any colour. */
export const COLOURS: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [0.9, 0.12, 0.14],
  yellow: [0.99, 0.84, 0.1],
  green: [0.13, 0.65, 0.2],
  blue: [0.12, 0.35, 0.92],
  purple: [0.58, 0.2, 0.8],
};

export interface Variety {
  /** How captions call it. */
  readonly name: string;
  readonly plural: string;
  /** The emoji that is drawn. */
  readonly code: string;
  /** Whether it is painted, in one of the {@link COLOURS}; else it looks as it always does. */
  readonly painted: boolean;
}

const as = (name: string, code: string, plural = `${name}s`): Variety => ({
  name,
  plural,
  code,
  painted: false,
});
const painted = (name: string, code: string, plural = `${name}s`): Variety => ({
  ...as(name, code, plural),
  painted: true,
});

/** What scenes are made of, by kind. */
export const THINGS: Readonly<Record<string, readonly Variety[]>> = {
  car: [
    as("taxi", "1f695"),
    as("police car", "1f693"),
    painted("bus", "1f68c", "buses"),
    painted("jeep", "1f699"),
    painted("racing car", "1f3ce"),
    as("ambulance", "1f691"),
    as("tractor", "1f69c"),
  ],
  fruit: [
    painted("apple", "1f34e"),
    as("banana", "1f34c"),
    as("strawberry", "1f353", "strawberries"),
    as("pineapple", "1f34d"),
    as("lemon", "1f34b"),
    as("watermelon", "1f349"),
  ],
  animal: [
    as("cat", "1f431"),
    as("dog", "1f436"),
    as("cow", "1f42e"),
    as("pig", "1f437"),
    as("frog", "1f438"),
    as("panda", "1f43c"),
    as("elephant", "1f418"),
  ],
  flower: [
    painted("tulip", "1f337"),
    as("rose", "1f339"),
    as("sunflower", "1f33b"),
    painted("hibiscus", "1f33a", "hibiscuses"),
  ],
  ball: [
    as("football", "26bd"),
    painted("basketball", "1f3c0"),
    as("volleyball", "1f3d0"),
    as("baseball", "26be"),
  ],
  shape: [
    painted("heart", "2764"),
    painted("star", "2b50"),
    painted("circle", "1f534"),
    painted("square", "1f7e5"),
  ],
  garment: [
    painted("scarf", "1f9e3", "scarves"),
    painted("dress", "1f457", "dresses"),
    painted("cap", "1f9e2"),
    as("top hat", "1f3a9"),
  ],
  toy: [painted("balloon", "1f388"), as("teddy bear", "1f9f8"), as("drum", "1f941"), as("kite", "1fa81")],
};

/** What a group is to be: alike things that stand together. */
export interface SceneGroupSpec {
  /** "car" */
  readonly kind: string;
  /** "taxi" */
  readonly variety: string;
  /** Null where it comes in one look alone. */
  readonly colour: string | null;
  /** 1 to 3. */
  readonly count: number;
}

/** What a scene is to show. Where the things stand, their size and the weather are left to chance. */
export interface SceneSpec {
  /** One or two. */
  readonly groups: readonly SceneGroupSpec[];
  /** Where groups[0] stands, seen from groups[1]; null with one group. */
  readonly relation: SceneRelation | null;
  readonly light: SceneLight;
}

const variety = (op: string, { kind, variety }: SceneGroupSpec): Variety => {
  check(op, "kind", kind, Object.keys(THINGS));
  const found = THINGS[kind].find(({ name }) => name === variety);
  if (found) return found;
  const names = THINGS[kind].map(({ name }) => name);
  check(op, "variety", variety, names);
  throw expected(op, `a variety of ${kind}`, variety);
};

/** Throws unless `spec` can be drawn. */
export function checkSpec(op: string, spec: unknown): asserts spec is SceneSpec {
  const isScene = readable((x: object) => typeof x === "object" && "groups" in x, spec);
  const { groups, relation, light } = (isScene ? spec : {}) as SceneSpec;
  checkList(op, groups, "a scene such as source.spec(generator) makes: groups, relation, light");
  if (groups.length !== 1 && groups.length !== 2) throw expected(op, "one or two groups", groups.length);
  for (const group of groups) {
    check(op, "a group", group, "object");
    const { painted, name } = variety(op, group);
    checkAll(op, { count: [group.count, "size"] });
    if (group.count > 3) throw expected(op, "a count of 1, 2 or 3", group.count);
    if (painted) check(op, `colour of the ${name}`, group.colour, Object.keys(COLOURS));
    else if (group.colour !== null)
      throw expected(op, `null as colour of the ${name}, which is not painted`, group.colour);
  }
  if (groups.length === 2) check(op, "relation", relation, SCENE_RELATIONS);
  else if (relation !== null) throw expected(op, "relation null where there is one group", relation);
  check(op, "light", light, SCENE_LIGHTS);
}

const NUMBERS = ["", "two", "three"];

/** "a red apple", "an elephant", "two taxis" */
function groupWords(group: SceneGroupSpec): string {
  const { name, plural } = variety("sceneCaption", group);
  const colour = group.colour ? `${group.colour} ` : "";
  if (group.count > 1) return `${NUMBERS[group.count - 1]} ${colour}${plural}`;
  return `${/^[aeiou]/.test(colour + name) ? "an" : "a"} ${colour}${name}`;
}

const WHEN: Readonly<Record<SceneLight, string>> = {
  morning: "in the morning",
  day: "by day",
  evening: "in the evening",
  night: "at night",
};

/**
 * What a scene shows, in words: "a red apple left of two taxis"; with `light`, "a red apple left of two taxis at night".
 * Throws when there can be no such scene.
 */
export function sceneCaption(spec: SceneSpec, options: { light?: boolean } = {}): string {
  checkSpec("sceneCaption", spec);
  checkOptions("sceneCaption", options, "light: true", { light: "boolean" });
  const groups = spec.groups.map(groupWords);
  const what = groups.join(` ${spec.relation} `);
  return options.light ? `${what} ${WHEN[spec.light]}` : what;
}

/**
 * A scene without its light, as a key to set combinations aside by: "1 red apple | left of | 2 taxi". Two scenes with one
 * key show the same, in other places.
 */
export function sceneKey(spec: SceneSpec): string {
  checkSpec("sceneKey", spec);
  const groups = spec.groups.map(({ variety, colour, count }) =>
    [count, ...(colour ? [colour] : []), variety].join(" "),
  );
  return groups.join(` | ${spec.relation} | `);
}
