import { Tensor } from "../../../src/autograd";
import { keepTopK, keepTopP } from "../../../src/lectures/gpt/logits";
import type { NDArray } from "../../../src/tensor";
import * as nd from "../../../src/tensor";
import type { Attempts } from "./attempt";

interface Knobs {
  temperature?: number;
  topK?: number;
  topP?: number;
}
type P = NDArray;

const unit = (p: P) => p.div(p.sum());
const heat = (x: P, t = 1) => x.div(t).softmax();
const keepK = (p: P, k: number) => (k < p.size ? p.maskedFill(p.lt(p.topk(k).values.min().item()), 0) : p);
const down = (p: P) => p.sort(-1, { descending: true }).values;
const keepP = (p: P, topP: number) => {
  if (topP >= 1) return p;
  const sorted = down(p);
  const count = sorted.cumsum(-1).sub(sorted).lt(topP).sum().item();
  return p.maskedFill(p.lt(sorted.get([count - 1])), 0);
};
const right = (x: P, { temperature = 1, topK = x.size, topP = 1 }: Knobs) =>
  unit(keepP(unit(keepK(heat(x, temperature), topK)), topP));
/** Right but for one step. */
const withK =
  (k: (p: P, topK: number) => P) =>
  (x: P, { temperature = 1, topK = x.size, topP = 1 }: Knobs) =>
    unit(keepP(unit(k(heat(x, temperature), topK)), topP));
const withP =
  (f: (p: P, topP: number) => P) =>
  (x: P, { temperature = 1, topK = x.size, topP = 1 }: Knobs) =>
    f(unit(keepK(heat(x, temperature), topK)), topP);
const withHeat =
  (f: (x: P, t: number) => P) =>
  (x: P, { temperature = 1, topK = x.size, topP = 1 }: Knobs) =>
    unit(keepP(unit(keepK(f(x, temperature), topK)), topP));

