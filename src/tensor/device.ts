import { check, checkOptions } from "./check";
import { createBlas } from "./devices/blas";
import { createGpu, type GpuOptions } from "./devices/gpu";
import { type Mode, modes } from "./devices/gpu/runtime";
import { reference } from "./devices/reference";
import { Unavailable } from "./devices/unavailable";
import { createWasm } from "./devices/wasm";
import { expected, expectedKind, nearest } from "./expected";
import type { Kernels } from "./kernels";
import { environment } from "./node";

export type DeviceName = "wasm" | "blas" | "gpu" | "reference";

/** Facts about a device that a person may want to read: mode, threads, reasons for what is off. */
export type DeviceInfo = Readonly<Record<string, string | number | boolean>>;

/** A place that computes: its kernels, and what it says about itself. */
export interface Device {
  /** A {@link DeviceName}, or what {@link createDevice} was told. */
  readonly name: string;
  readonly kernels: Kernels;
  info(): DeviceInfo;
}

/** What a device can be told: `gpu` alone has something to choose. */
export type DeviceOptions<D = DeviceName> = D extends "gpu" ? GpuOptions : undefined;

const makers: Record<DeviceName, (options?: GpuOptions) => Device> = {
  reference: () => ({ name: "reference", kernels: reference, info: () => ({ mode: "plain TypeScript" }) }),
  wasm: () => createWasm(reference),
  blas: () => createBlas(reference),
  gpu: (options) => createGpu(preferred("gpu").kernels, options),
};

/** @internal */
export const DEVICE_NAMES: readonly string[] = Object.keys(makers);

/** By name and options. */
const made = new Map<string, Device>();
const known = new WeakSet<object>();
let current: Device | null = null;
let active: Kernels | null = null;

/**
 * The device of that name and with these options, made at its first use; the same ones give the same device. Throws with
 * the reason when this machine cannot run it.
 */
export function getDevice<D extends DeviceName>(name: D, options?: DeviceOptions<D>): Device {
  if (typeof name !== "string" || !Object.hasOwn(makers, name)) {
    const near = typeof name === "string" ? nearest(name, DEVICE_NAMES) : undefined;
    const what = `one of ${DEVICE_NAMES.join(", ")}, or a device made by createDevice`;
    throw expected("setDevice", what, name, near && `did you mean "${near}"?`);
  }
  const key = options === undefined ? name : `${name} ${keyOf(name, options)}`;
  let device = made.get(key);
  if (!device) {
    const { kernels, info } = makers[name](options);
    device = registered({ name, kernels, info: () => ({ ...info(), ...missing }) });
    made.set(key, device);
  }
  return device;
}

/** Options in one spelling, after a look at what types cannot say. */
function keyOf(name: DeviceName, options: GpuOptions): string {
  if (name !== "gpu")
    throw expectedKind("setDevice", `no options for "${name}"`, options, 'only "gpu" has some');
  checkOptions("setDevice", options, "smallest: 0", { modes: "texts", smallest: "number" });
  const wanted: readonly Mode[] = options.modes ?? modes;
  for (const mode of wanted) check("setDevice", "modes among", mode, modes);
  if (options.smallest !== undefined && !(options.smallest >= 0))
    throw expected("setDevice", "smallest to be a number >= 0", options.smallest);
  return `${wanted} ${options.smallest}`;
}

/**
 * Compute on this device from now on: one of the library's by name, or one of your own that {@link createDevice} made.
 * `setDevice("gpu", { smallest: 0 })` sends GPU.js all that it can do, however small; else it gets what is faster there.
 * Arrays made before stay valid: every device reads ordinary memory.
 */
export function setDevice<D extends DeviceName | Device>(device: D, options?: DeviceOptions<D>): Device {
  current = find("setDevice", device, options);
  active = current.kernels;
  return current;
}

/**
 * What a device or a name means.
 * @internal
 */
export function find(op: string, device: DeviceName | Device, options?: GpuOptions): Device {
  if (typeof device !== "object" || !known.has(device)) return getDevice(device as DeviceName, options);
  if (options !== undefined) throw expectedKind(op, `no options for "${device.name}"`, options);
  return device;
}

/**
 * From now on {@link setDevice} takes it.
 * @internal
 */
export function registered(device: Device): Device {
  known.add(device);
  return device;
}

/**
 * The device that computes now: what {@link setDevice} chose; else the first that this machine runs of those named in
 * GRADSCHOOL_DEVICE (`blas,wasm`); else `wasm`, or `reference` where there is no WebAssembly. `info()` says why an earlier
 * one is not there.
 */
export function device(): Device {
  return current ?? setDevice(preferred());
}

/** Why devices that come first cannot be had: `noBlas`, `noWasm`. */
const missing: Record<string, string> = {};

const usual: readonly DeviceName[] = ["wasm", "reference"];

/**
 * What the machine computes on unless told otherwise: the first that runs of those that the environment names, `but` one
 * that wants another behind it.
 * @internal
 */
export function preferred(but?: DeviceName): Device {
  const named = (environment("GRADSCHOOL_DEVICE")?.split(",") as DeviceName[] | undefined) ?? usual;
  const others = named.filter((name) => name !== but);
  const names = others.length > 0 ? others : usual;
  const last = names[names.length - 1];
  for (const name of names) {
    try {
      return getDevice(name);
    } catch (error) {
      if (!(error instanceof Unavailable) || name === last) throw error;
      missing[`no${name[0].toUpperCase()}${name.slice(1)}`] = error.message;
    }
  }
  return getDevice(last);
}

/**
 * The kernels of the current device.
 * @internal
 */
export const kernels = (): Kernels => active ?? device().kernels;

/**
 * Where the current device takes memory back, for who knows that an array is dead.
 * @internal
 */
export const allocator = (): Pick<Kernels, "clock" | "free"> => kernels();
