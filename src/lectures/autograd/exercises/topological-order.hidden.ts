import { checks } from "../../../grading";
import { inputsIn, randomGraph } from "./graphs";
import { faultOf, topologicalOrder } from "./topological-order";

const asOrder = topologicalOrder as (root: string, inputsOf: (node: string) => readonly string[]) => string[];

export const hidden = [
  checks.byHand(asOrder, {
    name: { en: "a leaf alone", ru: "одинокий лист" },
    points: 1,
    args: () => ["x", leaf],
    expected: ["x"],
    because: { en: "a leaf is its own graph", ru: "лист сам себе граф" },
  }),
  checks.invariant(
    asOrder,
    { en: "larger graphs, another seed", ru: "графы побольше, другое зерно" },
    {
      points: 1,
      broken(fn) {
        for (const seed of [101, 102, 103]) {
          const graph = randomGraph(24, seed);
          const fault = faultOf(fn("n23", inputsIn(graph)), graph, "n23");
          if (fault) return fault;
        }
        return null;
      },
    },
  ),
];

function leaf(): readonly string[] {
  return [];
}
