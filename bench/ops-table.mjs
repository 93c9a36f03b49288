/**
 * The public operations, each in ours and in PyTorch, at one small and one large size. `forward` alone is without
 * gradients; `both` is forward and backward.
 */
import * as g from "gradschool";

/** @typedef {import("gradschool").Tensor} Tensor */
/** What fills an input: normal numbers, positive ones, 0/1 for bool, or whole numbers below the last of the list. @typedef {"normal" | "positive" | "bool" | "ids"} Kind */
/** @typedef {readonly [kind: Kind, shape: readonly number[], below?: number]} Input */
/** Ours takes the inputs in order; PyTorch's text calls them x, y, z. @typedef {{ op: string, both: boolean, inputs: (size: "small" | "large") => readonly Input[], ours: (...inputs: any[]) => unknown, theirs: string }} Operation */

/** @type {Operation[]} */
export const operations = [];
/**
 * @param {string} op
 * @param {readonly [small: readonly Input[], large: readonly Input[]]} inputs
 * @param {(...inputs: any[]) => unknown} ours
 * @param {string} theirs
 * @param {{ both?: boolean }} options
 */
function add(op, [small, large], ours, theirs, { both = false } = {}) {
  operations.push({ op, both, inputs: (size) => (size === "small" ? small : large), ours, theirs });
}

/** The same inputs with n = 64 and n = 2048 (4 million numbers). @param {...((n: number) => Input)} inputs @returns {[Input[], Input[]]} */
const square = (...inputs) => [inputs.map((one) => one(64)), inputs.map((one) => one(2048))];
/** @type {(n: number) => Input} */
const normal = (n) => ["normal", [n, n]];
/** @type {(n: number) => Input} */
const positive = (n) => ["positive", [n, n]];
/** @type {(n: number) => Input} */
const bool = (n) => ["bool", [n, n]];
/** @type {(n: number) => Input} */
const column = (n) => ["normal", [n, 1]];
/** @type {(n: number) => Input} */
const row = (n) => ["normal", [n]];
/** @param {readonly number[]} small @param {readonly number[]} large @returns {[Input[], Input[]]} */
const shaped = (small, large) => [[["normal", small]], [["normal", large]]];

// Element-wise, one input.
for (const op of [
  ..."abs neg exp expm1 square sin cos tan tanh sigmoid erf relu sign floor ceil round trunc".split(" "),
  ..."atan sinh cosh isNaN isFinite isInf".split(" "),
])
  add(op, square(normal), (x) => x[op](), `x.${op.toLowerCase()}()`);
for (const op of "log log1p log2 log10 sqrt rsqrt reciprocal".split(" "))
  add(op, square(positive), (x) => x[op](), `x.${op}()`);
add("asin", square(positive), (x) => x.mul(0.1).asin(), "(x * 0.1).asin()");
add("clamp", square(normal), (x) => x.clamp(-1, 1), "x.clamp(-1, 1)");
add("nanToNum", square(normal), (x) => x.nanToNum(), "x.nan_to_num()");
for (const [op, theirs] of Object.entries({
  gelu: "F.gelu(x)",
  silu: "F.silu(x)",
  leakyRelu: "F.leaky_relu(x)",
  elu: "F.elu(x)",
  softplus: "F.softplus(x)",
  logSigmoid: "F.logsigmoid(x)",
  mish: "F.mish(x)",
  glu: "F.glu(x)",
}))
  add(op, square(normal), (x) => /** @type {any} */ (g)[op](x), theirs);

// Element-wise, two inputs and more.
for (const [op, theirs] of Object.entries({
  ...{ add: "x + y", sub: "x - y", mul: "x * y", div: "x / y", maximum: "x.maximum(y)" },
  ...{ gt: "x > y", eq: "x == y", atan2: "x.atan2(y)", fmod: "x.fmod(y)", remainder: "x.remainder(y)" },
  ...{ logaddexp: "x.logaddexp(y)", isClose: "x.isclose(y)", allclose: "x.allclose(y)" },
}))
  add(op, square(normal, normal), (x, y) => x[op](y), theirs);
