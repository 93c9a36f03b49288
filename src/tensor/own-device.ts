import { check, checkOptions } from "./check";
import { DEVICE_NAMES, type Device, type DeviceName, find, preferred, registered } from "./device";
import { attentionFrom } from "./devices/attention-from";
import { expected, expectedKind, nearest } from "./expected";
import type { Kernels } from "./kernels";

/** What a device of one's own may compute: everything but the keeping of memory. */
export type OwnKernels = Partial<Omit<Kernels, "alloc" | "empty" | "clock" | "free">>;

export interface OwnDeviceOptions {
  /** Does all that `kernels` does not. Default: what computes here unless told otherwise, as a rule wasm. */
  readonly base?: DeviceName | Device;
}

/**
 * A device with kernels of your own in place of another's, for {@link setDevice}:
 *
 * ```ts
 * const mine = createDevice("mine", { softmax(x, y, rows, n) { … } }, { base: "wasm" });
 * setDevice(mine);
 * ```
 *
 * A kernel gets flat numbers and sizes (see `Kernels`), writes its result into the array meant for it, and returns
 * nothing. Yours are called for float32; other types go to `base`, and so does every kernel that is not yours. `base`
 * has one kernel for all of attention: where `matmul` or `softmax` is yours, attention is made of them.
 * `info()` says how often each was called.
 */
export function createDevice(name: string, kernels: OwnKernels, options: OwnDeviceOptions = {}): Device {
  check("createDevice", "name", name, "text");
  check("createDevice", "kernels", kernels, "object");
  checkOptions("createDevice", options, 'base: "wasm"', { base: "any" });
  if (DEVICE_NAMES.includes(name)) throw expected("createDevice", "a name that is not taken", name);
  const base = options.base === undefined ? preferred() : find("createDevice", options.base);
  const own = Object.entries(kernels).filter(([, kernel]) => kernel !== undefined);
  if (own.length === 0)
    throw expected("createDevice", "at least one kernel, such as { matmul() { … } }", kernels);
  for (const [op, kernel] of own) checkKernel(op, kernel, base.kernels);

  const calls = new Map(own.map(([op]) => [op, 0]));
  let ofBase = 0;
  const all: Kernels = { ...base.kernels };
  for (const [op, kernel] of own) {
    const elsewhere = base.kernels[op as keyof OwnKernels] as AnyKernel;
    const here = kernel as AnyKernel;
    const counted: AnyKernel = (...args) => {
      if (!(args.find(ArrayBuffer.isView) instanceof Float32Array)) {
        ofBase++;
        elsewhere(...args);
        return;
      }
      calls.set(op, (calls.get(op) as number) + 1);
      const given = here(...args);
      if (given !== undefined && !args.includes(given as never))
        throw expectedKind(
          `createDevice: kernel ${op}`,
          "nothing to be returned",
          given,
          "a kernel writes into the array it is given, as in out.set(result)",
        );
    };
    (all as unknown as Record<string, AnyKernel>)[op] = counted;
  }
  const composes = (kernels.matmul || kernels.softmax) && !kernels.attention && !kernels.attentionBackward;
  if (composes) Object.assign(all, attentionFrom({ ...all }));
  return registered({
    name,
    kernels: all,
    info: () => ({ base: base.name, ...Object.fromEntries(calls), callsNotFloat32: ofBase }),
  });
}

type AnyKernel = (...args: unknown[]) => unknown;

const MEMORY = ["alloc", "empty", "clock", "free"];

function checkKernel(op: string, kernel: unknown, known: Kernels): void {
  const names = Object.keys(known).filter((name) => !MEMORY.includes(name));
  if (MEMORY.includes(op))
    throw expected("createDevice", "kernels that compute", op, "memory stays with the base");
  if (!names.includes(op)) {
    const near = nearest(op, names);
    throw expected(
      "createDevice",
      "names of kernels",
      op,
      near ? `did you mean ${near}?` : `there are ${names.join(", ")}`,
    );
  }
  check("createDevice", op, kernel, "function");
}
