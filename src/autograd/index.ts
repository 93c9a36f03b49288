export { detectAnomaly } from "./anomaly";
export { type Grad, type Node, Placed } from "./backward";
export * from "./create";
export * from "./functional";
export { type GradOptions, grad, jvp, vjp } from "./grad";
export { isGradEnabled, noGrad } from "./grad-mode";
export { GradcheckError, type GradcheckOptions, gradcheck } from "./gradcheck";
export { Tensor } from "./methods";
export { type RecordOptions, type Rule, record } from "./record";
export {
  arrayOf,
  checkTensor,
  type GradientHook,
  type Indices,
  lift,
  type Operand,
} from "./tensor";
