/** gradschool: everything a notebook imports, one line per room. NDArray-level functions live under `nd`. */
export * from "./autograd";
export * as nd from "./tensor";
export { type Device, type DeviceName, type DType, device, NDArray, setDevice } from "./tensor";
