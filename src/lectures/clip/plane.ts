import { check, expected, type NDArray, ones, stack } from "../../tensor";

/**
 * The two directions in which these vectors (N, D) differ most (principal components, by power iteration), and a way to
 * lay any vectors (M, D) down on that plane: x and y, (M) each.
 */
export function principalPlane(vectors: NDArray): (vectors: NDArray) => { x: NDArray; y: NDArray } {
  check("principalPlane", "vectors", vectors, "array");
  const [N, D] = vectors.shape;
  if (vectors.ndim !== 2 || N < 3 || D < 2)
    throw expected("principalPlane", "vectors (N, D), N >= 3, D >= 2", vectors);
  const mean = vectors.mean(0);
  const centred = vectors.sub(mean);
  let spread = centred.transpose().matmul(centred).div(N); // (D, D)
  const axes: NDArray[] = [];
  for (let i = 0; i < 2; i++) {
    let axis = ones([D]);
    for (let step = 0; step < 60; step++) {
      const next = spread.matmul(axis);
      axis = next.div(next.square().sum().sqrt().clamp(1e-12, Infinity));
    }
    const strength = spread.matmul(axis).mul(axis).sum();
    spread = spread.sub(axis.unsqueeze(1).mul(axis.unsqueeze(0)).mul(strength));
    axes.push(axis);
  }
  const basis = stack(axes, 1); // (D, 2)
  return (some) => {
    const placed = some.sub(mean).matmul(basis);
    return { x: placed.select(1, 0), y: placed.select(1, 1) };
  };
}
