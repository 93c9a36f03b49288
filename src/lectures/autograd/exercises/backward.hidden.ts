import { checks, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import { backward } from "./backward";
import { inputsIn, linearPullback, orderOf, randomGraph } from "./graphs";

const asBackward = backward as (
  order: readonly string[],
  seed: NDArray,
  inputsOf: (node: string) => readonly string[],
  pullback: (node: string, g: NDArray) => readonly NDArray[],
) => NDArray[];

const large = [201, 202, 203].map((seed) => {
  const graph = randomGraph(16, seed);
  return { order: orderOf(graph, "n15"), inputsOf: inputsIn(graph), pullback: linearPullback(graph) };
});
const inputs = seeded(asBackward, { N: 4 }, ({ N }, random, seed) => {
  const { order, inputsOf, pullback } = large[seed % large.length];
  return [[...order], random.normal([N], { dtype: "float64" }), inputsOf, pullback];
});

export const hidden = [
  checks.byHand(asBackward, {
    name: { en: "a leaf alone", ru: "одинокий лист" },
    points: 1,
    args: () => [["x"], nd.array([4, 5]), none, nothing],
    expected: [[4, 5]],
    because: {
      en: "the loss is the leaf itself: its gradient is the seed",
      ru: "функция потерь — сам лист, его градиент равен seed",
    },
  }),
  checks.random(inputs, {
    points: 1,
    name: { en: "larger graphs, in float64", ru: "графы побольше, в float64" },
  }),
];

function none(): readonly string[] {
  return [];
}
function nothing(): NDArray[] {
  return [];
}
