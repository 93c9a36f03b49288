/**
 * The thread beside the checks, which wait for the walled-off process: it starts the process, counts what is printed past the
 * protocol, watches the memory and the clock, and ends all that the process has started. Where the waiting thread cannot read
 * the process's answers itself, it passes them on.
 */
import type { MessagePort } from "node:worker_threads";
import { nodeModule } from "../../tensor";
import { frameLength, ProtocolError } from "./frames";
import type { Command } from "./isolation";
import { endGroup, usageOf } from "./processes";
import { startOptions } from "./start";

export interface LineData {
  readonly command: Command;
  readonly port: MessagePort;
  /** How many messages have been posted to the waiting thread. */
  readonly posted: SharedArrayBuffer;
  /** Milliseconds that may pass while the other thread waits; and whether it does. */
  readonly budget: SharedArrayBuffer;
  /** What it may compute, where the system counts that. */
  readonly seconds: number;
  readonly mebibytes: number;
  readonly output: number;
}

/**
 * What the thread says: whom it has started, and the descriptor where the waiting thread reads and writes itself, if it can; a
 * frame, if not; or that the process is gone, and why.
 */
export type LineMessage =
  | { readonly started: number; readonly fd: number | null }
  | { readonly frame: Uint8Array }
  | { readonly ended: "time" | "exit" | "memory" | "output" | "protocol"; readonly detail: string };

const { spawn } = nodeModule("node:child_process");

const { command, port, posted, budget, seconds, mebibytes, output } = nodeModule("node:worker_threads")
  .workerData as LineData;
const left = new Float64Array(budget);
const count = new Int32Array(posted);
let isOver = false;

function post(message: LineMessage): void {
  port.postMessage(message);
  Atomics.add(count, 0, 1);
  Atomics.notify(count, 0);
}

const streams = (["ignore", "pipe", "pipe", "pipe", "pipe"] as const).slice(0, command.hasLifeline ? 5 : 4);
const { options, close } = startOptions(
  command,
  command.channel === "pipe" ? streams : ["pipe", "pipe", "pipe"],
);
const child = spawn(command.file, [...command.args], { ...options, detached: true }); // a group that can be ended as a whole
close();

/** Once: why there will be no more answers. */
function over(ended: Extract<LineMessage, { ended: unknown }>["ended"], detail: string): void {
  if (isOver) return;
  isOver = true;
  endGroup(child);
  post({ ended, detail });
}

child.on("error", (error) => over("exit", error.message));
child.on("exit", (code, signal) => {
  // What is on its way still counts: a process may answer and then end.
  const last = /FATAL ERROR: [^\n]*|^\w*Error: [^\n]*/m.exec(told)?.[0];
  setTimeout(() => over("exit", last ?? (signal ? `signal ${signal}` : `exit code ${code}`)), 20);
});

/** The descriptor of a socket that waits; null where the system has none, or Node cannot be told to leave it alone. */
function waitingDescriptor(stream: unknown): number | null {
  const { _handle: handle } = stream as {
    _handle?: { readonly fd?: number; setBlocking?(on: boolean): number; readStop?(): number };
  };
  if (!handle?.setBlocking || !handle.readStop || !((handle.fd ?? -1) >= 0)) return null;
  return handle.readStop() === 0 && handle.setBlocking(true) === 0 ? (handle.fd as number) : null;
}
const fd = command.channel === "pipe" ? waitingDescriptor(child.stdio[3]) : null;
post({ started: child.pid ?? 0, fd });

/** The first lines on its standard error: what Node says when it dies. */
let told = "";
let printed = 0;
const listen = (chunk: Buffer, keeps: boolean): void => {
  printed += chunk.length;
  if (keeps && told.length < 4000) told += chunk.toString("latin1");
  if (printed > output) over("output", `${printed} bytes`);
};
child.stderr?.on("data", (chunk: Buffer) => listen(chunk, true));
const channel = command.channel === "pipe" ? child.stdio[3] : null;
const incoming = (channel ?? child.stdout) as NodeJS.ReadableStream;
const outgoing = (channel ?? child.stdin) as NodeJS.WritableStream;
if (channel) child.stdout?.on("data", (chunk: Buffer) => listen(chunk, false));
const all: readonly (NodeJS.EventEmitter | null | undefined)[] = [incoming, outgoing, ...child.stdio];
for (const stream of all) stream?.on("error", () => {});

let parts: Buffer[] = [];
let waiting = 0;
const take = (chunk: Buffer): void => {
  if (isOver) return;
  parts.push(chunk);
  waiting += chunk.length;
  try {
    for (;;) {
      if (waiting < 8) return;
      if (parts[0].length < 8) parts = [Buffer.concat(parts)];
      const length = frameLength(parts[0]) as number;
      if (waiting < length) return;
      const all = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      post({ frame: new Uint8Array(all.subarray(0, length)) });
      parts = [all.subarray(length)];
      waiting -= length;
    }
  } catch (error) {
    over("protocol", error instanceof ProtocolError ? error.message : "an odd message");
  }
};
if (fd === null) incoming.on("data", take);

port.on("message", (message: Uint8Array | "end") => {
  if (message === "end") {
    isOver = true;
    endGroup(child);
    port.close();
    clearInterval(watch);
    for (const end of [channel, child.stdio[4]]) end?.destroy();
    return;
  }
  outgoing.write(message);
});

/** Seconds of computing until it is there, and for reading what crosses. */
const STARTED = 2;
/** Milliseconds between two looks; what passes beyond that is this thread's own waiting for a processor. */
const [LOOK, MOST] = [20, 60];
const parent = process.ppid;
let before = performance.now();
const watch = setInterval(() => {
  const used = child.pid ? usageOf(child.pid) : null;
  const now = performance.now();
  // A process that would go on if it could is kept waiting by the machine, and computes for as long as it may.
  if (left[1] === 1 && !used?.isBusy) left[0] -= Math.min(MOST, now - before);
  before = now;
  if (left[0] < 0 || (used && used.seconds > seconds + STARTED)) over("time", "");
  if (used && used.mebibytes > mebibytes) over("memory", `${Math.round(used.mebibytes)} MiB`);
  if (process.ppid !== parent) {
    endGroup(child); // the grader is gone
    process.exit(1);
  }
}, LOOK);
