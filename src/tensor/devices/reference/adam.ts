import type { Kernels } from "../../kernels";

/** One step, weight after weight. */
export const adam: Kernels["adam"] = (
  weight,
  grad,
  m,
  v,
  { step, lr, beta1, beta2, eps, weightDecay, decoupled },
) => {
  const mScale = 1 / (1 - beta1 ** step);
  const vScale = 1 / (1 - beta2 ** step);
  const shrink = decoupled ? 1 - lr * weightDecay : 1;
  const pull = decoupled ? 0 : weightDecay;
  for (let i = 0; i < weight.length; i++) {
    const g = grad[i] + pull * weight[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    weight[i] = weight[i] * shrink - (lr * m[i] * mScale) / (Math.sqrt(v[i] * vScale) + eps);
  }
};
