import { expect, test } from "vitest";
import { randn, type Tensor } from "../../src/autograd";
import { GRU, LSTM, meta } from "../../src/nn";
import { Generator, type NDArray } from "../../src/tensor";
import { agree, expectClose, recorded } from "./torch";

/** PyTorch's names are ours in snake_case. */
const names = [
  ["weightIhL", "weight_ih_l"],
  ["weightHhL", "weight_hh_l"],
  ["biasIhL", "bias_ih_l"],
  ["biasHhL", "bias_hh_l"],
  ["Reverse", "_reverse"],
] as const;
const deep = { numLayers: 3, bidirectional: true };

test.each([
  ["gru", new GRU(3, 4)],
  ["gru_deep", new GRU(3, 4, deep)],
])("%s: outputs, last state and all gradients as PyTorch", (name, layer) => {
  const run = ({ x, hidden }: Readonly<Record<string, Tensor>>) => {
    const last = layer.forward(x, { hidden });
    return [last.output, last.hidden];
  };
  agree(layer, recorded(name), run, names);
});

test.each([
  ["lstm", new LSTM(3, 4, { bias: false })],
  ["lstm_deep", new LSTM(3, 4, deep)],
])("%s: outputs, last states and all gradients as PyTorch", (name, layer) => {
  const run = ({ x, hidden, cell }: Readonly<Record<string, Tensor>>) => {
    const last = layer.forward(x, { hidden, cell });
    return [last.output, last.hidden, last.cell];
  };
  agree(layer, recorded(name), run, names);
});

const both = [
  ["GRU", () => new GRU(3, 4, { numLayers: 2 })],
  ["LSTM", () => new LSTM(3, 4, { numLayers: 2 })],
] as const;

test.each(both)("%s: a sequence in two parts is the whole sequence", (_, make) => {
  const layer = make().to("float64");
  const x = randn([2, 7, 3], { dtype: "float64" });
  const whole = layer.forward(x);
  const { output: _early, ...state } = layer.forward(x.narrow(1, 0, 3));
  const rest = layer.forward(x.narrow(1, 3, 4), state);
  expectClose(rest.output, whole.output.narrow(1, 3, 4).data, 1e-12);
  expectClose(rest.hidden, whole.hidden.data, 1e-12);
});

test.each([
  ["GRU", GRU],
  ["LSTM", LSTM],
])("%s: dropout lies between layers, in training alone", (_, Layer) => {
  const make = () => new Layer(3, 4, { numLayers: 2, dropout: 0.5, generator: new Generator(3) });
  const layer = make();
  const x = randn([2, 5, 3]);
  const run = (other = layer): NDArray => other.forward(x).output.data;
  expect([...run().flat()]).not.toEqual([...run().flat()]);
  const twin = make();
  twin.loadStateDict(layer.stateDict());
  const again = make();
  again.loadStateDict(layer.stateDict());
  expectClose(run(twin), run(again), 0);
  layer.eval();
  expectClose(run(), run(), 0);
  const all = new Layer(3, 4, { dropout: 1 }); // of one layer nothing is dropped
  expectClose(all.forward(x).output, all.eval().forward(x).output.data, 0);
});

test("meta models know their size, and the settings are printed", () => {
  expect(meta(() => new LSTM(1000, 2000, { bidirectional: true })).parameterCount()).toBe(
    2 * (8000 * 1000 + 8000 * 2000 + 2 * 8000),
  );
  expect(`${new LSTM(3, 4, { ...deep, dropout: 0.1 })}`).toBe(
    "LSTM(3, 4, numLayers=3, dropout=0.1, bidirectional=true)",
  );
});

test("mistakes are told", () => {
  const gru = new GRU(3, 4);
  const x = randn([2, 5, 3]);
  expect(() => gru.forward(randn([2, 5, 4]))).toThrow("GRU: expected axis 2 of (B, T, 3) to be 3, got 4");
  expect(() => gru.forward(randn([2, 0, 3]))).toThrow("GRU: expected at least 1 token, got shape (2, 0, 3)");
  expect(() => gru.forward(x, { hidden: randn([2, 4]) })).toThrow(
    "GRU: hidden: expected (layers · directions, B, H) = (1, 2, 4), got shape (2, 4)",
  );
  expect(() => gru.forward(x, randn([1, 2, 4]) as never)).toThrow("GRU: expected options such as { hidden }");
  expect(() => gru.forward(x, { cell: x } as never)).toThrow("GRU: no option is called cell");
  expect(() => new LSTM(3, 0)).toThrow("LSTM: expected hiddenSize to be a whole number >= 1, got 0");
  expect(() => new LSTM(3, 4, { dropout: 2 })).toThrow(
    "LSTM: expected dropout to be a number in [0, 1], got 2",
  );
});