add("pow", square(positive, normal), (x, y) => x.pow(y), "x.pow(y)");
add("add a column", square(normal, column), (x, y) => x.add(y), "x + y");
add("add a row", square(normal, row), (x, y) => x.add(y), "x + y");
add("gt a number", square(normal), (x) => x.gt(0.5), "x > 0.5");
add("logicalAnd", square(bool, bool), (x, y) => x.logicalAnd(y), "x & y");
add("where", square(bool, normal, normal), (c, x, y) => g.where(c, x, y), "torch.where(x, y, z)");
add("maskedFill", square(normal, bool), (x, c) => x.maskedFill(c, 0), "x.masked_fill(y, 0)");
add("lerp", square(normal, normal), (x, y) => g.lerp(x, y, 0.3), "torch.lerp(x, y, 0.3)");

// Reductions.
for (const op of ["sum", "mean", "prod", "max", "norm", "logsumexp", "var", "std"]) {
  const all = op === "logsumexp" ? "x.logsumexp((0, 1))" : `x.${op}()`;
  add(op, square(normal), (x) => (op === "logsumexp" ? x[op]([0, 1]) : x[op]()), all);
}
add("sum axis 0", square(normal), (x) => x.sum(0), "x.sum(0)");
add("sum axis 1", square(normal), (x) => x.sum(1), "x.sum(1)");
add("max axis 0", square(normal), (x) => x.max(0), "x.amax(0)");
add("max axis 1", square(normal), (x) => x.max(1), "x.amax(1)");
add("argmax axis 1", square(normal), (x) => x.argmax(1), "x.argmax(1)");
add("argmax axis 0", square(normal), (x) => x.argmax(0), "x.argmax(0)");
add("any", square(bool), (x) => x.any(), "x.any()");
add("all axis 1", square(bool), (x) => x.all(1), "x.all(1)");
add("nonzero", square(bool), (x) => x.nonzero(), "x.nonzero()");
add("trace", square(normal), (x) => x.trace(), "x.trace()");
add("cumsum axis 1", square(normal), (x) => x.cumsum(1), "x.cumsum(1)");
add("cumsum axis 0", square(normal), (x) => x.cumsum(0), "x.cumsum(0)");
add("cumprod", square(normal), (x) => x.cumprod(1), "x.cumprod(1)");
add("cummax", square(normal), (x) => x.cummax(1), "x.cummax(1)");
add("softmax", square(normal), (x) => x.softmax(), "x.softmax(-1)");
add("softmax axis 0", square(normal), (x) => x.softmax(0), "x.softmax(0)");
add("logSoftmax", square(normal), (x) => x.logSoftmax(), "x.log_softmax(-1)");

// Order and counting.
const matrix = shaped([32, 32], [1024, 1024]);
const million = shaped([1000], [1_000_000]);
add("sort", matrix, (x) => x.sort().values, "x.sort(-1).values");
add("argsort", matrix, (x) => x.argsort(), "x.argsort(-1)");
add("sort, one row", million, (x) => x.sort().values, "x.sort().values");
add("topk 10", matrix, (x) => x.topk(10).values, "x.topk(10).values");
add("median", matrix, (x) => x.median(1), "x.median(1)");
add("quantile", matrix, (x) => x.quantile(0.3, 1), "x.quantile(0.3, 1)");
add(
  "unique",
  [[["ids", [1000], 100]], [["ids", [1_000_000], 1000]]],
  (x) => x.unique(),
  "x.unique(return_inverse=True, return_counts=True)",
);
add("bincount", [[["ids", [1000], 100]], [["ids", [1_000_000], 1000]]], (x) => x.bincount(), "x.bincount()");
add("histc", million, (x) => x.histc(50), "x.histc(50)");

