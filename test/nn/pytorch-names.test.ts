import { describe, expect, it, test } from "vitest";
import * as g from "../../src";

/**
 * What a PyTorch user looks for: under its name in PyTorch it is there, or the error says how it is called here. The name
 * on the left is PyTorch's; where ours is not the same in camelCase, it follows.
 */
const names = (text: string): [theirs: string, ours: string][] =>
  text
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [theirs, ours] = entry.split("=");
      return [theirs, ours ?? theirs.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
    });

const methods = names(`
  nonzero argwhere=nonzero masked_select masked_fill index_select index_add index_add_=indexAdd index_put index_put_=indexPut
  gather scatter scatter_=scatter scatter_add take_along_dim
  chunk unbind tile repeat ravel=flatten flatten softmax log_softmax sort argsort topk median quantile unique
  cumsum cumprod cummax cummin bincount histc isinf=isInf isnan=isNaN isfinite=isFinite nan_to_num allclose isclose=isClose equal
  logaddexp log2 log10 tan asin acos atan arcsin=asin arccos=acos arctan=atan atan2 arctan2=atan2 sinh cosh trunc fix=trunc fmod
  outer ger=outer dot inner=dot trace diag diagonal
  view=reshape view_as=reshape reshape_as=reshape expand_as=expand t=transpose T=transpose mT=transpose swapaxes=transpose
  movedim=permute moveaxis=permute mm=matmul bmm=matmul mv=matmul numel=size nelement=size dim=ndim
  numpy=toArray tolist=toArray float=to double=to long=to type_as=to absolute=abs negative=neg
  clip=clamp clamp_=clamp add_=add less=lt greater=gt logical_and logical_xor=ne amax=max amin=min count_nonzero=ne sgn=sign`);

const functions = names(`searchsorted lerp meshgrid vstack hstack cdist split where cat=concat einsum`);

const read = (owner: object, name: string): unknown => (owner as Record<string, unknown>)[name];

describe("a method", () => {
  const owners: [string, object][] = [
    ["Tensor", g.tensor([1, 2])],
    ["NDArray", g.nd.ones([2])],
  ];
  test.each(methods)("%s", (theirs, ours) => {
    for (const [name, x] of owners) {
      expect(ours in x, `${name}.${ours}`).toBe(true);
      if (theirs === ours) expect(typeof read(x, theirs)).toBe("function");
      else expect(() => read(x, theirs)).toThrow(`${name}.${theirs}: no such member; ours is ${ours}`);
    }
    // As a function, torch.NAME(x), the error says that it is a method.
    if (theirs in g.nd) return;
    expect(() => read(g.nd, theirs)).toThrow(`nd.${theirs}: no such function; did you mean x.${ours}`);
  });
});

test("what changes in place belongs to the array that a tensor holds", () => {
  for (const [theirs, ours] of names("copy_=assign zero_=fill fill_=fill normal_=assign uniform_=assign")) {
    expect(typeof read(g.nd.ones([1]), ours)).toBe("function");
    expect(() => read(g.nd.ones([1]), theirs)).toThrow(`NDArray.${theirs}: no such member; ours is ${ours}`);
    expect(() => read(g.tensor([1]), theirs)).toThrow(
      `Tensor.${theirs}: no such member; ours is data.${ours}`,
    );
  }
});

test.each(functions)("a function, %s", (theirs, ours) => {
  for (const owner of [g, g.nd]) expect(typeof read(owner, ours)).toBe("function");
  if (theirs !== ours) expect(() => read(g.nd, theirs)).toThrow(`did you mean nd.${ours}?`);
  for (const x of [g.tensor([1]), g.nd.ones([1])])
    expect(() => read(x, theirs)).toThrow(new RegExp(`no such member; ours is ${ours}\\(`));
});

test("functions of models, images, gradients and luck", () => {
  const wanted =
    "glu prelu mish gelu silu dropout2d gridSample convTranspose1d convTranspose2d conv1d maxPool1d avgPool1d";
  for (const name of `${wanted} grad vjp jvp randint randn randperm repeatInterleave`.split(" "))
    expect(typeof read(g, name), name).toBe("function");
  for (const name of "orthogonal xavierUniform kaimingNormal truncatedNormal".split(" "))
    expect(typeof read(g.init, name), name).toBe("function");
  expect(typeof g.nd.randint).toBe("function");
});

test("classes", () => {
  const wanted = `ReduceLROnPlateau NAdam RAdam AveragedModel BatchNorm1d MaxPool1d AvgPool1d InstanceNorm2d PReLU Dropout2d
    GRU LSTM Conv1d Conv2d ConvTranspose1d ConvTranspose2d ConcatDataset WeightedRandomSampler Subset TensorDataset`;
  for (const name of wanted.split(/\s+/)) expect(String(read(g, name)), name).toMatch(/^class /);
});

it("finds its way in a model", () => {
  const model = new g.Sequential(new g.Linear(2, 3), g.mish, new g.Linear(3, 4), (x) => g.glu(x, -1));
  expect(model.forward(g.randn([5, 2])).shape).toEqual([5, 2]);
  const found =
    names(`register_forward_hook register_forward_pre_hook named_buffers buffers get_parameter named_parameters
    state_dict load_state_dict zero_grad requires_grad_=unfreeze`);
  for (const [theirs, ours] of found) {
    expect(typeof read(model, ours), ours).toBe("function");
    if (theirs !== ours)
      expect(() => read(model, theirs)).toThrow(`Module.${theirs}: no such member; ours is ${ours}`);
  }
});
