/**
 * What a kernel is told. A task lies in memory, where every thread can read it, and is written there by the host: the build
 * makes the writer out of these classes (../tasks.generated.ts). Pointers are bytes, and 0 where something is not there.
 */
@unmanaged
export class Task {
  /** The kernel's place in the table of functions. */
  kernel: u32;
  /** The work is 0 … total of what the kernel counts in, */
  total: usize;
  /** cut into pieces of this length, the last one perhaps shorter. */
  chunk: usize;
}

/** Does the part from `begin` to `end` of a task. */
export function perform(task: Task, begin: usize, end: usize): void {
  call_indirect<void>(task.kernel, task, begin, end);
}
