import { expected, expectedKind, refusal, words } from "../expected";
import { isList, readable } from "../is-a";
import { describe, type Shape, showShape, sizeOf } from "../shape";

/**
 * What einsum asks of an array. `NDArray` has it, and so has autograd's `Tensor`, so that one algorithm serves
 * both, and the gradient of einsum is that of its steps.
 */
export interface Contractible<X> {
  readonly shape: Shape;
  permute(axes: readonly number[]): X;
  reshape(shape: Shape): X;
  expand(shape: Shape): X;
  diagonal(offset: number, axis0: number, axis1: number): X;
  sum(axes: readonly number[]): X;
  mul(b: X): X;
  matmul(b: X): X;
}

/** An array and the names of its axes, each name once. */
interface Named<X> {
  readonly x: X;
  readonly labels: readonly string[];
}

/**
 * Einstein summation: `"b t c, c d -> b t d"`. Axes of one name are multiplied together, and names missing
 * after the arrow are summed over. A name twice in one operand takes the diagonal; `...` stands for axes
 * without a name, which broadcast; without an arrow the names that occur once come out in alphabetical order.
 * Several operands are contracted from left to right, each step by one matmul.
 */
export function einsum<X extends Contractible<X>>(equation: string, operands: readonly X[]): X {
  if (
    typeof equation !== "string" ||
    !isList(operands) ||
    !operands.every((x) => readable((x: X) => isList(x?.shape), x))
  ) {
    const came = [equation, ...(isList(operands) ? operands : [operands])].map(describe).join(", ");
    throw expectedKind("einsum", 'an equation and arrays, as in einsum("ij,jk->ik", a, b)', words(came));
  }
  const { inputs, output } = parseEinsum(
    equation,
    operands.map((x) => x.shape),
  );
  const named = operands.map((x, i) => takeDiagonals({ x, labels: inputs[i] }));
  let result = named[0];
  for (let i = 1; i < named.length; i++) {
    const later = new Set([...output, ...named.slice(i + 1).flatMap((n) => n.labels)]);
    result = contract(result, named[i], later);
  }
  result = sumOut(result, new Set(output));
  return arrange(result, output);
}

/**
 * The names of the axes of each operand and of the result. Axes under `...` are named `.1`, `.2`, … from the
 * right. Throws when the equation does not fit the shapes.
 */
export function parseEinsum(
  equation: string,
  shapes: readonly Shape[],
): { inputs: string[][]; output: string[] } {
  const compact = equation.replace(/\s+/g, "");
  const term = "[A-Za-z]*(?:\\.\\.\\.)?[A-Za-z]*";
  if (!new RegExp(`^${term}(?:,${term})*(?:->${term})?$`).test(compact)) {
    throw expected(
      "einsum",
      'single letters, "...", commas and at most one "->" such as "b i j, b j k -> b i k"',
      equation,
    );
  }
  const [left, right] = compact.split("->");
  const terms = left.split(",");
  if (terms.length !== shapes.length) {
    throw refusal(
      "einsum",
      `"${equation}" names ${terms.length} operand${terms.length === 1 ? "" : "s"}, got ${shapes.length}`,
    );
  }
  let widest = 0;
  const inputs = terms.map((text, i) => {
    const hidden = shapes[i].length - text.replace("...", "").length;
    if (hidden < 0 || (hidden > 0 && !text.includes("..."))) {
      throw refusal(
        "einsum",
        `operand ${i} is named "${text}" but has shape ${showShape(shapes[i])}`,
        'name every axis, or write "..." for the others',
      );
    }
    widest = Math.max(widest, text.includes("...") ? hidden : 0);
    return labelsOf(text, hidden);
  });
  const output = right === undefined ? implicitOutput(inputs, widest) : labelsOf(right, widest);
  const known = checkSizes(inputs, shapes);
  for (const label of output) {
    if (!known.has(label) && !label.startsWith(".")) {
      throw refusal("einsum", `the result names axis ${label}, which no operand has, in "${equation}"`);
    }
  }
  if (new Set(output).size !== output.length) {
    throw refusal("einsum", `an axis comes twice in the result of "${equation}"`, "name each one once");
  }
  return { inputs, output };
}

/** The letters of a term, with `.n … .2 .1` for the axes under the ellipsis. */
function labelsOf(term: string, hidden: number): string[] {
  const ellipsis = Array.from({ length: hidden }, (_, i) => `.${hidden - i}`);
  const [before, after] = term.split("...");
  return after === undefined ? [...before] : [...before, ...ellipsis, ...after];
}

