import { createGpu } from "./devices/gpu";
import { reference } from "./devices/reference";
import { Unavailable } from "./devices/unavailable";
import { createWasm } from "./devices/wasm";
import type { Kernels } from "./kernels";

export type DeviceName = "wasm" | "gpu" | "reference";

/** Facts about a device that a person may want to read: mode, threads, reasons for what is off. */
export type DeviceInfo = Readonly<Record<string, string | number | boolean>>;

/** A place that computes: its kernels, and what it says about itself. */
export interface Device {
  readonly name: DeviceName;
  readonly kernels: Kernels;
  info(): DeviceInfo;
}

const makers: Record<DeviceName, () => Device> = {
  reference: () => ({ name: "reference", kernels: reference, info: referenceInfo }),
  wasm: () => createWasm(reference),
  gpu: () => createGpu(fastest().kernels),
};

/** Why the default device is not `wasm`, or "". */
let whyNoWasm = "";

const referenceInfo = (): DeviceInfo => ({
  mode: "plain TypeScript",
  ...(whyNoWasm ? { noWasm: whyNoWasm } : {}),
});

const made = new Map<DeviceName, Device>();
let current: Device | null = null;
let active: Kernels | null = null;

/** The device of that name, made at its first use. Throws with the reason when this machine cannot run it. */
export function getDevice(name: DeviceName): Device {
  let device = made.get(name);
  if (!device) {
    if (!(name in makers)) {
      throw new Error(`setDevice: expected one of ${Object.keys(makers).join(", ")}, got ${String(name)}`);
    }
    device = makers[name]();
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

/** The device that computes now: the fastest that this machine runs, unless {@link setDevice} chose another. */
export function device(): Device {
  return current ?? setDevice(fastest().name);
}

function fastest(): Device {
  try {
    return getDevice("wasm");
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    whyNoWasm = error.message;
    return getDevice("reference");
  }
}

/** The kernels of the current device. */
export const kernels = (): Kernels => active ?? device().kernels;
