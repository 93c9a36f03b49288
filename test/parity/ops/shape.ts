import {
  concat,
  reflectionPad,
  repeatInterleave,
  replicationPad,
  slidingWindows,
  split,
  stack,
  type Tensor,
} from "../../../src/autograd";
import { relativePositionIndex, shiftMask, windowPartition, windowReverse } from "../../../src/lectures/vit";
import { patchify } from "../../../src/nn";
import { fromStorage, type SliceSpec } from "../../../src/tensor";
import { list, number, numberOr, type Op } from "./case";

const named = (list: readonly Tensor[]) => Object.fromEntries(list.map((y, i) => [`y${i}`, y]));

const sliceSpec = (spec: unknown): SliceSpec => {
  if (spec === null) return ":";
  if (typeof spec === "number") return spec;
  const [start, stop, step] = spec as (number | null)[];
  return `${start ?? ""}:${stop ?? ""}:${step ?? ""}` as SliceSpec;
};

export const shape: Readonly<Record<string, Op>> = {
  transpose: (c) => c.input("x").transpose(number(c, "dim0"), number(c, "dim1")),
  permute: (c) => c.input("x").permute(list(c, "dims")),
  reshape: (c) => c.input("x").reshape(list(c, "shape")),
  transpose_reshape: (c) =>
    c.input("x").transpose(number(c, "dim0"), number(c, "dim1")).reshape(list(c, "shape")),
  flatten: (c) => c.input("x").flatten(number(c, "start_dim"), number(c, "end_dim")),
  expand: (c) => c.input("x").expand(list(c, "shape")),
  squeeze: (c) => c.input("x").squeeze(numberOr(c, "dim", undefined)),
  unsqueeze: (c) => c.input("x").unsqueeze(number(c, "dim")),
  slice: (c) => c.input("x").slice(...(c.args.slices as unknown[]).map(sliceSpec)),
  select: (c) => c.input("x").select(number(c, "dim"), number(c, "index")),
  narrow: (c) => c.input("x").narrow(number(c, "dim"), number(c, "start"), number(c, "length")),
  concat: (c) => concat(c.inputs, number(c, "dim")),
  stack: (c) => stack(c.inputs, number(c, "dim")),
  split: (c) => named(split(c.input("x"), c.args.sizes as number | number[], number(c, "dim"))),
  chunk: (c) => {
    const x = c.input("x");
    const axis = number(c, "dim");
    const size = x.shape.at(axis) as number;
    return named(split(x, Math.ceil(size / number(c, "chunks")), axis));
  },
  pad: (c) => {
    const x = c.input("x");
    const flat = list(c, "pad");
    const widths = x.shape.map((_, axis): [number, number] => {
      const at = 2 * (x.ndim - 1 - axis);
      return [flat[at] ?? 0, flat[at + 1] ?? 0];
    });
    const mode = (c.args.mode as string | undefined) ?? "constant";
    if (mode === "reflect") return reflectionPad(x, widths);
    if (mode === "replicate") return replicationPad(x, widths);
    if (mode !== "constant") throw new Error(`unknown padding mode "${mode}"`);
    return x.pad(widths, numberOr(c, "value", 0));
  },
  roll: (c) =>
    c
      .input("x")
      .roll(c.args.shifts as number | number[], (c.args.dims ?? undefined) as number | number[] | undefined),
  flip: (c) => c.input("x").flip(list(c, "dims")),
  tril: (c) => c.input("x").tril(number(c, "diagonal")),
  triu: (c) => c.input("x").triu(number(c, "diagonal")),
  repeat: (c) => c.input("x").tile(list(c, "reps")),
  repeat_interleave: (c) => repeatInterleave(c.input("x"), number(c, "repeats"), number(c, "dim")),
  diagonal: (c) => c.input("x").diagonal(numberOr(c, "offset", 0), number(c, "dim1"), number(c, "dim2")),
  unfold_dim: (c) => slidingWindows(c.input("x"), number(c, "dim"), number(c, "size"), number(c, "step")),

  window_partition: (c) => windowPartition(c.input("x"), number(c, "window")),
  window_reverse: (c) =>
    windowReverse(c.input("x"), number(c, "window"), number(c, "height"), number(c, "width")),
  swin_relative_position_index: (c) => relativePositionIndex(number(c, "window")),
  swin_shift_mask: (c) =>
    shiftMask(number(c, "height"), number(c, "width"), number(c, "window"), number(c, "shift")),
  patchify: (c) => {
    // Ours lays a patch out channel by channel, the fixture pixel by pixel.
    const x = c.input("x");
    const [p, channels] = [number(c, "patch"), x.shape[1]];
    const patches = patchify(x, p);
    const [B, N] = patches.shape;
    return patches
      .reshape([B, N, channels, p * p])
      .transpose()
      .reshape([B, N, p * p * channels]);
  },

  gather: (c) => c.input("x").gather(number(c, "dim"), c.input("index")),
  index_select: (c) => c.input("x").indexSelect(number(c, "dim"), c.input("index")),
  scatter: (c) => {
    const x = c.input("x");
    const index = c.input("index").data;
    // Indices are distinct: what was there goes, what comes is added.
    const free = fromStorage(new Float32Array(x.size).fill(1), x.shape);
    const taken = free
      .mul(0)
      .scatterAdd(number(c, "dim"), index, fromStorage(new Float32Array(index.size).fill(1), index.shape));
    return x.mul(free.sub(taken)).scatterAdd(number(c, "dim"), index, c.input("src"));
  },
  scatter_add: (c) => c.input("x").scatterAdd(number(c, "dim"), c.input("index"), c.input("src")),
  index_add: (c) => {
    const x = c.input("x");
    const src = c.input("src");
    const index = c.input("index").data;
    const axis = number(c, "dim");
    const full = index.reshape(src.shape.map((_, i) => (i === axis ? -1 : 1))).expand(src.shape);
    return x.scatterAdd(axis, full, src);
  },
  take_rows: (c) => {
    const x = c.input("x");
    const ids = c.input("ids");
    const n = x.shape[0];
    return x
      .indexSelect(0, ids.data.add(n).remainder(n).reshape([-1]))
      .reshape([...ids.shape, ...x.shape.slice(1)]);
  },
  index_pairs: (c) => {
    const x = c.input("x");
    const flat = c.input("rows").data.mul(x.shape[1]).add(c.input("cols").data);
    return x.flatten(0, 1).indexSelect(0, flat);
  },
  masked_fill: (c) => c.input("x").maskedFill(c.input("mask"), number(c, "value")),
};
