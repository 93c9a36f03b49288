import { checks, type Exercise, exercise, seeded } from "../../../grading";
import type { NDArray } from "../../../tensor";
import * as nd from "../../../tensor";
import {
  type Graph,
  inputsIn,
  ladder,
  linearPullback,
  network,
  orderOf,
  randomGraph,
  shortcut,
} from "./graphs";
import { AUTOGRAD } from "./shared";

/**
 * The gradient of every node of `order`, in that order: `seed` for the last one (the loss), and for each other node
 * the sum of what all of its uses pull back to it.
 *
 * `inputsOf(node)`: what went into a node. `pullback(node, g)`: one gradient for each of these, in the same order.
 */
export function backward<T>(
  order: readonly T[],
  seed: NDArray,
  inputsOf: (node: T) => readonly T[],
  pullback: (node: T, g: NDArray) => readonly NDArray[],
): NDArray[] {
  // BEGIN SOLUTION
  const grads = new Map<T, NDArray>([[order[order.length - 1], seed]]);
  for (const node of [...order].reverse()) {
    const parts = pullback(node, grads.get(node)!);
    inputsOf(node).forEach((input, i) => {
      const before = grads.get(input);
      grads.set(input, before ? before.add(parts[i]) : parts[i]);
    });
  }
  return order.map((node) => grads.get(node)!);
  // END SOLUTION
}

type Names = (node: string) => readonly string[];
type Pull = (node: string, g: NDArray) => readonly NDArray[];
type Backward = (order: readonly string[], seed: NDArray, inputsOf: Names, pullback: Pull) => NDArray[];
const asBackward = backward as Backward;

/** y = x · x at x = 3. */
const square = {
  inputsOf: (node: string) => (node === "y" ? ["x", "x"] : []),
  pullback: (node: string, g: NDArray) => (node === "y" ? [g.mul(3), g.mul(3)] : []),
};
/** y = (x + x) + x, whose pullbacks hand the same array to both sides. */
const sums: Graph = { y: ["s", "x"], s: ["x", "x"], x: [] };
const shared = { inputsOf: inputsIn(sums), pullback: (node: string, g: NDArray) => sums[node].map(() => g) };

const walks = [
  { graph: shortcut, root: "loss" },
  { graph: network, root: "loss" },
  ...[6, 7, 8].map((seed) => ({ graph: randomGraph(7, seed), root: "n6" })),
].map(({ graph, root }) => ({
  order: orderOf(graph, root),
  inputsOf: inputsIn(graph),
  pullback: linearPullback(graph),
}));

const inputs = seeded(asBackward, { N: 3, M: 5 }, ({ N, M }, random, seed) => {
  const { order, inputsOf, pullback } = walks[seed % walks.length];
  return [[...order], random.normal([N, M]), inputsOf, pullback];
});

/** The solution with another way to keep what arrives. */
function keeping(keep: (before: NDArray | undefined, part: NDArray) => NDArray): Backward {
  return (order, seed, inputsOf, pullback) => {
    const grads = new Map([[order.at(-1)!, seed]]);
    for (const node of [...order].reverse()) {
      const parts = pullback(node, grads.get(node)!);
      for (const [i, input] of inputsOf(node).entries()) grads.set(input, keep(grads.get(input), parts[i]));
    }
    return order.map((node) => grads.get(node)!);
  };
}

/** Right in its result: only the count of its calls gives it away. */
const WAY_BY_WAY = {
  en: "every way through the graph is walked by itself: there are 2ⁿ of them in a network of n layers with shortcuts. Use the order, from its end to its beginning",
  ru: "каждый путь по графу пройден отдельно, а в сети из n слоёв с обходными связями их 2ⁿ. Идите по order с конца к началу",
};

const ONCE = {
  en: "it is called anew for every input of a node; call it once, and keep the list that it returns",
  ru: "она вызывается заново для каждого входа узла; вызовите её один раз и сохраните список, который она вернула",
};

