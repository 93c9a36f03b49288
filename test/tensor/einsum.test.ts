import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arange, einsum, type NDArray } from "../../src/tensor";

/** Σ over all names that the result lacks, one product at a time. */
function naive(inputs: string[], output: string, xs: NDArray[], sizes: Record<string, number>): number[] {
  const names = [...output, ...Object.keys(sizes).filter((name) => !output.includes(name))];
  const result: number[] = [];
  const at: Record<string, number> = {};
  const walk = (depth: number): number => {
    if (depth === names.length) {
      return xs.reduce((p, x, i) => p * x.get([...inputs[i]].map((name) => at[name])), 1);
    }
    let sum = 0;
    for (let i = 0; i < sizes[names[depth]]; i++) {
      at[names[depth]] = i;
      const value = walk(depth + 1);
      if (depth >= output.length) sum += value;
      else if (depth === output.length - 1) result.push(value);
    }
    return sum;
  };
  const total = walk(0);
  return output.length === 0 ? [total] : result;
}

const numbers = (shape: number[], start = 1) =>
  arange(start, start + shape.reduce((a, b) => a * b, 1), 1, { dtype: "float64" })
    .reshape(shape)
    .remainder(7)
    .sub(2.5);

describe("einsum", () => {
  it("gives what the loops give, for any names on one to three operands", () => {
    const sizes: Record<string, number> = { a: 2, b: 3, c: 1, d: 4, e: 5 };
    const term = fc.array(fc.constantFrom(..."abcde"), { maxLength: 4 }).map((list) => list.join(""));
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 3 }), fc.nat(), (inputs, pick) => {
        const used = [...new Set(inputs.join(""))];
        const output = used.filter((_, i) => (pick >> i) & 1).join("");
        const own = Object.fromEntries(used.map((name) => [name, sizes[name]]));
        const xs = inputs.map((text, i) =>
          numbers(
            [...text].map((name) => sizes[name]),
            i,
          ),
        );
        const got = einsum(`${inputs.join(", ")} -> ${output}`, ...xs);
        expect(got.shape).toEqual([...output].map((name) => sizes[name]));
        const plusZero = (values: ArrayLike<number>) => Array.from(values, (v) => v + 0);
        expect(plusZero(got.flat())).toEqual(plusZero(naive(inputs, output, xs, own)));
      }),
      { numRuns: 300 },
    );
  });

  it("reads spaces, ellipsis and the implicit result as PyTorch", () => {
    const x = numbers([2, 3, 4]);
    const w = numbers([4, 5]);
    const expected = x.matmul(w).toArray();
    expect(einsum("b t c, c d -> b t d", x, w).toArray()).toEqual(expected);
    expect(einsum("btc,cd", x, w).toArray()).toEqual(x.matmul(w).transpose().toArray()); // b d t
    expect(einsum("...c, c d -> ...d", x, w).toArray()).toEqual(expected);
    expect(einsum("ba", w).toArray()).toEqual(w.transpose().toArray());
    expect(einsum("...i, ...i", x, x).toArray()).toEqual(x.mul(x).sum(-1).toArray());
    expect(einsum("b...->...", x).toArray()).toEqual(x.sum(0).toArray());
    expect(einsum("b...->b", x).toArray()).toEqual(x.sum([1, 2]).toArray());
  });

  it("lets axes of size 1 stretch, named or under the ellipsis", () => {
    const a = numbers([2, 1, 3]);
    const b = numbers([4, 3]);
    expect(einsum("...i, ...i -> ...", a, b).toArray()).toEqual(a.mul(b).sum(-1).toArray());
    expect(einsum("ij, ij -> i", numbers([2, 3]), numbers([2, 1])).toArray()).toEqual(
      numbers([2, 3])
        .mul(numbers([2, 1]))
        .sum(1)
        .toArray(),
    );
  });

  it("takes diagonals of repeated names", () => {
    const x = numbers([3, 3]);
    expect(einsum("ii", x).item()).toBe(x.get([0, 0]) + x.get([1, 1]) + x.get([2, 2]));
    expect(einsum("ii -> i", x).toArray()).toEqual(x.diagonal().toArray());
    expect(einsum("iji -> ji", numbers([2, 4, 2])).shape).toEqual([4, 2]);
  });

  it("contracts over nothing and over empty axes", () => {
    expect(einsum("ij, jk -> ik", numbers([2, 0]), numbers([0, 3])).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(
      einsum("ij, jk -> ik", numbers([2, 0]), numbers([1, 3]))
        .sum()
        .item(),
    ).toBe(0);
    expect(einsum(",->", numbers([], 2), numbers([], 1)).item()).toBe(-0.5 * -1.5);
  });

  it("says what is wrong with an equation", () => {
    const x = numbers([2, 3]);
    const wrong = (equation: string, ...xs: NDArray[]) => expect(() => einsum(equation, ...xs));
    wrong("i1->i", x).toThrow('einsum: expected single letters, "...", commas and at most one "->"');
    wrong("ij,jk->ik", x).toThrow('einsum: "ij,jk->ik" names 2 operands, got 1');
    wrong("ijk->i", x).toThrow('einsum: operand 0 is named "ijk" but has shape (2, 3); name every axis');
    wrong("i->i", x).toThrow('operand 0 is named "i" but has shape (2, 3); name every axis, or write "..."');
    wrong("ij,ij->i", x, numbers([2, 4])).toThrow(
      "einsum: axis j has size 3 in one operand and 4 in operand 1, shapes (2, 3) and (2, 4)",
    );
    wrong("ij->ik", x).toThrow("einsum: the result names axis k, which no operand has");
    wrong("ij->ii", x).toThrow('einsum: an axis comes twice in the result of "ij->ii"; name each one once');
    wrong("ii->i", x).toThrow("einsum: axis i comes twice in operand 0 with sizes 2 and 3");
  });
});
