import type { Storage } from "./dtype";
import { CallSetting } from "./during";
import { expectedKind } from "./expected";
import type { Strided } from "./strided";

/**
 * Which memory was changed in place, and when: so that backward can refuse numbers that are no longer what an operation
 * saw. Time is counted in changes; memory that was never changed has none, so arrays pay nothing for it.
 */

/** All changes in place so far. */
let changes = 0;

/** For memory that was changed: the number of its last change. Views share it with their base. */
const last = new WeakMap<Storage, number>();

/** The memory of the latest change, as long as nobody has asked for the time since: another one then is the same. */
let latest: Storage | null = null;

/** The number of the latest change in place, anywhere. */
export function changeCount(): number {
  latest = null;
  return changes;
}

/** When the memory was last changed in place: a number that grows with every change, 0 before the first. */
export const versionOf = ({ data }: { readonly data: Storage }): number => last.get(data) ?? 0;

/**
 * Say that the numbers of `x` were changed in place. `assign`, `fill`, `set` and the optimisers say it themselves;
 * whoever writes into the typed array `x.data` should: `x.data[0] = 5; incrementVersion(x)`.
 */
export function incrementVersion(x: { readonly data: Storage }): void {
  const data = x?.data;
  if (data === latest) return;
  if (!ArrayBuffer.isView(data)) throw expectedKind("incrementVersion", "an NDArray", x);
  last.set(data, ++changes);
  latest = data;
}

/** The memory is handed out anew: what was changed in it was another array's. */
export function forgetChanges(data: Storage): void {
  last.delete(data);
  if (latest === data) latest = null;
}

type Reader = (x: Strided) => void;

const reader = new CallSetting<Reader | null>(null);

/** Run `fn`; `look` sees every array before its numbers are read. */
export const watchReads = <T>(look: Reader | null, fn: () => T): T => reader.during("watchReads", look, fn);

/** To be called before the numbers of an array are read. */
export function beforeRead(x: Strided): void {
  if (reader.value !== null) reader.value(x);
}