export const backwardExercise = exercise(asBackward, {
  id: "backward",
  title: { en: "Walk back, and add up", ru: "Обратный проход с накоплением" },
  minutes: 15,
  forbids: AUTOGRAD,
  checks: [
    checks.shape(inputs),
    checks.dtype(inputs),
    checks.byHand(asBackward, {
      points: 1,
      name: { en: "x · x by hand", ru: "x · x на бумаге" },
      args: () => [["x", "y"], nd.array(10), square.inputsOf, square.pullback],
      expected: [60, 10],
      because: {
        en: "y = x·x at x = 3: its pullback gives 3 g to the left x and 3 g to the right x, which is one and the same x: 30 + 30",
        ru: "y = x·x при x = 3: pullback даёт 3 g левому x и 3 g правому, а это один и тот же x: 30 + 30",
      },
    }),
    checks.byHand(asBackward, {
      points: 1,
      name: { en: "one array for both sides", ru: "один массив на обе стороны" },
      args: () => [["x", "s", "y"], nd.array([1, 10]), shared.inputsOf, shared.pullback],
      expected: [
        [3, 30],
        [1, 10],
        [1, 10],
      ],
      because: {
        en: "y = (x + x) + x: x arrives by three ways, each with g",
        ru: "y = (x + x) + x: до x ведут три пути, и по каждому приходит g",
      },
    }),
    checks.random(inputs, { points: 2, times: 5 }),
    checks.invariant(
      asBackward,
      { en: "256 ways through 25 nodes", ru: "256 путей через 25 узлов" },
      {
        points: 1,
        broken(fn) {
          const graph = ladder(8);
          const [order, pull] = [orderOf(graph, "n8"), linearPullback(graph)];
          let calls = 0;
          const grads = fn(order, nd.array([1, 2, 3]), inputsIn(graph), (node, g) => {
            calls++;
            return pull(node, g);
          });
          if (calls > 3 * order.length)
            return {
              en: `a graph of ${order.length} nodes: pullback was called ${calls} times: ${WAY_BY_WAY.en}`,
              ru: `в графе ${order.length} узлов, а pullback вызван ${calls} раз: ${WAY_BY_WAY.ru}`,
            };
          if (calls > order.length)
            return {
              en: `a graph of ${order.length} nodes: pullback was called ${calls} times: ${ONCE.en}`,
              ru: `в графе ${order.length} узлов, а pullback вызван ${calls} раз: ${ONCE.ru}`,
            };
          if (Array.isArray(grads) && grads.length === order.length) return null;
          return {
            en: "expected as many gradients as nodes",
            ru: "градиентов должно быть столько же, сколько узлов",
          };
        },
      },
    ),
  ],
  mutants: [
    {
      name: "overwritten",
      says: {
        en: "a node that is used twice keeps only what came last: add what arrives to what is there",
        ru: "у узла, использованного дважды, остаётся только последний вклад: прибавляйте пришедшее к тому, что уже есть",
      },
      fn: keeping((_, part) => part),
    },
    {
      name: "only the first",
      says: {
        en: "a node that is used twice keeps only what came first: add what arrives to what is there",
        ru: "у узла, использованного дважды, остаётся только первый вклад: прибавляйте пришедшее к тому, что уже есть",
      },
      fn: keeping((before, part) => before ?? part),
    },
    {
      name: "mean of the uses",
      says: {
        en: "what two uses give is averaged: the chain rule adds",
        ru: "вклады двух использований усреднены, а по правилу цепочки они складываются",
      },
      fn: keeping((before, part) => (before ? before.add(part).div(2) : part)),
    },
    {
      name: "a seed of ones",
      says: {
        en: "the walk begins with ones, not with the `seed` that was given",
        ru: "обход начинается с единиц, а не с переданного `seed`",
      },
      fn: (order, seed, inputsOf, pullback) => asBackward(order, nd.onesLike(seed), inputsOf, pullback),
    },
    {
      name: "added in place",
      says: {
        en: "gradients are added in place (assign), and a pullback may hand out one array twice: make a new array with add",
        ru: "вклады прибавляются на месте (assign), а pullback может отдать один и тот же массив дважды: создавайте новый через add",
      },
      fn: keeping((before, part) => (before ? before.assign(before.add(part)) : part)),
    },
    {
      name: "passed on before it is complete",
      says: {
        en: "a node passes its gradient on at every use, all that it has so far, so that the first part is passed on twice: wait until all of it is there",
        ru: "узел передаёт накопленное дальше при каждом использовании, и первая часть уходит дважды: дождитесь, пока градиент соберётся целиком",
      },
      fn(order, seed, inputsOf, pullback) {
        const grads = new Map<string, NDArray>();
        const visit = (node: string, g: NDArray): void => {
          const total = grads.get(node)?.add(g) ?? g;
          grads.set(node, total);
          const parts = pullback(node, total);
          for (const [i, input] of inputsOf(node).entries()) visit(input, parts[i]);
        };
        visit(order.at(-1)!, seed);
        return order.map((node) => grads.get(node)!);
      },
    },
    {
      name: "way by way",
      says: WAY_BY_WAY,
      fn(order, seed, inputsOf, pullback) {
        const grads = new Map<string, NDArray>();
        const visit = (node: string, g: NDArray): void => {
          grads.set(node, grads.get(node)?.add(g) ?? g);
          const parts = pullback(node, g);
          for (const [i, input] of inputsOf(node).entries()) visit(input, parts[i]);
        };
        visit(order.at(-1)!, seed);
        return order.map((node) => grads.get(node)!);
      },
    },
    {
      name: "asked anew for every input",
      says: ONCE,
      fn(order, seed, inputsOf, pullback) {
        const grads = new Map([[order.at(-1)!, seed]]);
        for (const node of [...order].reverse())
          for (const [i, input] of inputsOf(node).entries()) {
            const part = pullback(node, grads.get(node)!)[i];
            grads.set(input, grads.get(input)?.add(part) ?? part);
          }
        return order.map((node) => grads.get(node)!);
      },
    },
    {
      name: "in the order of the walk",
      says: {
        en: "the gradients come back in the order of the walk, the loss first: they are asked for in the order of `order`",
        ru: "градиенты возвращены в порядке обхода, сначала лосс, а нужны они в порядке `order`",
      },
      fn: (order, seed, inputsOf, pullback) => asBackward(order, seed, inputsOf, pullback).reverse(),
    },
    {
      name: "from the inputs to the loss",
      says: {
        en: "the walk begins with the inputs, whose gradients have not come yet: go through `order` from its end",
        ru: "обход начинается с входов, до которых градиент ещё не дошёл: идите по `order` с конца",
      },
      fn(order, seed, inputsOf, pullback) {
        const grads = new Map([[order.at(-1)!, seed]]);
        for (const node of order) {
          const parts = pullback(node, grads.get(node)!);
          for (const [i, input] of inputsOf(node).entries())
            grads.set(input, grads.get(input)?.add(parts[i]) ?? parts[i]);
        }
        return order.map((node) => grads.get(node)!);
      },
    },
  ],
  variants: [
    {
      name: "zeros first, then added to, with a list of places",
      fn(order, seed, inputsOf, pullback) {
        const grads: (NDArray | null)[] = order.map(() => null);
        grads[order.length - 1] = seed;
        for (let i = order.length - 1; i >= 0; i--) {
          const parts = pullback(order[i], grads[i]!);
          inputsOf(order[i]).forEach((input, k) => {
            const at = order.indexOf(input);
            grads[at] = (grads[at] ?? nd.zerosLike(parts[k])).add(parts[k]);
          });
        }
        return grads as NDArray[];
      },
    },
    {
      name: "asking each node who uses it",
      fn(order, seed, inputsOf, pullback) {
        const [grads, given] = [new Map<string, NDArray>(), new Map<string, readonly NDArray[]>()];
        for (const node of [...order].reverse()) {
          const users = order.filter((user) => inputsOf(user).includes(node));
          const parts = users.flatMap((user) =>
            inputsOf(user).flatMap((input, i) => (input === node ? [given.get(user)![i]] : [])),
          );
          const g = parts.length === 0 ? seed : parts.reduce((a, b) => a.add(b));
          grads.set(node, g);
          if (inputsOf(node).length > 0) given.set(node, pullback(node, g));
        }
        return order.map((node) => grads.get(node)!);
      },
    },
  ],
}) as unknown as Exercise<typeof backward>;
