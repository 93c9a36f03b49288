import { checks, type Exercise, exercise, seeded } from "../../../grading";
import { chain, type Graph, inputsIn, ladder, network, randomGraph, shortcut, twice } from "./graphs";

/**
 * `root` and all that it was computed from, directly or not: each node once, behind all of its inputs, `root` last.
 *
 * `inputsOf(node)` are the nodes that went into a node; those of a leaf are none.
 */
export function topologicalOrder<T>(root: T, inputsOf: (node: T) => readonly T[]): T[] {
  // BEGIN SOLUTION
  const order: T[] = [];
  const seen = new Set<T>();
  const visit = (node: T): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const input of inputsOf(node)) visit(input);
    order.push(node);
  };
  visit(root);
  return order;
  // END SOLUTION
}

type Order = (root: string, inputsOf: (node: string) => readonly string[]) => string[];
const asOrder = topologicalOrder as Order;

const graphs: { title: string; graph: Graph; root: string }[] = [
  { title: "y = x · x", graph: twice, root: "y" },
  { title: "x used on a short and on a long way", graph: shortcut, root: "loss" },
  { title: "two layers with a residual connection", graph: network, root: "loss" },
  { title: "the middle of a network", graph: network, root: "out" },
  ...[3, 4, 5].map((seed) => ({ title: "a random graph", graph: randomGraph(9, seed), root: "n8" })),
];
const asked = graphs.map(({ graph, root }) => ({ root, inputsOf: inputsIn(graph) }));

// As many nodes as a graph has, whatever the order.
const inputs = seeded(asOrder, {}, (_, __, seed) => {
  const { root, inputsOf } = asked[(seed + 2) % asked.length];
  return [root, inputsOf];
});

/** Why this is no order of the graph, or null. */
export function faultOf(
  order: readonly unknown[],
  graph: Graph,
  root: string,
): { en: string; ru: string } | null {
  const shown = Array.isArray(order) ? `[${order.map(String).join(", ")}]` : String(order);
  const wrong = (en: string, ru: string) => ({
    en: `${en}; the order was ${shown}`,
    ru: `${ru}; порядок был ${shown}`,
  });
  if (!Array.isArray(order)) return wrong("expected a list", "ожидался список");
  const at = new Map(order.map((node, i) => [node, i]));
  if (at.size < order.length)
    return wrong("a node stands there more than once", "какой-то узел встречается несколько раз");
  for (const node of order)
    for (const input of graph[String(node)] ?? []) {
      const place = at.get(input);
      if (place === undefined)
        return wrong(`${input} is missing, which ${node} uses`, `нет узла ${input}, нужного для ${node}`);
      if (place > at.get(node)!)
        return wrong(
          `${node} stands before ${input}, which it uses`,
          `${node} стоит раньше, чем ${input}, от которого он зависит`,
        );
    }
  if (order.at(-1) !== root) return wrong(`${root} must be the last`, `последним должен быть ${root}`);
  return null;
}

/** Right in its result: only the count of its calls gives it away. */
const WALKED_AGAIN = {
  en: "every way through the graph is walked, and repetitions are removed afterwards: a network of 30 layers has more ways than there is time. Look into the Set before you enter a node",
  ru: "обходятся все пути, а повторы удаляются потом: в сети из 30 слоёв путей больше, чем времени. Проверяйте Set до входа в узел",
};