// Moving numbers.
add("transpose, copied", square(normal), (x) => x.transpose().contiguous(), "x.T.contiguous()");
add(
  "permute, copied",
  shaped([4, 8, 16, 8], [32, 64, 64, 32]),
  (x) => x.permute([0, 2, 1, 3]).contiguous(),
  "x.permute(0, 2, 1, 3).contiguous()",
);
add("clone", square(normal), (x) => x.clone(), "x.clone()");
add("concat axis 0", square(normal, normal), (x, y) => g.concat([x, y], 0), "torch.cat([x, y], 0)");
add("concat axis 1", square(normal, normal), (x, y) => g.concat([x, y], 1), "torch.cat([x, y], 1)");
add("stack", square(normal, normal), (x, y) => g.stack([x, y]), "torch.stack([x, y])");
add("tile", shaped([32, 32], [1024, 1024]), (x) => x.tile([2, 2]), "x.tile(2, 2)");
add("flip", square(normal), (x) => x.flip(1), "x.flip(1)");
add("roll", square(normal), (x) => x.roll(3, 1), "x.roll(3, 1)");
add(
  "pad",
  square(normal),
  (x) =>
    x.pad([
      [1, 1],
      [1, 1],
    ]),
  "F.pad(x, (1, 1, 1, 1))",
);
add("tril", square(normal), (x) => x.tril(), "x.tril()");
/** @type {[Input[], Input[]]} */
const rowsOf = [
  [
    ["normal", [100, 32]],
    ["ids", [64], 100],
  ],
  [
    ["normal", [32_000, 256]],
    ["ids", [4096], 32_000],
  ],
];
add("indexSelect", rowsOf, (x, i) => x.indexSelect(0, i), "x.index_select(0, y)");
add("embedding", rowsOf, (x, i) => g.embedding(x, i), "F.embedding(y, x)", { both: true });
/** @type {[Input[], Input[]]} */
const picked = [
  [
    ["normal", [64, 64]],
    ["ids", [64, 16], 64],
  ],
  [
    ["normal", [2048, 2048]],
    ["ids", [2048, 512], 2048],
  ],
];
add("gather", picked, (x, i) => x.gather(1, i), "x.gather(1, y)");
add("maskedSelect", square(normal, bool), (x, c) => x.maskedSelect(c), "x.masked_select(y)");
add(
  "oneHot",
  [[["ids", [64], 32]], [["ids", [4096], 1000]]],
  (i) => g.oneHot(i, i.size > 100 ? 1000 : 32),
  "F.one_hot(x, 1000 if x.numel() > 100 else 32)",
);

// Products.
for (const [op, theirs] of Object.entries({ matmul: "x @ y" }))
  add(
    op,
    [
      [
        ["normal", [64, 64]],
        ["normal", [64, 64]],
      ],
      [
        ["normal", [512, 512]],
        ["normal", [512, 512]],
      ],
    ],
    (x, y) => x[op](y),
    theirs,
  );
add(
  "matmul, batched",
  [
    [
      ["normal", [8, 16, 32]],
      ["normal", [8, 32, 16]],
    ],
    [
      ["normal", [64, 128, 64]],
      ["normal", [64, 64, 128]],
    ],
  ],
  (x, y) => x.matmul(y),
  "x @ y",
);
add(
  "matrix times vector",
  [
    [
      ["normal", [64, 64]],
      ["normal", [64]],
    ],
    [
      ["normal", [2048, 2048]],
      ["normal", [2048]],
    ],
  ],
  (x, y) => x.matmul(y),
  "x @ y",
);
add(
  "dot",
  [
    [
      ["normal", [1000]],
      ["normal", [1000]],
    ],
    [
      ["normal", [1_000_000]],
      ["normal", [1_000_000]],
    ],
  ],
  (x, y) => x.dot(y),
  "x.dot(y)",
);
add(
  "outer",
  [
    [
      ["normal", [64]],
      ["normal", [64]],
    ],
    [
      ["normal", [2048]],
      ["normal", [2048]],
    ],
  ],
  (x, y) => x.outer(y),
  "x.outer(y)",
);
add(
  "einsum bhtd,bhsd->bhts",
  [
    [
      ["normal", [2, 2, 16, 8]],
      ["normal", [2, 2, 16, 8]],
    ],
    [
      ["normal", [8, 8, 256, 64]],
      ["normal", [8, 8, 256, 64]],
    ],
  ],
  (x, y) => g.einsum("bhtd,bhsd->bhts", x, y),
  "torch.einsum('bhtd,bhsd->bhts', x, y)",
);
add(
  "cdist",
  [
    [
      ["normal", [32, 16]],
      ["normal", [48, 16]],
    ],
    [
      ["normal", [1000, 64]],
      ["normal", [1000, 64]],
    ],
  ],
  (x, y) => g.cdist(x, y),
  "torch.cdist(x, y)",
);

// Random numbers.
add("randn", million, (x) => g.randn(x.shape), "torch.randn(x.shape)");
add("rand", million, (x) => g.rand(x.shape), "torch.rand(x.shape)");
add("randperm", million, (x) => g.randperm(x.size), "torch.randperm(x.numel())");
add("dropout", square(normal), (x) => g.dropout(x, { p: 0.1 }), "F.dropout(x, 0.1)");

