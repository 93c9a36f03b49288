import { checkTensor, concat, dropout, linear, split, stack, type Tensor, zeros } from "../autograd";
import {
  checkOptions,
  dims,
  expected,
  type Generator,
  isFloat,
  sameShape,
  showShape,
  words,
} from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { Module } from "./module";
import { type Parameter, parameter } from "./parameter";

export interface RecurrentOptions {
  /** How many nets stand on each other; each reads the outputs of the one below, 1. */
  readonly numLayers?: number;
  readonly bias?: boolean;
  /** Probability to drop an output on its way to the next layer, in training, 0. */
  readonly dropout?: number;
  /** A second net reads from the last token to the first; outputs stand side by side. */
  readonly bidirectional?: boolean;
  /** Where dropout's zeros are drawn from; a checkpoint of a training saves its state. */
  readonly generator?: Generator;
}

export interface GRUState {
  /** (layers · directions, B, H): layer by layer, in each forwards and then backwards. */
  readonly hidden: Tensor;
}

export interface LSTMState extends GRUState {
  /** (layers · directions, B, H) */
  readonly cell: Tensor;
}

interface Outputs {
  /** (B, T, directions · H): what the last layer says at every token. */
  readonly output: Tensor;
}

/** What a cell reads beside the input: the states' weight (gates · H, H), and the bias. */
type Recurrence = readonly [weight: Tensor, bias: Tensor | undefined];

/**
 * What GRU and LSTM share. Sequences are (B, T, C), as everywhere here (PyTorch's `batch_first=True`); states are
 * (layers · directions, B, H), as PyTorch's. So are the weights: those of all gates stand below each other,
 * `weightIhL0` (gates · H, C) for the input and `weightHhL0` (gates · H, H) for the state, then `biasIhL0` and
 * `biasHhL0`; `L1` is the next layer, `L0Reverse` reads backwards. All start uniform in ±1/√H.
 */
abstract class Recurrent extends Module {
  [weight: `weight${"Ih" | "Hh"}L${string}`]: Parameter;
  [bias: `bias${"Ih" | "Hh"}L${string}`]: Parameter | undefined;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly generator?: Generator;

  constructor(
    gates: number,
    readonly inputSize: number,
    readonly hiddenSize: number,
    options: RecurrentOptions,
  ) {
    super();
    const op = new.target.name;
    checkOptions(op, options, "numLayers: 2", {
      ...{ numLayers: "size", bias: "boolean", dropout: "fraction", bidirectional: "boolean" },
      generator: "generator",
    });
    const { numLayers = 1, bias = true, dropout = 0, bidirectional = false, generator } = options;
    checkSizes(op, { inputSize, hiddenSize });
    this.numLayers = numLayers;
    this.bias = bias;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    if (generator !== undefined) this.generator = generator;
    const bound = 1 / Math.sqrt(hiddenSize);
    const uniform = (...shape: number[]) => parameter(init.uniform(shape, { low: -bound, high: bound }));
    const rows = gates * hiddenSize;
    for (const { layer, suffix } of this.#nets()) {
      const width = layer === 0 ? inputSize : hiddenSize * this.#directions;
      this[`weightIhL${suffix}`] = uniform(rows, width);
      this[`weightHhL${suffix}`] = uniform(rows, hiddenSize);
      if (!bias) continue;
      this[`biasIhL${suffix}`] = uniform(rows);
      this[`biasHhL${suffix}`] = uniform(rows);
    }
  }

