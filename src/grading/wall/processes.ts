/** What the system tells of processes, and how they are ended. */
import type { ChildProcess } from "node:child_process";
import { nodeModule } from "../../tensor";

const fs = nodeModule("node:fs");

/** What a process and those below it take. */
export interface Usage {
  /** MiB that they hold. */
  readonly mebibytes: number;
  /** Seconds that they have computed. */
  readonly seconds: number;
  /** Whether one of them computes, or would if a processor were free. */
  readonly isBusy: boolean;
}

const TICKS_PER_SECOND = 100;
const PAGE = 4096;

/** Null where the system does not tell, or the process is gone. */
export function usageOf(pid: number): Usage | null {
  let [pages, ticks, isBusy] = [0, 0, false];
  const open = [pid];
  for (let i = 0; i < open.length && i < 1000; i++) {
    try {
      const folder = `/proc/${open[i]}`;
      pages += Number(fs.readFileSync(`${folder}/statm`, "latin1").split(" ")[1]);
      // Its name, which may be anything, stands in brackets.
      const [, rest = ""] = /.*\) (.*)/s.exec(fs.readFileSync(`${folder}/stat`, "latin1")) ?? [];
      const fields = rest.split(" ");
      isBusy ||= fields[0] === "R";
      for (const field of fields.slice(11, 15)) ticks += Number(field); // its own, and of those that it has outlived
      for (const task of fs.readdirSync(`${folder}/task`))
        for (const below of fs.readFileSync(`${folder}/task/${task}/children`, "latin1").split(" "))
          if (below) open.push(Number(below));
    } catch {
      if (i === 0) return null;
    }
  }
  return { mebibytes: (pages * PAGE) / 2 ** 20, seconds: ticks / TICKS_PER_SECOND, isBusy };
}

/**
 * Ends a process that was started `detached`, and all of its group. Its number is another's as soon as it has been waited for, unless
 * the group outlives it: then nobody is hurt in its place.
 */
export function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (!pid) return;
  const isGone = exitCode !== null || signalCode !== null;
  if (isGone && fs.existsSync(`/proc/${pid}`)) return;
  for (const target of isGone ? [-pid] : [-pid, pid]) signal(target);
}

/** Ends the group of a process that somebody else has started, if that is still the program in whose command the file stands. */
export function endGroupOf(pid: number, file: string): void {
  try {
    if (!fs.readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(file)) return;
  } catch {
    if (fs.existsSync("/proc/self/cmdline")) return; // it is gone
  }
  signal(-pid);
}

function signal(target: number): void {
  try {
    process.kill(target, "SIGKILL");
  } catch {
    // gone already
  }
}
