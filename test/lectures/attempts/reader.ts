import type { Tensor } from "../../../src/autograd";
import type { BlockParts } from "../../../src/lectures/transformer";
import type { NDArray } from "../../../src/tensor";
import type { Attempts } from "./attempt";

/**
 * What a reader wrote who had nothing but the notebooks, where no mutant does exactly the same: it raises an error with words
 * of its own, is wrong in one case alone, or returns less than was asked for.
 */
export const broadcastShapes: Attempts = {
  wrong: [
    {
      name: "lined up at the front, with an error of one's own",
      fn(a: number[], b: number[]) {
        const out: number[] = [];
        for (let i = 0; i < Math.max(a.length, b.length); i++) {
          const [m, n] = [a[i] ?? 1, b[i] ?? 1];
          if (m !== n && m !== 1 && n !== 1) throw new Error("no fit");
          out.push(m === 1 ? n : m);
        }
        return out;
      },
      told: /threw Error: no fit.*broadcasting lines up the last ones/s,
    },
    {
      name: "|| in place of ??, so that a size of 0 counts as 1",
      fn(a: number[], b: number[]) {
        const out: number[] = [];
        for (let i = 1; i <= Math.max(a.length, b.length); i++) {
          const [m, n] = [a.at(-i) || 1, b.at(-i) || 1];
          if (m !== n && m !== 1 && n !== 1) throw new Error("no fit");
          out.unshift(m === 1 ? n : m);
        }
        return out;
      },
      told: /beside a 1 the other counts, and that may be 0/,
    },
  ],
  right: [],
};

export const readView: Attempts = {
  wrong: [
    {
      name: "the numbers as they lie, also beyond the end",
      fn: (data: number[], shape: number[], _: number[], offset: number) =>
        data.slice(offset, offset + shape.reduce((size, n) => size * n, 1)),
      told: /the numbers are read as they lie/,
    },
  ],
  right: [],
};

export const encoderBlock: Attempts = {
  wrong: [
    {
      name: "side by side, with the norm first alone",
      fn(x: Tensor, { attentionNorm, attention, mlpNorm, mlp }: BlockParts, normFirst = true) {
        if (normFirst) return x.add(attention(attentionNorm(x))).add(mlp(mlpNorm(x)));
        x = attentionNorm(x.add(attention(x)));
        return mlpNorm(x.add(mlp(x)));
      },
      told: /the MLP reads the x from before attention/,
    },
  ],
  right: [],
};

export const softmaxPullback: Attempts = {
  wrong: [
    {
      name: "the axis lost that was summed",
      fn: (g: NDArray, y: NDArray) => y.mul(g.sub(g.mul(y).sum(-1))),
      told: /do not broadcast.*keepDims: true/s,
    },
  ],
  right: [],
};
