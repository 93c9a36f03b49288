/**
 * Single operations beside what bounds them: matmul beside a loop of multiply-adds in registers, softmax and the like
 * beside a memory copy of the same bytes. Each takes turns with its bound; prints one JSON line.
 *
 *   node bench/ours-kernels.mjs      on as many threads as GRADSCHOOL_THREADS says
 */
import {
  arrayOf,
  device,
  gelu,
  layerNorm,
  nd,
  noGrad,
  randn,
  scaledDotProductAttention,
  softmax,
} from "gradschool";
import { createCeiling } from "./ceiling.mjs";
import { median, turn } from "./peers/measure.mjs";

/** @typedef {import("gradschool").Tensor} Tensor */
/** @typedef {import("gradschool").NDArray} NDArray */

const TURNS = 9;
const MS_PER_TURN = 40;

/** Median ms per call of both, and of the ratio first / second. @param {() => unknown} first @param {() => unknown} second */
function race(first, second) {
  for (let warm = 0; warm < 4; warm++) turn(first, MS_PER_TURN);
  turn(second, MS_PER_TURN);
  const times = Array.from({ length: TURNS }, () => [turn(first, MS_PER_TURN), turn(second, MS_PER_TURN)]);
  const ms = (/** @type {number[]} */ list) => +median(list).toPrecision(4);
  return {
    ms: ms(times.map(([a]) => a)),
    bound_ms: ms(times.map(([, b]) => b)),
    ratio: ms(times.map(([a, b]) => a / b)),
  };
}

const info = device().info();
/**
 * Runs `f` and gives its result back at once, so that it writes where it wrote before, as the copy does.
 * @param {() => Tensor | NDArray} f
 */
const freed = (f) => () => device().kernels.free(arrayOf(f()).data);
const threads = Number(info.threads ?? 1);
const ceiling = await createCeiling(threads, { fma: info.fma === "yes" });

/**
 * a (m, k) · b (k, n), or for "linear" a (m, k) · w (n, k)ᵀ, as the layer has it.
 * @param {"matmul" | "linear"} op
 * @param {readonly number[]} shape
 */
function product(op, shape) {
  const [m, k, n] = shape;
  const a = nd.randn([m, k]);
  const b = op === "linear" ? nd.randn([n, k]).transpose() : nd.randn([k, n]);
  const flops = 2 * m * k * n;
  const { ms, ratio } = race(
    freed(() => a.matmul(b)),
    ceiling.run,
  );
  const gflops = +(flops / ms / 1e6).toPrecision(4);
  return { op, shape, ms, gflops, share: +(flops / ceiling.flops / ratio).toFixed(3) };
}

/**
 * A row of the table: an operation that reads and writes `bytes` in all.
 * @param {string} op
 * @param {readonly number[]} shape
 * @param {number} bytes
 * @param {() => Tensor} f
 */
function beside(op, shape, bytes, f) {
  const from = nd.zeros([bytes / 8]).data;
  const to = nd.zeros([bytes / 8]).data;
  const { ms, bound_ms, ratio } = race(freed(f), () => to.set(from));
  return { op, shape, ms, copy_ms: bound_ms, ratio };
}

const squares = [64, 128, 256, 512, 1024, 2048].map((n) => [n, n, n]);
/** Of a GPT's MLP: a batch of tokens in training, one token in generation. */
const layers = [
  [512, 64, 256],
  [1, 384, 1536],
];
const rows = [
  [2048, 64],
  [4096, 1024],
];
const heads = [
  [16, 4, 32, 16],
  [12, 4, 64, 32],
  [4, 6, 64, 64],
  [4, 8, 256, 64],
];
const size = (/** @type {readonly number[]} */ shape) => shape.reduce((all, n) => all * n, 1);

noGrad(() => {
  const squareProducts = squares.map((shape) => product("matmul", shape));
  const products = [...squareProducts, ...layers.map((shape) => product("linear", shape))];
  const streams = rows.flatMap((shape) => {
    const x = randn(shape);
    const [weight, bias] = [randn(shape.slice(1)), randn(shape.slice(1))];
    const bytes = 8 * size(shape);
    return [
      beside("softmax", shape, bytes, () => softmax(x)),
      beside("layerNorm", shape, bytes, () => layerNorm(x, shape.slice(1), { weight, bias })),
      beside("gelu", shape, bytes, () => gelu(x)),
    ];
  });
  const attention = heads.map((shape) => {
    const [q, k, v] = [randn(shape), randn(shape), randn(shape)];
    return beside("attention", shape, 16 * size(shape), () =>
      scaledDotProductAttention(q, k, v, { isCausal: true }),
    );
  });
  const operations = [...products, ...streams, ...attention];
  console.log(JSON.stringify({ peer: "gradschool", threads, fma: ceiling.fma, operations }));
});
process.exit(0);
