import { describe, expect, test } from "vitest";
import { Encoder, Linear, Sequential } from "../../src/nn";
import { array, manualSeed, type NDArray, zeros } from "../../src/tensor";

const snapshot = (state: Map<string, NDArray>) =>
  new Map([...state].map(([name, value]) => [name, value.clone()]));

describe("state dict", () => {
  test("round trip into a model with other weights", () => {
    manualSeed(3);
    const a = new Encoder(6, 2, 2);
    const b = new Encoder(6, 2, 2);
    const values = (model: Encoder) => [...model.stateDict().values()].map((value) => value.toArray());
    expect(values(b)).not.toEqual(values(a));
    expect(b.loadStateDict(a.stateDict())).toEqual({ missing: [], unexpected: [] });
    expect(values(b)).toEqual(values(a));
    b.parameters()[0].data.fill(9);
    expect(values(b)).not.toEqual(values(a));
  });

  test("shares memory with the model, so a snapshot is a clone", () => {
    const layer = new Linear(2, 1);
    const state = layer.stateDict();
    layer.weight.data.fill(7);
    expect(state.get("weight")?.toArray()).toEqual([[7, 7]]);
  });

  test("numbers are converted to the type of the parameter; its memory stays", () => {
    const layer = new Linear(2, 1, { bias: false });
    const { data } = layer.weight.data;
    layer.loadStateDict(new Map([["weight", array([[1, 2]], { dtype: "float64" })]]));
    expect(layer.weight.dtype).toBe("float32");
    expect(layer.weight.data.data).toBe(data);
  });

  test("one error lists all that is missing, unexpected and misshapen, and nothing changes", () => {
    const net = new Sequential(new Linear(3, 5, { bias: false }), new Linear(3, 2));
    const before = snapshot(net.stateDict());
    const state = new Map([
      ["0.weight", zeros([6, 3])],
      ["1.weight", zeros([3, 2])],
      ["extra", zeros([4])],
      ["other.bias", zeros([])],
    ]);
    expect(() => net.loadStateDict(state)).toThrow(
      new Error(
        `loadStateDict: 5 names of Sequential do not fit, nothing was loaded
  wrong shape 0.weight: expected (5, 3), got (6, 3)
  wrong shape 1.weight: expected (2, 3), got (3, 2); did you mean its transpose()?
  missing     1.bias (2,)
  unexpected  extra (4,)
  unexpected  other.bias ()`,
      ),
    );
    for (const [name, value] of net.stateDict()) expect(value.toArray()).toEqual(before.get(name)?.toArray());
  });

  test("strict: false returns what one side lacks, but shapes must agree", () => {
    const layer = new Linear(2, 1);
    const some = new Map([
      ["weight", array([[1, 2]])],
      ["head", zeros([1])],
    ]);
    expect(layer.loadStateDict(some, { strict: false })).toEqual({ missing: ["bias"], unexpected: ["head"] });
    expect(layer.weight.toArray()).toEqual([[1, 2]]);
    const wrong = new Map([
      ["weight", zeros([1, 2])],
      ["bias", zeros([3])],
    ]);
    expect(() => layer.loadStateDict(wrong, { strict: false })).toThrow(
      "1 name of Linear does not fit, nothing was loaded\n  wrong shape bias: expected (1,), got (3,)",
    );
    expect(layer.weight.toArray()).toEqual([[1, 2]]);
  });

  test("what is no map, and what is no array", () => {
    const layer = new Linear(1, 1, { bias: false });
    expect(() => layer.loadStateDict({ weight: 1 } as never)).toThrow(
      /expected a Map from names to NDArrays/,
    );
    expect(() => layer.loadStateDict(new Map([["weight", [[1]]]]) as never)).toThrow(
      "not an array weight: expected an NDArray, got a list of 1",
    );
  });
});
