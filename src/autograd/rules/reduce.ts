import {
  type Axes,
  cumprodBackward,
  type NDArray,
  normalizeAxes,
  productsOfOthers,
  type ReduceOptions,
  sizeOf,
  where,
  zerosLike,
} from "../../tensor";
import type { OneGradient } from "./with-pullback";

/** A reduced array (y or g) with its reduced axes back as size 1, so that it broadcasts against x. */
function against(x: NDArray, y: NDArray, axes: Axes | undefined): NDArray {
  const reduced = normalizeAxes("sum", axes, x.ndim);
  return y.reshape(x.shape.map((n, axis) => (reduced.includes(axis) ? 1 : n)));
}

/** How many elements go into each result. */
const count = (x: NDArray, axes: Axes | undefined): number =>
  sizeOf(normalizeAxes("sum", axes, x.ndim).map((axis) => x.shape[axis]));

/** Σ x: x̄ = g, repeated. */
export const sum = (x: NDArray, axes?: Axes, options?: ReduceOptions): OneGradient => [
  x.sum(axes, options),
  (g) => [against(x, g, axes).expand(x.shape)],
];

/** Σ x / n: x̄ = g / n, repeated. */
export const mean = (x: NDArray, axes?: Axes, options?: ReduceOptions): OneGradient => [
  x.mean(axes, options),
  (g) => [against(x, g, axes).div(count(x, axes)).expand(x.shape)],
];

type VarOptions = ReduceOptions & { correction?: number };

/** v = Σ (x − μ)² / (n − c): x̄ = g 2 (x − μ) / (n − c) */
export const variance = (x: NDArray, axes?: Axes, options: VarOptions = {}): OneGradient => [
  x.var(axes, options),
  (g) => [varianceBackward(x, against(x, g, axes), axes, options)],
];

/** s = √v: x̄ = g (x − μ) / (n − c) s, and 0 where s = 0 */
export const std = (x: NDArray, axes?: Axes, options: VarOptions = {}): OneGradient => {
  const s = x.std(axes, options);
  return [
    s,
    (g) => {
      const scaled = where(s.eq(0), 0, g.div(s.mul(2)));
      return [varianceBackward(x, against(x, scaled, axes), axes, options)];
    },
  ];
};

function varianceBackward(x: NDArray, g: NDArray, axes: Axes | undefined, { correction = 1 }: VarOptions) {
  // Twice: the first mean is rounded, which numbers far from 0 and close together would feel.
  const near = x.sub(x.mean(axes, { keepDims: true }));
  const off = near.mean(axes, { keepDims: true });
  const centred = near.sub(where(off.isFinite(), off, 0));
  return centred.mul(g.mul(2 / Math.max(0, count(x, axes) - correction)));
}

/**
 * Largest or smallest element. Along one axis given as a number, the first of equal elements takes the
 * gradient, as torch.max(dim); over all axes or a list of them, equal elements share it, as torch.amax.
 */
export const extreme = (op: "max" | "min", x: NDArray, axes?: Axes, options?: ReduceOptions): OneGradient => {
  const y = x[op](axes, options);
  return [
    y,
    (g) => {
      const full = against(x, g, axes);
      if (typeof axes === "number" && x.ndim > 0) {
        const at = x[op === "max" ? "argmax" : "argmin"](axes, { keepDims: true });
        return [zerosLike(x, { dtype: g.dtype }).scatterAdd(axes, at, full)];
      }
      const winners = x.eq(against(x, y, axes));
      // NaN wins, but does not equal itself.
      return [shared(y.isNaN().any().item() ? winners.logicalOr(x.isNaN()) : winners, full, axes)];
    },
  ];
};

/** g divided evenly among the elements that `winners` marks; 0 elsewhere. */
const shared = (winners: NDArray, g: NDArray, axes: Axes | undefined): NDArray =>
  where(winners, g.div(winners.sum(axes, { keepDims: true }).maximum(1)), 0);

/** Π x: x̄_i = g Π_{j≠i} x_j, as the product of what stands before and what stands after, so that zeros do no harm. */
export const prod = (x: NDArray, axes?: Axes, options?: ReduceOptions): OneGradient => [
  x.prod(axes, options),
  (g) => {
    const reduced = normalizeAxes("prod", axes, x.ndim);
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
    const order = [...kept, ...reduced];
    const others = productsOfOthers(x.permute(order), count(x, axes));
    const back = order.map((_, axis) => order.indexOf(axis));
    return [others.permute(back).mul(against(x, g, axes))];
  },
];

/** y = log Σ exp x: x̄ = g exp(x − y) */
export const logsumexp = (x: NDArray, axes?: Axes, options?: ReduceOptions): OneGradient => {
  const y = x.logsumexp(axes, options);
  return [
    y,
    (g) => [
      x
        .sub(against(x, y, axes))
        .exp()
        .mul(against(x, g, axes)),
    ],
  ];
};

/**
 * y = (Σ |x|ᵖ)^(1/p): x̄ = g sign x (|x| / y)ᵖ⁻¹, which is g x / y for p = 2; 0 where y = 0.
 * For p = ±∞ the elements of that size share g.
 */
export const norm = (x: NDArray, p = 2, axes?: Axes, options?: ReduceOptions): OneGradient => {
  const y = x.norm(p, axes, options);
  return [
    y,
    (g) => {
      const Y = against(x, y, axes);
      const G = against(x, g, axes);
      if (p === 0) return [zerosLike(x)];
      if (p === 1) return [x.sign().mul(G)];
      if (Math.abs(p) === Number.POSITIVE_INFINITY) return [shared(x.abs().eq(Y), G, axes).mul(x.sign())];
      if (p === 2) return [x.mul(where(Y.eq(0), 0, G.div(Y)))];
      const ratio = x
        .abs()
        .div(Y)
        .pow(p - 1);
      return [where(x.eq(0).logicalOr(Y.eq(0)), 0, x.sign().mul(ratio).mul(G))];
    },
  ];
};

/** y_i = Π_{j≤i} x_j: x̄_j = Π_{k<j} x_k · s_j with s_j = g_j + x_{j+1} s_{j+1} */
export const cumprod = (x: NDArray, axis: number): OneGradient => {
  const y = x.cumprod(axis);
  return [y, (g) => [cumprodBackward(g, x, y, axis)]];
};

/** y_i = Σ_{j≤i} x_j: x̄_j = Σ_{i≥j} g_i */
export const cumsum = (x: NDArray, axis: number): OneGradient => [
  x.cumsum(axis),
  (g) => [g.flip(axis).cumsum(axis).flip(axis)],
];