export const nextTokenProbabilities: Attempts = {
  wrong: [
    {
      name: "the library's processors",
      told: /already does what the exercise asks for/,
      fn: (x: P, { temperature = 1, topK, topP }: Knobs) => {
        let scores = x.div(temperature);
        if (topK !== undefined) scores = keepTopK(scores, topK);
        if (topP !== undefined) scores = keepTopP(scores, topP);
        return scores.softmax();
      },
    },
    { name: "nothing returned", fn: () => {}, told: /is there a `return`/ },
    { name: "a Tensor", fn: (x: P, o: Knobs) => new Tensor(right(x, o)), told: /take `.data` of the Tensor/ },
    {
      name: "a list",
      fn: (x: P, o: Knobs) => right(x, o).toArray(),
      told: /an array of 11 numbers, expected/,
    },
    { name: "an object", fn: (x: P, o: Knobs) => ({ p: right(x, o) }), told: /an object \{ p \}/ },
    {
      name: "float64",
      fn: (x: P, o: Knobs) => right(x, o).to("float64"),
      told: /dtype float64, expected float32/,
    },
    { name: "with a batch axis", fn: (x: P, o: Knobs) => right(x, o).unsqueeze(0), told: /axis of size 1/ },
    {
      name: "the token itself",
      fn: (x: P, o: Knobs) => right(x, o).argmax(),
      told: /has shape \(\), expected/,
    },
    { name: "softmax alone", fn: (x: P) => x.softmax(), told: /expected/ },
    {
      name: "temperature alone",
      fn: (x: P, o: Knobs) => heat(x, o.temperature),
      told: /expected 0, |has no effect|expected/,
    },
    {
      name: "topP 0.999 where none is given",
      fn: (x: P, o: Knobs) => right(x, { topP: 0.999, ...o }),
      told: /without any option/,
    },
    { name: "uniform", fn: (x: P) => nd.full([x.size], 1 / x.size), told: /expected/ },
    { name: "temperature added", fn: withHeat((x, t) => x.add(t).softmax()), told: /expected 0.7826/ },
    { name: "temperature squared", fn: withHeat((x, t) => x.div(t * t).softmax()), told: /expected 0.7826/ },
    {
      name: "root of the temperature",
      fn: withHeat((x, t) => x.div(Math.sqrt(t)).softmax()),
      told: /0.7826/,
    },
    {
      name: "temperature as an exponent",
      fn: withHeat((x, t) => unit(x.softmax().pow(t))),
      told: /expected 0.7826/,
    },
    {
      name: "temperature at most 1",
      fn: withHeat((x, t) => x.div(Math.min(t, 1)).softmax()),
      told: /with a huge temperature/,
    },
    {
      name: "temperature limited from below",
      fn: withHeat((x, t) => x.div(Math.max(t, 0.5)).softmax()),
      told: /with a tiny temperature/,
    },
    {
      name: "scores limited so that exp does not overflow",
      fn: withHeat((x, t) => unit(x.div(t).clamp(-10, 10).exp())),
      told: /with a tiny temperature/,
    },
    { name: "log-softmax", fn: withHeat((x, t) => x.div(t).logSoftmax()), told: /expected|finite/ },
    { name: "softmax twice", fn: withHeat((x, t) => x.div(t).softmax().softmax()), told: /expected 0.7826/ },
    {
      name: "topk without a guard",
      fn: withK((p, k) => p.maskedFill(p.lt(p.topk(k).values.min().item()), 0)),
      told: /ask topK < p.size first/,
    },
    {
      name: "the k-th dropped",
      fn: withK((p, k) => (k < p.size ? p.maskedFill(p.le(p.topk(k).values.min().item()), 0) : p)),
      told: /the k-th itself must stay/,
    },
    {
      name: "k + 1-th as a line, and ties gone",
      fn: withK((p, k) => (k < p.size ? p.maskedFill(p.le(down(p).get([k])), 0) : p)),
      told: /2 at least|topK 2 keeps two/,
    },
    {
      name: "the largest k by max",
      fn: withK((p, k) => (k < p.size ? p.maskedFill(p.lt(p.topk(k).values.max().item()), 0) : p)),
      told: /expected/,
    },
    {
      name: "the first k tokens",
      fn: withK((p, k) => p.maskedFill(nd.arange(0, p.size).ge(k), 0)),
      told: /expected/,
    },
    {
      name: "k as a share",
      fn: withK((p, k) => (k < p.size ? p.maskedFill(p.lt(1 / k), 0) : p)),
      told: /expected|finite/,
    },
    { name: "topK ignored", fn: withK((p) => p), told: /topK has no effect/ },
    {
      name: "topK only when topP is not given",
      fn: (x: P, o: Knobs) => right(x, o.topP === undefined ? o : { ...o, topK: undefined }),
      told: /top-k leaves 0.4, 0.3, 0.2|expected/,
    },
    {
      name: "topP only when topK is not given",
      fn: (x: P, o: Knobs) => right(x, o.topK === undefined ? o : { ...o, topP: undefined }),
      told: /where topK is given, topP is forgotten/,
    },
    {
      name: "top-p first",
      fn: (x: P, { temperature = 1, topK = x.size, topP = 1 }: Knobs) =>
        unit(keepK(unit(keepP(heat(x, temperature), topP)), topK)),
      told: /topP looks at the probabilities from before topK/,
    },
    {
      name: "divided once, at the end",
      fn: (x: P, { temperature = 1, topK = x.size, topP = 1 }: Knobs) =>
        unit(keepP(keepK(heat(x, temperature), topK), topP)),
      told: /topP looks at the probabilities from before topK/,
    },
    {
      name: "softmax in place of the last division",
      fn: withP((p, topP) => (topP < 1 ? keepP(p, topP).softmax() : p)),
      told: /expected/,
    },
    {
      name: "cumsum < p",
      fn: withP((p, topP) => {
        if (topP >= 1) return p;
        const sorted = down(p);
        const count = Math.max(1, sorted.cumsum(-1).lt(topP).sum().item());
        return unit(p.maskedFill(p.lt(sorted.get([count - 1])), 0));
      }),
      told: /drops the token that crosses/,
    },
    {
      name: "before ≤ p",
      fn: withP((p, topP) => {
        if (topP >= 1) return p;
        const sorted = down(p);
        const count = sorted.cumsum(-1).sub(sorted).le(topP).sum().item();
        return unit(p.maskedFill(p.lt(sorted.get([count - 1])), 0));
      }),
      told: /reaches 0.5 exactly, and that is enough/,
    },
    {
      name: "1 − p",
      fn: withP((p, topP) => unit(keepP(p, 1 - topP))),
      told: /expected/,
    },
    {
      name: "as a share of the likeliest (min-p)",
      fn: withP((p, topP) => (topP < 1 ? unit(p.maskedFill(p.lt(p.max().mul(topP)), 0)) : p)),
      told: /expected/,
    },
    {
      name: "the next one too",
      fn: withP((p, topP) => {
        if (topP >= 1) return p;
        const sorted = down(p);
        const count = sorted.cumsum(-1).sub(sorted).lt(topP).sum().item();
        return unit(p.maskedFill(p.lt(sorted.get([Math.min(count, p.size - 1)])), 0));
      }),
      told: /one token too many/,
    },
    {
      name: "two at least",
      fn: withP((p, topP) => unit(keepP(p, Math.max(topP, p.max().item() + 1e-6)))),
      told: /likeliest token alone is enough|expected/,
    },
    {
      name: "line dropped with its equals",
      fn: withP((p, topP) => {
        if (topP >= 1) return p;
        const sorted = down(p);
        const count = sorted.cumsum(-1).sub(sorted).lt(topP).sum().item();
        if (count >= p.size) return p;
        return unit(p.maskedFill(p.le(sorted.get([count])), 0));
      }),
      told: /stay, expected/,
    },
    {
      name: "put back by rank, not by place",
      fn: withP((p, topP) => {
        const { values, indices } = p.sort(-1, { descending: true });
        return unit(keepP(values, topP)).gather(0, indices);
      }),
      told: /expected/,
    },
    {
      name: "left unscaled by top-p",
      fn: withP(keepP),
      told: /expected|rows do not sum to 1/,
    },
    {
      name: "from the storage of a view",
      fn: (x: P, o: Knobs) => right(nd.array(Array.from(x.data.slice(0, x.size))), o),
      told: /on seeded random input/,
    },
    {
      name: "options remembered",
      fn: (() => {
        const seen: Knobs = {};
        return (x: P, o: Knobs) => right(x, Object.assign(seen, o));
      })(),
      told: /expected/,
    },
    {
      name: "options changed",
      fn: (x: P, o: Knobs) => {
        o.temperature ??= 1;
        return right(x, o);
      },
      told: /changed its argument 2/,
    },
    {
      name: "a topK of 0 for none, divided by",
      fn: (x: P, { temperature, topK = 0, topP = 0 }: Knobs) =>
        unit(keepP(unit(keepK(heat(x, temperature), topK)), topP)),
      told: /the function threw|finite|expected/,
    },
  ],
  right: [
    { name: "as in the hint", fn: right },
    {
      name: "powers of probabilities",
      fn: withHeat((x, t) => {
        const scores = x.sub(x.max()).div(t);
        return unit(scores.exp());
      }),
    },
    {
      name: "indices of topk, exactly k",
      fn: withK((p, k) => {
        const { values, indices } = p.topk(Math.min(k, p.size));
        return nd.zeros([p.size]).to(p.dtype).scatterAdd(0, indices, values);
      }),
    },
    {
      name: "indices of sort, exactly enough",
      fn: withP((p, topP) => {
        const { values, indices } = p.sort(-1, { descending: true });
        const spare = values.cumsum(-1).sub(values).ge(topP);
        return unit(nd.zeros([p.size]).to(p.dtype).scatterAdd(0, indices, values.maskedFill(spare, 0)));
      }),
    },
    {
      name: "where",
      fn: withK((p, k) =>
        k < p.size ? nd.where(p.ge(down(p).get([k - 1])), p, nd.zeros([1]).to(p.dtype)) : p,
      ),
    },
    {
      name: "a loop that adds up",
      fn: withP((p, topP) => {
        const order = Array.from<number>(p.sort(-1, { descending: true }).indices.flat());
        const keep = new Set<number>();
        let sum = 0;
        for (const i of order) {
          if (sum >= topP) break;
          keep.add(i);
          sum += p.get([i]);
        }
        return unit(p.maskedFill(nd.array(order.map((_, i) => !keep.has(i))), 0));
      }),
    },
    {
      name: "numbers all the way",
      fn: (x: P, { temperature = 1, topK = x.size, topP = 1 }: Knobs) => {
        const scores = Array.from(x.flat(), (s) => s / temperature);
        const top = Math.max(...scores);
        let p = scores.map((s) => Math.exp(s - top));
        const share = () => {
          const sum = p.reduce((a, b) => a + b, 0);
          p = p.map((q) => q / sum);
        };
        share();
        const ranked = [...p].sort((a, b) => b - a);
        if (topK < p.length) p = p.map((q) => (q >= ranked[topK - 1] ? q : 0));
        share();
        if (topP < 1) {
          const next = [...p].sort((a, b) => b - a);
          let [sum, count] = [0, 0];
          while (sum < topP && count < next.length) sum += next[count++];
          p = p.map((q) => (q >= next[count - 1] ? q : 0));
        }
        share();
        return nd.array(p);
      },
    },
    {
      name: "a function of its own for each step",
      fn: (x: P, o: Knobs) => {
        const steps = [
          (p: P) => (o.topK && o.topK < p.size ? unit(keepK(p, o.topK)) : p),
          (p: P) => (o.topP && o.topP < 1 ? unit(keepP(p, o.topP)) : p),
        ];
        return steps.reduce((p, step) => step(p), heat(x, o.temperature));
      },
    },
    {
      name: "masked logits, log-softmax",
      fn: (x: P, { temperature = 1, topK = x.size, topP = 1 }: Knobs) => {
        const log = x.div(temperature).logSoftmax();
        const best = keepK(log.exp(), topK);
        const again = log.maskedFill(best.eq(0), -Infinity).logSoftmax();
        return unit(keepP(again.exp(), topP));
      },
    },
    { name: "in float64", fn: (x: P, o: Knobs) => right(x.to("float64"), o).to("float32") },
  ],
};