// Neural operations, forward and backward.
const both = { both: true };
add("softmax", square(normal), (x) => x.softmax(), "x.softmax(-1)", both);
add("gelu", square(normal), (x) => g.gelu(x), "F.gelu(x)", both);
add("mul", square(normal, normal), (x, y) => x.mul(y), "x * y", both);
add("sum axis 0", square(normal), (x) => x.sum(0), "x.sum(0)", both);
add(
  "layerNorm",
  [[["normal", [32, 64]]], [["normal", [2048, 512]]]],
  (x) => g.layerNorm(x, x.shape.slice(1)),
  "F.layer_norm(x, x.shape[1:])",
  both,
);
add(
  "rmsNorm",
  [[["normal", [32, 64]]], [["normal", [2048, 512]]]],
  (x) => g.rmsNorm(x, x.shape.slice(1)),
  "F.rms_norm(x, x.shape[1:])",
  both,
);
add(
  "linear",
  [
    [
      ["normal", [32, 64]],
      ["normal", [48, 64]],
      ["normal", [48]],
    ],
    [
      ["normal", [768, 384]],
      ["normal", [1536, 384]],
      ["normal", [1536]],
    ],
  ],
  (x, w, b) => g.linear(x, w, b),
  "F.linear(x, y, z)",
  both,
);
add(
  "conv2d 3 × 3",
  [
    [
      ["normal", [2, 4, 8, 8]],
      ["normal", [8, 4, 3, 3]],
    ],
    [
      ["normal", [32, 32, 32, 32]],
      ["normal", [64, 32, 3, 3]],
    ],
  ],
  (x, w) => g.conv2d(x, w, { padding: 1 }),
  "F.conv2d(x, y, padding=1)",
  both,
);
add(
  "conv2d, depthwise",
  [
    [
      ["normal", [2, 8, 8, 8]],
      ["normal", [8, 1, 3, 3]],
    ],
    [
      ["normal", [32, 64, 32, 32]],
      ["normal", [64, 1, 3, 3]],
    ],
  ],
  (x, w) => g.conv2d(x, w, { padding: 1, groups: x.shape[1] }),
  "F.conv2d(x, y, padding=1, groups=x.shape[1])",
  both,
);
add(
  "conv1d",
  [
    [
      ["normal", [2, 4, 32]],
      ["normal", [8, 4, 3]],
    ],
    [
      ["normal", [32, 64, 256]],
      ["normal", [64, 64, 3]],
    ],
  ],
  (x, w) => g.conv1d(x, w, { padding: 1 }),
  "F.conv1d(x, y, padding=1)",
  both,
);
add(
  "batchNorm",
  shaped([2, 4, 8, 8], [32, 32, 32, 32]),
  (x) => g.batchNorm(x, { training: true }),
  "F.batch_norm(x, None, None, training=True)",
  both,
);
add(
  "groupNorm",
  shaped([2, 4, 8, 8], [32, 32, 32, 32]),
  (x) => g.groupNorm(x, 4),
  "F.group_norm(x, 4)",
  both,
);
add(
  "maxPool2d",
  shaped([2, 4, 8, 8], [32, 32, 32, 32]),
  (x) => g.maxPool2d(x, 2),
  "F.max_pool2d(x, 2)",
  both,
);
add(
  "avgPool2d",
  shaped([2, 4, 8, 8], [32, 32, 32, 32]),
  (x) => g.avgPool2d(x, 2),
  "F.avg_pool2d(x, 2)",
  both,
);
add(
  "interpolate",
  shaped([2, 4, 8, 8], [32, 32, 32, 32]),
  (x) => g.interpolate(x, { scaleFactor: 2, mode: "bilinear" }),
  "F.interpolate(x, scale_factor=2, mode='bilinear')",
  both,
);
const heads = /** @type {const} */ ([
  [2, 2, 16, 8],
  [1, 8, 1024, 64],
]).map((shape) => [0, 1, 2].map(() => /** @type {Input} */ (["normal", shape])));
add(
  "attention",
  /** @type {any} */ (heads),
  (q, k, v) => g.scaledDotProductAttention(q, k, v, { isCausal: true }),
  "F.scaled_dot_product_attention(x, y, z, is_causal=True)",
  both,
);
add(
  "crossEntropy",
  [
    [
      ["normal", [32, 65]],
      ["ids", [32], 65],
    ],
    [
      ["normal", [1024, 32_000]],
      ["ids", [1024], 32_000],
    ],
  ],
  (x, i) => g.crossEntropy(x, i),
  "F.cross_entropy(x, y)",
  both,
);
add("mseLoss", square(normal, normal), (x, y) => g.mseLoss(x, y), "F.mse_loss(x, y)", both);
