import { useScratch } from "./matmul";
import { Task, perform } from "./task";

/**
 * Threads that share tasks, each running this module on the same memory. A task is cut into pieces; everybody,
 * the main thread too, claims pieces until none is left. So a thread that is not up yet, asleep or pushed aside
 * by another program costs nothing but its help.
 *
 * A worker without a piece looks for one for a moment (some milliseconds), then sleeps. The main thread sleeps
 * between looks if another thread's last piece takes long.
 *
 * On a busy machine fewer threads are faster than all: those beyond ACTIVE sleep until it grows.
 *
 * The mailbox: five counters, a cache line apart, then the task.
 */

/** Pieces not yet claimed. */
const LEFT: usize = 0;
/** Pieces done. */
const DONE: usize = 64;
/** Workers asleep. */
const SLEEPERS: usize = 128;
/** 1 while the main thread sleeps. */
const WAITING: usize = 192;
/** Threads that may take pieces, the main one included. */
const ACTIVE: usize = 256;
const TASK: usize = 320;

/** Looks before a worker, or the main thread, goes to sleep. */
const WORKER_SPINS: i32 = 1_000_000;
const MAIN_SPINS: i32 = 200_000;

const MILLISECOND: i64 = 1_000_000;

let mailbox: usize = 0;

/** Gives this instance (each thread has its own) its mailbox, which all share, and its scratch, which none does. */
export function start(sharedMailbox: usize, ownScratch: usize): void {
  mailbox = sharedMailbox;
  useScratch(ownScratch);
}

/** The task in the mailbox, whole, on this thread. */
export function call(): void {
  const task = changetype<Task>(mailbox + TASK);
  perform(task, 0, task.total);
}

/** Pieces of the task that this instance drives; 0 when it is done. Whether this instance is in the middle of one. */
let driven: i32 = 0;
let inPiece: bool = false;

/**
 * After `drive` was cut short (an engine can end what takes too long anywhere, and nothing runs afterwards): takes back what
 * nobody has claimed, and waits until the others have done what they had. Before that, the mailbox may not be written.
 */
export function settle(): void {
  if (driven == 0) return;
  const claimed = driven - atomic.xchg<i32>(mailbox + LEFT, 0);
  const theirs = inPiece ? claimed - 1 : claimed;
  while (atomic.load<i32>(mailbox + DONE) < theirs) {}
  atomic.store<i32>(mailbox + WAITING, 0);
  driven = 0;
  inPiece = false;
}

/** Claims a piece and does it; false when none is left. */
function takePiece(): bool {
  let left = atomic.load<i32>(mailbox + LEFT);
  while (left > 0) {
    const before = atomic.cmpxchg<i32>(mailbox + LEFT, left, left - 1);
    if (before == left) {
      const task = changetype<Task>(mailbox + TASK);
      const begin = <usize>(left - 1) * task.chunk;
      inPiece = true;
      perform(task, begin, min(task.total, begin + task.chunk));
      atomic.add<i32>(mailbox + DONE, 1);
      inPiece = false;
      return true;
    }
    left = before;
  }
  return false;
}

/** The task in the mailbox in pieces, on all threads; returns when all is done. A browser's main thread may not sleep. */
export function drive(maySleep: bool): void {
  const task = changetype<Task>(mailbox + TASK);
  const pieces = <i32>((task.total + task.chunk - 1) / task.chunk);
  driven = pieces;
  atomic.store<i32>(mailbox + DONE, 0);
  atomic.store<i32>(mailbox + LEFT, pieces);
  if (atomic.load<i32>(mailbox + SLEEPERS) > 0) atomic.notify(mailbox + LEFT, pieces - 1);
  while (takePiece()) {}

  let done = atomic.load<i32>(mailbox + DONE);
  for (let looks = 0; done < pieces; looks++) {
    if (maySleep && looks > MAIN_SPINS) {
      atomic.store<i32>(mailbox + WAITING, 1);
      atomic.wait<i32>(mailbox + DONE, done, MILLISECOND);
      atomic.store<i32>(mailbox + WAITING, 0);
    }
    done = atomic.load<i32>(mailbox + DONE);
  }
  driven = 0;
}

/** So many threads take part from now on, the main one included. */
export function activate(threads: i32): void {
  atomic.store<i32>(mailbox + ACTIVE, threads);
  atomic.notify(mailbox + ACTIVE);
}

/** The whole life of worker number `index`, counted from 1: the main thread is number 0. */
export function work(index: i32): void {
  for (let idle = 0; ; idle++) {
    const active = atomic.load<i32>(mailbox + ACTIVE);
    if (index >= active) {
      atomic.wait<i32>(mailbox + ACTIVE, active, -1);
      idle = 0;
    } else if (takePiece()) {
      if (atomic.load<i32>(mailbox + WAITING)) atomic.notify(mailbox + DONE, 1);
      idle = 0;
    } else if (idle > WORKER_SPINS) {
      atomic.add<i32>(mailbox + SLEEPERS, 1);
      atomic.wait<i32>(mailbox + LEFT, 0, -1);
      atomic.sub<i32>(mailbox + SLEEPERS, 1);
      idle = 0;
    }
  }
}
