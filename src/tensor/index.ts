export {
  check,
  checkAll,
  checkArray,
  checkFits,
  checkList,
  checkMethods,
  checkOptions,
  type KindName,
  type OptionKinds,
} from "./check";
export * from "./create";
export * from "./derived";
export { describeFully, formatNumber, shorten } from "./describe";
export {
  allocator,
  type Device,
  type DeviceInfo,
  type DeviceName,
  type DeviceOptions,
  device,
  getDevice,
  setDevice,
} from "./device";
export type { GpuOptions } from "./devices/gpu";
export { dims } from "./dims";
export type { DType, Storage } from "./dtype";
export { isFloat, promote, promoteNumber } from "./dtype";
export { CallSetting, checkFunction, during } from "./during";
export { expected, expectedKind, nearest, ofShape, refusal, refusalOfKind, words } from "./expected";
export { readText, replaceFile, temporaryFor } from "./files";
export { type FormatOptions, format, type PrintOptions, setPrintOptions } from "./format";
export * from "./functions";
export * from "./fused";
export * from "./given-shape";
export { saveState, survivesHalt } from "./halt";
export { hasLength, isA, isList, readable } from "./is-a";
export { duplicateKey } from "./json";
export type { ActivationOp, Floats, Kernels, MatmulSizes, UnaryOp } from "./kernels";
export { brief, listed, quoted } from "./listed";
export type { ArrayMethods, InOrder } from "./methods";
export { suggestMembers, withSuggestions } from "./missing";
export { elements, haveSameShape, NDArray, type Nested, type Ordered } from "./ndarray";
export { environment, findNodeModule, nodeModule } from "./node";
export type { BincountOptions, HistcOptions, SearchsortedOptions } from "./ops/counting";
export { type Contractible, einsum as contract } from "./ops/einsum";
export type { CloseOptions, NanToNumOptions } from "./ops/elementwise";
export type { SortOptions, TopkOptions } from "./ops/order";
export type { Axes, ReduceOptions } from "./ops/reduce";
export type { WindowOptions } from "./ops/unfold";
export type { SliceSpec } from "./ops/views";
export { both, type Pair } from "./ops/windows";
export { frozenCopy } from "./own";
export { createDevice, type OwnDeviceOptions, type OwnKernels } from "./own-device";
export * from "./random";
export { type KernelThread, type RunKernelOptions, runKernel } from "./run-kernel";
export { parseSafetensors, type SafetensorsOptions, serializeSafetensors } from "./safetensors";
export { loadSafetensors, SafetensorsFile, saveSafetensors } from "./safetensors-file";
export * from "./shape";
export { changeCount, incrementVersion, versionOf, watchReads } from "./version";