function implicitOutput(inputs: readonly string[][], widest: number): string[] {
  const all = inputs.flat();
  const once = all.filter((label) => !label.startsWith(".") && all.indexOf(label) === all.lastIndexOf(label));
  return [...labelsOf("...", widest), ...once.sort()];
}

/** The size of every name; a 1 gives way to another size, as in broadcasting. */
function checkSizes(inputs: readonly string[][], shapes: readonly Shape[]): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      const n = shapes[i][axis];
      const known = sizes.get(label) ?? 1;
      const twin = shapes[i][labels.indexOf(label)];
      if (n !== twin) {
        throw refusal(
          "einsum",
          `axis ${label} comes twice in operand ${i} with sizes ${twin} and ${n}`,
          "a diagonal needs equal sizes",
        );
      }
      if (n !== known && n !== 1 && known !== 1) {
        const name = label.startsWith(".") ? `${-label.slice(1)} of "..."` : label;
        throw refusal(
          "einsum",
          `axis ${name} has size ${known} in one operand and ${n} in operand ${i}, shapes ${shapes.map(showShape).join(" and ")}`,
        );
      }
      sizes.set(label, n === 1 ? known : n);
    });
  });
  return sizes;
}

/** Axes that share a name become one, their diagonal. */
function takeDiagonals<X extends Contractible<X>>({ x, labels }: Named<X>): Named<X> {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { x, labels };
  const label = labels[second];
  const first = labels.indexOf(label);
  const others = labels.filter((_, i) => i !== first && i !== second);
  return takeDiagonals({ x: x.diagonal(0, first, second), labels: [...others, label] });
}

/** Sums over the axes that are not in `keep`. */
function sumOut<X extends Contractible<X>>({ x, labels }: Named<X>, keep: ReadonlySet<string>): Named<X> {
  const gone = labels.map((_, axis) => axis).filter((axis) => !keep.has(labels[axis]));
  if (gone.length === 0) return { x, labels };
  return { x: x.sum(gone), labels: labels.filter((label) => keep.has(label)) };
}

/** The axes in the order of `order`; names that x lacks become axes of size 1. */
function arrange<X extends Contractible<X>>({ x, labels }: Named<X>, order: readonly string[]): X {
  const present = order.filter((label) => labels.includes(label));
  const axes = present.map((label) => labels.indexOf(label));
  const turned = axes.every((axis, i) => axis === i) ? x : x.permute(axes);
  if (present.length === order.length) return turned;
  return turned.reshape(order.map((label) => (labels.includes(label) ? x.shape[labels.indexOf(label)] : 1)));
}

/**
 * Two operands into one: names are in both and kept (batch), in both and summed over (contracted), or in one
 * only. The product is (…batch, left, contracted) · (…batch, contracted, right).
 */
function contract<X extends Contractible<X>>(a: Named<X>, b: Named<X>, later: ReadonlySet<string>): Named<X> {
  const left = sumOut(a, new Set([...later, ...b.labels]));
  const right = sumOut(b, new Set([...later, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => later.has(label));
  const summed = shared.filter((label) => !later.has(label));
  const onlyLeft = left.labels.filter((label) => !shared.includes(label));
  const onlyRight = right.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...onlyLeft, ...onlyRight];
  if (summed.length === 0) {
    return { x: arrange(left, labels).mul(arrange(right, labels)), labels };
  }
  const size = (label: string): number => {
    const [m, n] = [left, right].map(({ x, labels }) => x.shape[labels.indexOf(label)] ?? 1);
    return m === 1 ? n : m;
  };
  const sizes = (list: readonly string[]) => list.map(size);
  const stretch = (x: Named<X>, order: readonly string[]): X => {
    const turned = arrange(x, order);
    return turned.shape.every((n, i) => n === size(order[i])) ? turned : turned.expand(sizes(order));
  };
  const [m, k, n] = [onlyLeft, summed, onlyRight].map((list) => sizeOf(sizes(list)));
  const p = stretch(left, [...batch, ...onlyLeft, ...summed]).reshape([...sizes(batch), m, k]);
  const q = stretch(right, [...batch, ...summed, ...onlyRight]).reshape([...sizes(batch), k, n]);
  return { x: p.matmul(q).reshape(sizes(labels)), labels };
}
