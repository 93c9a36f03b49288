/**
 * How much memory arrays may take: without a limit, a loop that keeps what it makes takes the whole machine down before
 * anyone can stop it.
 */
import { findCollector } from "./collector";
import { expected } from "./expected";
import { environment, findNodeModule } from "./node";

const MIB = 2 ** 20;

/** After so many bytes of new arrays we look how much is in use. */
const STEP = 64 * MIB;

/** What an array costs beside its numbers: the objects around them. */
const OBJECTS = 256;

/** The share of JavaScript's own memory that may be in use; beyond, the engine would end the process. */
const FULL = 0.9;

/**
 * Bytes that arrays may take in all: GRADSCHOOL_MEMORY (in MiB), or half of what the machine, or the container, has.
 * Infinite in a browser, which has limits of its own.
 */
export const memoryLimit = (): number => {
  limit ??= findLimit();
  return limit;
};
let limit: number | undefined;

function findLimit(): number {
  const set = environment("GRADSCHOOL_MEMORY");
  if (set !== undefined) {
    const mebibytes = Number(set);
    if (mebibytes >= 64) return mebibytes * MIB;
    throw expected("GRADSCHOOL_MEMORY", "the MiB that arrays may take, at least 64", set);
  }
  const os = findNodeModule("node:os");
  if (!os) return Number.POSITIVE_INFINITY;
  // A container's share; 0, or more than there is, where there is none.
  const share = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.min(os.totalmem(), share) / 2;
}

/** Of {@link memoryLimit}, the MiB that a device may reserve for a heap of its own. */
export const heapLimitMiB = (): number => Math.floor(Math.min(1024, memoryLimit() / 2 / MIB));

let untilLook = STEP;

/** Says that an array of `bytes` is about to be made; throws `refusal(why)` when there is no room for it. */
export function makeRoom(bytes: number, refusal: (why: string) => Error): void {
  untilLook -= bytes + OBJECTS;
  if (untilLook < 0) look(bytes, refusal);
}

function look(bytes: number, refusal: (why: string) => Error): void {
  untilLook = STEP;
  const v8 = findNodeModule("node:v8");
  if (!v8) return;
  const reason = () => {
    const may = memoryLimit() - heapLimitMiB() * MIB;
    const used = process.memoryUsage().arrayBuffers + bytes;
    const inWords = (n: number) => `${(n / 2 ** 30).toPrecision(3)} GiB`;
    if (used > may)
      return `with it arrays would take more than ${inWords(memoryLimit())} in all (GRADSCHOOL_MEMORY=MIB sets the limit)`;
    const { used_heap_size: inUse, heap_size_limit: size } = v8.getHeapStatistics();
    return inUse > FULL * size ? `${inWords(inUse)} of small objects fill JavaScript's memory` : null;
  };
  if (reason() === null) return;
  // Perhaps it is garbage. The memory of arrays that die in one collection is given back by the next.
  for (let i = 0; i < 2; i++) findCollector()?.collect();
  const why = reason();
  if (why !== null) {
    untilLook = 0; // the next one too
    throw refusal(why);
  }
}
