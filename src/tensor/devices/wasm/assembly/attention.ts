import { expWeight } from "./math";
import { gemm, product } from "./matmul";
import { F32, VEC, fma, loadTail, maxLanes, splat, storeTail, sumLanes } from "./simd";
import { Task } from "./task";

/**
 * Attention of the heads `begin` to `end` of all sequences' heads, with arrays (B, T, H, C): a head's rows lie H·C
 * floats apart, and are read where they are. Queries are taken BLOCK at a time, so that their scores stay in the
 * cache from one product to the next, and a causal mask saves the keys that none of them sees.
 */

const BLOCK: usize = 64;
/** Where the future is hidden: fewer, as the last of a block says which keys its first looks at in vain. */
const CAUSAL_BLOCK: usize = 16;

/** Strides of the mask are in bytes, 0 where it repeats. */
@unmanaged
export class AttentionTask extends Task {
  q: usize;
  k: usize;
  v: usize;
  mask: usize;
  out: usize;
  weights: usize;
  heads: usize;
  queries: usize;
  keys: usize;
  width: usize;
  valueWidth: usize;
  maskBatch: usize;
  maskHead: usize;
  maskRow: usize;
  scale: f32;
  isCausal: bool;
  /** 64 · keys floats for each piece. */
  scratch: usize;
}

@unmanaged
export class AttentionBackwardTask extends Task {
  g: usize;
  q: usize;
  k: usize;
  v: usize;
  weights: usize;
  gq: usize;
  gk: usize;
  gv: usize;
  heads: usize;
  queries: usize;
  keys: usize;
  width: usize;
  valueWidth: usize;
  scale: f32;
  isCausal: bool;
  /** 64 · keys floats for each piece. */
  scratch: usize;
}

/** One row of scores into weights, in place: softmax(scale · x + mask) over `seen` keys, then zeros up to `n`. */
function rowWeights(x: usize, mask: usize, scale: f32, seen: usize, n: usize): void {
  const stop = (seen & ~3) * F32;
  const rest = seen & 3;
  let factor = splat(scale);
  let best = splat(-Infinity);
  let i: usize = 0;
  if (mask || scale <= 0) {
    // The scores themselves are written down; else the scale waits for the exponent.
    for (; i < stop; i += VEC) {
      let score = f32x4.mul(v128.load(x + i), factor);
      if (mask) score = f32x4.add(score, v128.load(mask + i));
      v128.store(x + i, score);
      best = f32x4.pmax(best, score);
    }
    if (rest) {
      let score = f32x4.mul(loadTail(x + i, rest, 0), factor);
      if (mask) score = f32x4.add(score, loadTail(mask + i, rest, 0));
      storeTail(x + i, rest, score);
    }
    factor = splat(1);
  } else {
    for (; i < stop; i += VEC) best = f32x4.pmax(best, v128.load(x + i));
  }
  if (rest) best = f32x4.pmax(best, loadTail(x + i, rest, -Infinity));
  // A NaN may miss being the maximum, but not being in the sum.
  const top = maxLanes(best);
  const shift = splat(mask && top == -Infinity ? 0 : top);
  let sum = splat(0);
  for (i = 0; i < stop; i += VEC) {
    const e = expWeight(f32x4.mul(f32x4.sub(v128.load(x + i), shift), factor));
    v128.store(x + i, e);
    sum = f32x4.add(sum, e);
  }
  if (rest) {
    const e = expWeight(f32x4.mul(f32x4.sub(loadTail(x + i, rest, -Infinity), shift), factor));
    storeTail(x + i, rest, e);
    sum = f32x4.add(sum, e);
  }
  const total = sumLanes(sum);
  const share = splat(mask && total == 0 ? 0 : 1 / total); // nothing to see: zeros
  for (i = 0; i < stop; i += VEC) v128.store(x + i, f32x4.mul(v128.load(x + i), share));
  if (rest) storeTail(x + i, rest, f32x4.mul(loadTail(x + i, rest, 0), share));
  if (seen < n) memory.fill(x + seen * F32, 0, (n - seen) * F32);
}

