import type { Scene, SceneSource, SceneSpec } from "../../data";
import { array, check, checkMethods, checkOptions, Generator, type NDArray, stack } from "../../tensor";
import { checkMany } from "./kept";
import type { Objects } from "./matching";

/** Scenes with what is to be found in them, to the pixel and as boxes. */
export interface DenseScenes {
  /** (N, 3, S, S), −1 … 1. */
  readonly images: NDArray;
  /** (N, S, S), int32: 0 for background, else 1 + the kind's number. */
  readonly masks: NDArray;
  readonly objects: readonly Objects[];
}

/**
 * Some pairs of kinds are never drawn together in training: six of the 28. Whether a model knows things, or only scenes, is
 * seen on these.
 */
export function isHeldOutPair(kinds: readonly string[], spec: SceneSpec): boolean {
  check("isHeldOutPair", "kinds", kinds, "texts");
  check("isHeldOutPair", "spec", spec, "object");
  check("isHeldOutPair", "spec.groups", spec.groups, "objects");
  const { groups } = spec;
  if (groups.length < 2) return false;
  const [a, b] = groups.map(({ kind }) => kinds.indexOf(kind));
  return (a + b) % 5 === 2;
}

/** `count` random scenes; `heldOut` says whether only held-out pairs of kinds are drawn, or none. */
export function denseScenes(
  source: SceneSource,
  count: number,
  options: { seed?: number; heldOut?: boolean } = {},
): DenseScenes {
  checkMethods("denseScenes", "a SceneSource, as readScenes() gives", source, ["random"]);
  check("denseScenes", "source.kinds", source.kinds, "texts");
  check("denseScenes", "source.size", source.size, "size");
  check("denseScenes", "count", count, "size");
  checkMany("denseScenes", "count", count);
  checkOptions("denseScenes", options, "seed: 1", { seed: "count", heldOut: "boolean" });
  const { seed = 0, heldOut = false } = options;
  const random = new Generator(seed);
  const exclude = (spec: SceneSpec) => isHeldOutPair(source.kinds, spec) !== heldOut;
  const scenes = Array.from({ length: count }, () => source.random(random, { exclude }));
  for (const scene of scenes) checkScene(scene);
  const objects = scenes.map(({ groups }): Objects => {
    const all = groups.flatMap((group) => group.objects);
    const boxes = all.map(({ box: [x0, y0, x1, y1] }) =>
      [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0].map((length) => length / source.size),
    );
    const classes = all.map(({ kind }) => source.kinds.indexOf(kind));
    return { classes: array(classes, { dtype: "int32" }), boxes: array(boxes) };
  });
  return {
    images: stack(scenes.map(({ pixels }) => pixels.mul(2).sub(1))),
    masks: stack(scenes.map(({ mask }) => mask)),
    objects,
  };
}

/** Throws unless this is a scene, from whatever source. */
function checkScene(scene: Scene): void {
  const op = "denseScenes";
  check(op, "a scene of the source", scene, "object");
  check(op, "its pixels", scene.pixels, "array");
  check(op, "its mask", scene.mask, "array");
  check(op, "its groups", scene.groups, "objects");
  for (const { objects } of scene.groups) {
    check(op, "the objects of a group", objects, "objects");
    for (const { box } of objects) check(op, "the box of an object", box, "numbers");
  }
}
