export * from "./create";
export {
  type Device,
  type DeviceInfo,
  type DeviceName,
  device,
  getDevice,
  kernels,
  setDevice,
} from "./device";
export type { DType, Storage } from "./dtype";
export { isFloat } from "./dtype";
export type { ActivationOp, AdamSettings, Floats, Kernels, UnaryOp } from "./kernels";
export { NDArray, type Nested } from "./ndarray";
export type { Axes, ReduceOptions } from "./ops/reduce";
export type { SliceSpec } from "./ops/views";
export { parseSafetensors, serializeSafetensors } from "./safetensors";
export { loadSafetensors, SafetensorsFile, saveSafetensors } from "./safetensors-file";
export * from "./shape";