  get #directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** Every net: one, or one for each direction, in every layer. */
  #nets(): { layer: number; backwards: boolean; suffix: string }[] {
    const directions = this.bidirectional ? [false, true] : [false];
    return Array.from({ length: this.numLayers }, (_, layer) =>
      directions.map((backwards) => ({ layer, backwards, suffix: `${layer}${backwards ? "Reverse" : ""}` })),
    ).flat();
  }

  /** One step: the input's share (B, gates · H) of the gates, and the states (B, H) so far; the first is the output. */
  protected abstract cell(given: Tensor, states: readonly Tensor[], recurrence: Recurrence): Tensor[];

  /** The outputs, and the last states; `first` by name, zeros where undefined. */
  protected run(x: Tensor, first: Readonly<Record<string, Tensor | undefined>>): [Tensor, Tensor[]] {
    const op = this.constructor.name;
    checkTensor(op, x);
    const { B, T } = dims(op, x.shape, `B T ${this.inputSize}`);
    if (T === 0) throw expected(op, "at least 1 token", words(`shape ${showShape(x.shape)}`));
    const nets = this.#nets();
    const shape = [nets.length, B, this.hiddenSize];
    const before = Object.entries(first).map(([name, state]) => {
      if (state === undefined) return zeros(shape, { dtype: isFloat(x.dtype) ? x.dtype : "float32" });
      if (sameShape(state.shape, shape)) return state;
      const what = `(layers · directions, B, H) = ${showShape(shape)}`;
      throw expected(`${op}: ${name}`, what, words(`shape ${showShape(state.shape)}`));
    });
    const last: Tensor[][] = before.map(() => []);
    let input = x;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const { dropout: p, training, generator } = this;
      if (layer > 0) input = dropout(input, { p, training, generator });
      const sides = nets.flatMap((net, i) => {
        if (net.layer !== layer) return [];
        const [outputs, states] = this.#read(
          input,
          net,
          before.map((state) => state.select(0, i)),
        );
        states.forEach((state, k) => {
          last[k].push(state);
        });
        return [outputs];
      });
      input = sides.length === 1 ? sides[0] : concat(sides, 2);
    }
    return [input, last.map((states) => stack(states))];
  }

  /** One net over all tokens (B, T, C): its outputs (B, T, H), and its states (B, H) at the end. */
  #read(
    x: Tensor,
    { suffix, backwards }: { suffix: string; backwards: boolean },
    states: Tensor[],
  ): [Tensor, Tensor[]] {
    const given = linear(x, this[`weightIhL${suffix}`], this[`biasIhL${suffix}`]);
    const recurrence = [this[`weightHhL${suffix}`], this[`biasHhL${suffix}`]] as const;
    const T = x.shape[1];
    const outputs = new Array<Tensor>(T);
    for (let i = 0; i < T; i++) {
      const t = backwards ? T - 1 - i : i;
      states = this.cell(given.select(1, t), states, recurrence);
      outputs[t] = states[0];
    }
    return [stack(outputs, 1), states];
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.numLayers > 1) parts.push(`numLayers=${this.numLayers}`);
    if (!this.bias) parts.push("bias=false");
    if (this.dropout > 0) parts.push(`dropout=${this.dropout}`);
    if (this.bidirectional) parts.push("bidirectional=true");
    return parts.join(", ");
  }
}

/**
 * A recurrent net with gates, which reads token after token: x (B, T, inputSize) → output (B, T, directions · H) and the
 * last states. Each state h is a mixture of the one before and a proposal n:
 *
 *     r = σ(W_ir x + b_ir + W_hr h + b_hr)        how much of the past the proposal sees
 *     z = σ(W_iz x + b_iz + W_hz h + b_hz)        how much of the past stays
 *     n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
 *     h ← (1 − z) ⊙ n + z ⊙ h
 *
 * Gates stand in the weights in the order r, z, n. To go on where a sequence ended: `gru.forward(next, { hidden })`.
 *
 * Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014; with r after the product, as cuDNN.
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(3, inputSize, hiddenSize, options);
  }

  forward(x: Tensor, state: Partial<GRUState> = {}): GRUState & Outputs {
    checkOptions("GRU", state, "hidden", { hidden: "tensor" });
    const [output, [hidden]] = this.run(x, { hidden: state.hidden });
    return { output, hidden };
  }

  protected override cell(given: Tensor, [h]: readonly Tensor[], [weight, bias]: Recurrence): Tensor[] {
    const [ri, zi, ni] = split(given, this.hiddenSize, 1);
    const [rh, zh, nh] = split(linear(h, weight, bias), this.hiddenSize, 1);
    const r = ri.add(rh).sigmoid();
    const z = zi.add(zh).sigmoid();
    const n = ni.add(r.mul(nh)).tanh();
    return [n.add(z.mul(h.sub(n)))];
  }
}

/**
 * A recurrent net with a memory: x (B, T, inputSize) → output (B, T, directions · H) and the last states. The cell c
 * changes by addition alone, so that gradients last over many tokens:
 *
 *     i, f, o = σ(W x + b + U h + b')        what comes in, what stays, what is shown
 *     g = tanh(W_ig x + b_ig + W_hg h + b_hg)
 *     c ← f ⊙ c + i ⊙ g
 *     h ← o ⊙ tanh(c)
 *
 * Gates stand in the weights in the order i, f, g, o. To go on where a sequence ended: `lstm.forward(next, { hidden, cell })`.
 *
 * Hochreiter and Schmidhuber, "Long short-term memory", 1997; Gers et al., "Learning to forget", 2000.
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(4, inputSize, hiddenSize, options);
  }

  forward(x: Tensor, state: Partial<LSTMState> = {}): LSTMState & Outputs {
    checkOptions("LSTM", state, "hidden, cell", { hidden: "tensor", cell: "tensor" });
    const [output, [hidden, cell]] = this.run(x, { hidden: state.hidden, cell: state.cell });
    return { output, hidden, cell };
  }

  protected override cell(given: Tensor, [h, c]: readonly Tensor[], [weight, bias]: Recurrence): Tensor[] {
    const gates = split(given.add(linear(h, weight, bias)), this.hiddenSize, 1);
    const [i, f, o] = [gates[0], gates[1], gates[3]].map((gate) => gate.sigmoid());
    const kept = f.mul(c).add(i.mul(gates[2].tanh()));
    return [o.mul(kept.tanh()), kept];
  }
}