export const topologicalOrderExercise = exercise(asOrder, {
  id: "topologicalOrder",
  title: { en: "The order of the walk", ru: "Порядок обхода" },
  minutes: 15,
  forbids: [],
  checks: [
    checks.shape(inputs),
    checks.byHand(asOrder, {
      points: 1,
      args: () => ["c", chainInputs],
      expected: ["a", "b", "c"],
      because: {
        en: "c uses b, and b uses a: there is one order only",
        ru: "c зависит от b, а b от a: порядок только один",
      },
    }),
    checks.invariant(
      asOrder,
      { en: "every node behind all of its inputs", ru: "каждый узел после всех своих входов" },
      {
        points: 2,
        examples: asked.map(({ root, inputsOf }) => () => [root, inputsOf]),
        broken(fn) {
          for (const { title, graph, root } of graphs) {
            const fault = faultOf(fn(root, inputsIn(graph)), graph, root);
            const drawn = Object.entries(graph).filter(([, used]) => used.length > 0);
            const told = drawn.map(([node, used]) => `${node} ← ${used.join(", ")}`).join("; ");
            if (fault) return { en: `${title} (${told}): ${fault.en}`, ru: `граф ${told}: ${fault.ru}` };
          }
          return null;
        },
      },
    ),
    checks.invariant(
      asOrder,
      { en: "4096 ways through 37 nodes", ru: "4096 путей через 37 узлов" },
      {
        points: 1,
        broken(fn) {
          const graph = ladder(12);
          const nodes = Object.keys(graph).length;
          let calls = 0;
          const order = fn("n12", (node) => {
            calls++;
            return graph[node];
          });
          if (calls > 4 * nodes ** 2)
            return {
              en: `a graph of ${nodes} nodes with 4096 ways through it: inputsOf was called ${calls} times: ${WALKED_AGAIN.en}`,
              ru: `граф из ${nodes} узлов и 4096 путей, inputsOf вызвана ${calls} раз: ${WALKED_AGAIN.ru}`,
            };
          return faultOf(order, graph, "n12");
        },
      },
    ),
  ],
  mutants: [
    {
      name: "the root first",
      says: {
        en: "the order is the wrong way round: a node is pushed after its inputs, so that the root comes last",
        ru: "порядок обратный: узел добавляют после его входов, и корень оказывается последним",
      },
      fn: (root, inputsOf) => asOrder(root, inputsOf).reverse(),
    },
    {
      name: "pushed before its inputs",
      says: {
        en: "nodes are pushed when they are found, and the list is reversed: a node that is found early and used again later comes too late. Push a node when all of its inputs have been",
        ru: "узлы добавлены при первом посещении, а список перевёрнут: узел, найденный рано и нужный ещё раз, окажется слишком поздно. Добавляйте узел после всех его входов",
      },
      fn(root, inputsOf) {
        const order = new Set<string>();
        const visit = (node: string): void => {
          if (order.has(node)) return;
          order.add(node);
          inputsOf(node).forEach(visit);
        };
        visit(root);
        return [...order].reverse();
      },
    },
    {
      name: "breadth first",
      says: {
        en: "this goes level by level from the root (breadth first): where one way is longer than another, a node comes before its inputs. Go deep first",
        ru: "это обход по уровням (в ширину): если один путь длиннее другого, узел окажется раньше своих входов. Нужен обход в глубину",
      },
      fn(root, inputsOf) {
        const found = new Set([root]);
        for (const node of found) for (const input of inputsOf(node)) found.add(input);
        return [...found].reverse();
      },
    },
    {
      name: "the first node twice",
      says: {
        en: "a node that is used twice stands there twice: remember in a Set which were visited",
        ru: "узел, использованный дважды, попал в список дважды: запоминайте посещённые в Set",
      },
      fn(root, inputsOf) {
        const visit = (node: string): string[] => [...inputsOf(node).flatMap(visit), node];
        return visit(root);
      },
    },
    {
      name: "without leaves",
      says: {
        en: "nodes without inputs are left out: those are the parameters, whose gradients we are after",
        ru: "узлы без входов пропущены, а это параметры: их градиенты нам и нужны",
      },
      fn: (root, inputsOf) => asOrder(root, inputsOf).filter((node) => inputsOf(node).length > 0),
    },
    {
      name: "cleaned up afterwards",
      says: WALKED_AGAIN,
      fn(root, inputsOf) {
        const visit = (node: string): string[] => [...inputsOf(node).flatMap(visit), node];
        return [...new Set(visit(root))];
      },
    },
    {
      name: "without the root",
      says: {
        en: "the root itself is missing: it is the last of the order",
        ru: "нет самого корня: он стоит в порядке последним",
      },
      fn: (root, inputsOf) => asOrder(root, inputsOf).slice(0, -1),
    },
  ],
  variants: [
    {
      name: "with a stack of one's own, without recursion",
      fn(root, inputsOf) {
        const [order, entered] = [new Set<string>(), new Set<string>()];
        const stack = [root];
        while (stack.length > 0) {
          const node = stack.at(-1)!;
          if (entered.has(node)) {
            order.add(node);
            stack.pop();
            continue;
          }
          entered.add(node);
          stack.push(...inputsOf(node).filter((input) => !entered.has(input)));
        }
        return [...order];
      },
    },
    {
      name: "inputs from the last to the first",
      fn(root, inputsOf) {
        const order: string[] = [];
        const visit = (node: string): void => {
          for (const input of [...inputsOf(node)].reverse()) if (!order.includes(input)) visit(input);
          if (!order.includes(node)) order.push(node);
        };
        visit(root);
        return order;
      },
    },
    {
      name: "by counting what is still to come (Kahn)",
      fn(root, inputsOf) {
        const found = new Set([root]);
        for (const node of found) for (const input of inputsOf(node)) found.add(input);
        const open = new Map([...found].map((node) => [node, 0]));
        for (const node of found) for (const input of inputsOf(node)) open.set(input, open.get(input)! + 1);
        const [ready, order] = [[root], [] as string[]];
        while (ready.length > 0) {
          const node = ready.pop()!;
          order.unshift(node);
          for (const input of inputsOf(node)) {
            open.set(input, open.get(input)! - 1);
            if (open.get(input) === 0) ready.push(input);
          }
        }
        return order;
      },
    },
  ],
}) as unknown as Exercise<typeof topologicalOrder>;

function chainInputs(node: string): readonly string[] {
  return chain[node];
}
