import { checks } from "../../../grading";
import { encodePair } from "./encode-pair";

const ids = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + 7 * i);
const pair = (a: number, b: number, length: number) => (): Parameters<typeof encodePair> => [
  ids(a, 1000),
  ids(b, 5000),
  { cls: 101, sep: 102, pad: 0, length },
];

export const hidden = [
  checks.cases(encodePair, {
    points: 1,
    name: "other lengths",
    cases: [
      { title: "only the special tokens fit", args: pair(4, 3, 3) },
      { title: "a long second sentence", args: pair(2, 40, 16) },
      { title: "a long first sentence", args: pair(40, 2, 16) },
      { title: "much padding", args: pair(1, 1, 30) },
    ],
  }),
  checks.invariant(encodePair, "the lists of the caller stay as they were", {
    points: 1,
    broken(fn) {
      const [a, b, options] = pair(9, 9, 11)();
      const { ids } = fn(a, b, options);
      if (ids.length === 0) return "there are no ids";
      return a.length === 9 && b.length === 9 ? null : "the sentences that were given became shorter";
    },
  }),
];
