/**
 * What a program finds under `nd`: arrays and what makes, joins, saves and prints them. The room's index offers more, to
 * the other rooms alone.
 */
export * from "./create";
export type { IndexAddOptions, IndexPutOptions, QuantileOptions } from "./derived";
export {
  type Device,
  type DeviceInfo,
  type DeviceName,
  type DeviceOptions,
  device,
  getDevice,
  setDevice,
} from "./device";
export { dims } from "./dims";
export type { DType, Storage } from "./dtype";
export { type FormatOptions, type PrintOptions, setPrintOptions } from "./format";
export * from "./functions";
export { NDArray, type Nested, type Ordered } from "./ndarray";
export type { BincountOptions, HistcOptions, SearchsortedOptions } from "./ops/counting";
export type { CloseOptions, NanToNumOptions } from "./ops/elementwise";
export type { SortOptions, TopkOptions } from "./ops/order";
export type { Axes, ReduceOptions } from "./ops/reduce";
export type { WindowOptions } from "./ops/unfold";
export type { SliceSpec } from "./ops/views";
export type { Pair } from "./ops/windows";
export * from "./random";
export { parseSafetensors, type SafetensorsOptions, serializeSafetensors } from "./safetensors";
export { loadSafetensors, SafetensorsFile, saveSafetensors } from "./safetensors-file";
export type { Shape } from "./shape";
export { changeCount, incrementVersion, versionOf } from "./version";
