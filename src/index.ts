/** gradschool: everything a notebook imports, one line per room. NDArray-level functions live under `nd`. */
export * from "./autograd";
export * from "./data";
export * from "./grading";
export * from "./nn";
export * from "./notebook";
export * as nd from "./tensor";
export {
  type Device,
  type DeviceName,
  type DType,
  device,
  Generator,
  manualSeed,
  NDArray,
  setDevice,
} from "./tensor";
