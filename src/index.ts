import { NDArray, withSuggestions } from "./tensor";
import * as arrays from "./tensor/nd";

/** gradschool: everything a notebook imports, one line per room. NDArray-level functions live under `nd`. */
export * from "./autograd";
export * from "./data";
export * from "./grading";
export * from "./nn";
export * from "./notebook";
export {
  createDevice,
  type Device,
  type DeviceName,
  type DeviceOptions,
  type DType,
  device,
  Generator,
  type GpuOptions,
  type Kernels,
  type KernelThread,
  type MatmulSizes,
  manualSeed,
  NDArray,
  type OwnDeviceOptions,
  type OwnKernels,
  type RunKernelOptions,
  runKernel,
  setDevice,
} from "./tensor";

/** Arrays without gradients: what makes, joins, saves and prints them. A name that is not there is an error. */
export const nd = withSuggestions("nd", arrays, Object.getOwnPropertyNames(NDArray.prototype));
/** Its types. */
export declare namespace nd {
  export type Axes = arrays.Axes;
  export type BincountOptions<W> = arrays.BincountOptions<W>;
  export type CloseOptions = arrays.CloseOptions;
  export type Device = arrays.Device;
  export type DeviceInfo = arrays.DeviceInfo;
  export type DeviceName = arrays.DeviceName;
  export type DeviceOptions = arrays.DeviceOptions;
  export type DType = arrays.DType;
  export type DTypeOption = arrays.DTypeOption;
  export type FormatOptions = arrays.FormatOptions;
  export type Generator = arrays.Generator;
  export type HistcOptions = arrays.HistcOptions;
  export type IndexAddOptions = arrays.IndexAddOptions;
  export type IndexPutOptions = arrays.IndexPutOptions;
  export type NDArray = arrays.NDArray;
  export type NanToNumOptions = arrays.NanToNumOptions;
  export type Nested = arrays.Nested;
  export type Numbers = arrays.Numbers;
  export type Ordered = arrays.Ordered;
  export type Pair = arrays.Pair;
  export type PrintOptions = arrays.PrintOptions;
  export type QuantileOptions = arrays.QuantileOptions;
  export type ReduceOptions = arrays.ReduceOptions;
  export type SafetensorsFile = arrays.SafetensorsFile;
  export type SafetensorsOptions = arrays.SafetensorsOptions;
  export type SearchsortedOptions = arrays.SearchsortedOptions;
  export type Shape = arrays.Shape;
  export type SliceSpec = arrays.SliceSpec;
  export type SortOptions = arrays.SortOptions;
  export type SourceOptions = arrays.SourceOptions;
  export type Storage = arrays.Storage;
  export type TopkOptions = arrays.TopkOptions;
  export type TypedArray = arrays.TypedArray;
  export type WindowOptions = arrays.WindowOptions;
}