/** weights = softmax(scale · Q Kᵀ + mask), out = weights · V. Weights that are not wanted pass through the scratch. */
export function attention(task: AttentionTask, begin: usize, end: usize): void {
  const q = task.q, k = task.k, v = task.v, mask = task.mask, out = task.out, weights = task.weights;
  const heads = task.heads, T = task.queries, S = task.keys, C = task.width, D = task.valueWidth;
  const maskBatch = task.maskBatch, maskHead = task.maskHead, maskRow = task.maskRow;
  const scale = task.scale, isCausal = task.isCausal;
  const scratch = task.scratch + (begin / task.chunk) * BLOCK * S * F32;
  const size = isCausal ? CAUSAL_BLOCK : BLOCK;
  const row = heads * C * F32;
  const valueRow = heads * D * F32;
  for (let unit = begin; unit < end; unit++) {
    const b = unit / heads;
    const h = unit - b * heads;
    const queries = q + b * T * row + h * C * F32;
    const keys = k + b * S * row + h * C * F32;
    const values = v + b * S * valueRow + h * D * F32;
    const to = out + b * T * valueRow + h * D * F32;
    const maskAt = mask ? mask + b * maskBatch + h * maskHead : 0;
    for (let t: usize = 0; t < T; t += size) {
      const count = min(size, T - t);
      const seen = isCausal ? min(S, t + count) : S;
      const scores = weights ? weights + (unit * T + t) * S * F32 : scratch;
      product(queries + t * row, row, F32, keys, F32, row, scores, S * F32, count, seen, C, 0);
      for (let i: usize = 0; i < count; i++) {
        const maskRowAt = mask ? maskAt + (t + i) * maskRow : 0;
        rowWeights(scores + i * S * F32, maskRowAt, scale, isCausal ? min(S, t + i + 1) : S, seen);
      }
      product(scores, S * F32, F32, values, valueRow, F32, to + t * valueRow, valueRow, count, D, seen, 0);
    }
  }
}

/** One row of ḡ into gScores, in place: scale · w ⊙ (ḡ − Σ ḡ ⊙ w) */
function rowScores(g: usize, w: usize, n: usize, scale: f32): void {
  const bytes = n * F32;
  const stop = bytes & ~15;
  let sum = splat(0);
  let i: usize = 0;
  for (; i < stop; i += VEC) sum = fma(v128.load(g + i), v128.load(w + i), sum);
  let total = sumLanes(sum);
  for (; i < bytes; i += F32) total += load<f32>(g + i) * load<f32>(w + i);
  const shift = splat(total);
  const factor = splat(scale);
  for (i = 0; i < stop; i += VEC) {
    const gw = f32x4.mul(f32x4.sub(v128.load(g + i), shift), f32x4.mul(v128.load(w + i), factor));
    v128.store(g + i, gw);
  }
  for (; i < bytes; i += F32) store<f32>(g + i, (load<f32>(g + i) - total) * (load<f32>(w + i) * scale));
}

/**
 * gScores = scale · weights ⊙ (Ḡ Vᵀ − Σ …), gq = gScores · K, gk = gScoresᵀ · Q, gv = weightsᵀ · Ḡ.
 * The scratch holds the gScores of a block of queries.
 */
export function attentionBackward(task: AttentionBackwardTask, begin: usize, end: usize): void {
  const g = task.g, q = task.q, k = task.k, v = task.v, weights = task.weights;
  const gq = task.gq, gk = task.gk, gv = task.gv;
  const heads = task.heads, T = task.queries, S = task.keys, C = task.width, D = task.valueWidth;
  const scale = task.scale, isCausal = task.isCausal;
  const size = isCausal ? CAUSAL_BLOCK : BLOCK;
  const row = heads * C * F32;
  const valueRow = heads * D * F32;
  const line = S * F32;
  const gScores = task.scratch + (begin / task.chunk) * BLOCK * line;
  for (let unit = begin; unit < end; unit++) {
    const b = unit / heads;
    const h = unit - b * heads;
    const queries = b * T * row + h * C * F32;
    const keys = b * S * row + h * C * F32;
    const values = b * S * valueRow + h * D * F32;
    const from = g + b * T * valueRow + h * D * F32;
    // Keys that no query sees get no gradient from any block.
    const ever = isCausal ? min(S, T) : S;
    for (let s = ever; s < S; s++) {
      memory.fill(gk + keys + s * row, 0, C * F32);
      memory.fill(gv + values + s * valueRow, 0, D * F32);
    }
    // From the last block to the first: it sees all keys that any query sees, so that it sets what the others add to.
    const blocks = (T + size - 1) / size;
    for (let block = blocks; block-- > 0; ) {
      const t = block * size;
      const count = min(size, T - t);
      const seen = isCausal ? min(S, t + count) : S;
      const add = block + 1 < blocks;
      const w = weights + (unit * T + t) * line;
      const gRows = from + t * valueRow;
      gemm(gRows, valueRow, F32, v + values, F32, valueRow, gScores, line, count, seen, D, false, 0);
      for (let i: usize = 0; i < count; i++) rowScores(gScores + i * line, w + i * line, seen, scale);
      gemm(gScores, line, F32, k + keys, row, F32, gq + queries + t * row, row, count, C, seen, false, 0);
      gemm(gScores, F32, line, q + queries + t * row, row, F32, gk + keys, row, seen, C, count, add, 0);
      gemm(w, F32, line, gRows, valueRow, F32, gv + values, valueRow, seen, D, count, add, 0);
    }
  }
}
