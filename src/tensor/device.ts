import { createBlas } from "./devices/blas";
import { createGpu } from "./devices/gpu";
import { reference } from "./devices/reference";
import { Unavailable } from "./devices/unavailable";
import { createWasm } from "./devices/wasm";
import { expected } from "./expected";
import type { Kernels } from "./kernels";
import { environment } from "./node";

export type DeviceName = "wasm" | "blas" | "gpu" | "reference";

/** Facts about a device that a person may want to read: mode, threads, reasons for what is off. */
export type DeviceInfo = Readonly<Record<string, string | number | boolean>>;

/** A place that computes: its kernels, and what it says about itself. */
export interface Device {
  readonly name: DeviceName;
  readonly kernels: Kernels;
  info(): DeviceInfo;
}

const makers: Record<DeviceName, () => Device> = {
  reference: () => ({ name: "reference", kernels: reference, info: () => ({ mode: "plain TypeScript" }) }),
  wasm: () => createWasm(reference),
  blas: () => createBlas(reference),
  gpu: () => createGpu(preferred().kernels),
};

const made = new Map<DeviceName, Device>();
let current: Device | null = null;
let active: Kernels | null = null;

/** The device of that name, made at its first use. Throws with the reason when this machine cannot run it. */
export function getDevice(name: DeviceName): Device {
  let device = made.get(name);
  if (!device) {
    if (typeof name !== "string" || !Object.hasOwn(makers, name))
      throw expected("setDevice", `one of ${Object.keys(makers).join(", ")}`, name);
    const { kernels, info } = makers[name]();
    device = { name, kernels, info: () => ({ ...info(), ...missing }) };
    made.set(name, device);
  }
  return device;
}

/** Compute on this device from now on. Arrays made before stay valid: every device reads ordinary memory. */
export function setDevice(name: DeviceName): Device {
  current = getDevice(name);
  active = current.kernels;
  return current;
}

/**
 * The device that computes now: what {@link setDevice} chose; else the first that this machine runs of those named in
 * GRADSCHOOL_DEVICE (`blas,wasm`); else `wasm`, or `reference` where there is no WebAssembly. `info()` says why an earlier
 * one is not there.
 */
export function device(): Device {
  return current ?? setDevice(preferred().name);
}

/** Why devices that come first cannot be had: `noBlas`, `noWasm`. */
const missing: Record<string, string> = {};

function preferred(): Device {
  const named = environment("GRADSCHOOL_DEVICE");
  const names = named ? (named.split(",") as DeviceName[]) : (["wasm", "reference"] as const);
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
