export { detectAnomaly } from "./anomaly";
export { type Grad, type Node, Placed } from "./backward";
export * from "./create";
export * from "./functional";
export { type GradOptions, grad, jvp, vjp } from "./grad";
export { isGradEnabled, noGrad } from "./grad-mode";
export { GradcheckError, type GradcheckOptions, gradcheck } from "./gradcheck";
export {
  arrayOf,
  checkTensor,
  type GradientHook,
  type Indices,
  lift,
  type Operand,
  type RecordOptions,
  type Rule,
  record,
  Tensor,
} from "./tensor";
