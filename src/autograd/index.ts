export type { Grad, Node } from "./backward";
export { isGradEnabled, noGrad } from "./grad-mode";
export { type GradientHook, lift, type Operand, type Rule, record, Tensor, tensor } from "./tensor";
