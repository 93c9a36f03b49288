import type { MessagePort } from "node:worker_threads";
import { say } from "../../notebook";
import { nodeModule } from "../../tensor";
import { Halted } from "../time-limit";
import { type Frame, openPipe, ProtocolError, packed, unpacked } from "./frames";
import type { Command } from "./isolation";
import type { Limits } from "./limits";
import type { LineData, LineMessage } from "./line";
import type { Transport } from "./peer";

/** Why a walled-off process is no more. */
export type Ending = "time" | "exit" | "memory" | "output" | "protocol";

/** Thrown by every call to a process that is gone. */
export class Ended extends Halted {
  constructor(
    readonly ending: Ending,
    message: string,
    readonly detail: string,
  ) {
    super("end", message);
  }
}

const threads = nodeModule("node:worker_threads");

/** Milliseconds that a thread of ours may need for what it is about to do, on a machine that is very busy. */
const PATIENCE = 120_000;

/** The waiting end of the line to one walled-off process. Its calls may compute for `limits.seconds` together. */
export class Channel implements Transport {
  private readonly port: MessagePort;
  private readonly posted = new Int32Array(new SharedArrayBuffer(4));
  /** Milliseconds that may pass while this thread waits, and whether it does: the other one counts them. */
  private readonly budget = new Float64Array(new SharedArrayBuffer(16));
  /** Where this thread reads and writes itself; null where the other one passes frames on. */
  private readonly pipe: ReturnType<typeof openPipe> | null;
  /** Why it is over. */
  ended: Ended | null = null;

  /** @param told of the process's number, as soon as it is known */
  constructor(
    command: Command,
    private readonly limits: Limits,
    told: (pid: number) => void,
  ) {
    this.allow(limits.seconds);
    const { seconds, mebibytes, output } = limits;
    const { port1, port2 } = new threads.MessageChannel();
    this.port = port1;
    const posted = this.posted.buffer as SharedArrayBuffer;
    const budget = this.budget.buffer as SharedArrayBuffer;
    const workerData: LineData = { command, port: port2, posted, budget, seconds, mebibytes, output };
    const file = nodeModule("node:path").join(__dirname, "line.js");
    new threads.Worker(file, { workerData, transferList: [port2], execArgv: [], env: {} }).unref();
    const first = this.next(PATIENCE);
    const { started = 0, fd = null } = first && "started" in first ? first : {};
    this.pipe = fd === null ? null : openPipe(nodeModule("node:fs"), fd, fd);
    if (started) told(started);
  }

  send(frame: Frame): void {
    if (this.ended) throw this.ended;
    if (this.pipe) this.timed(() => this.pipe?.send(frame));
    else this.port.postMessage(packed(frame));
  }

  receive(): Frame {
    if (this.ended) throw this.ended;
    if (this.pipe) return this.timed(() => this.pipe?.receive());
    this.budget[1] = 1;
    const message = this.next(Number.POSITIVE_INFINITY);
    this.budget[1] = 0;
    if (message && "frame" in message) return unpacked(message.frame);
    throw this.endedBy(message);
  }

  /** What comes of the pipe, for as long as time is left: then the other thread ends the process, and with it the pipe. */
  private timed<T>(run: () => T | null | undefined): T {
    this.budget[1] = 1;
    let result: T | null | undefined = null;
    try {
      result = run();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
    } finally {
      this.budget[1] = 0;
    }
    if (result !== null) return result as T;
    throw this.endedBy(this.next(PATIENCE));
  }

  private endedBy(message: LineMessage | null): Ended {
    return message && "ended" in message ? this.end(message.ended, message.detail) : this.end("time", "");
  }

  spent(milliseconds: number): void {
    this.budget[0] -= milliseconds;
  }

  broken(error: ProtocolError): Ended {
    return this.end("protocol", error.message);
  }

  /** From now on it may keep this thread waiting for so long without computing; where nobody can tell, computing counts too. */
  allow(seconds: number): void {
    this.budget[0] = seconds * 1000;
  }

  /** The process, and all that it has started, is gone afterwards. */
  close(): void {
    this.port.postMessage("end");
  }

  private end(ending: Ending, detail: string): Ended {
    this.ended ??= new Ended(ending, endingText(ending, detail, this.limits), detail);
    this.close();
    return this.ended;
  }

  private next(milliseconds: number): LineMessage | null {
    const until = performance.now() + milliseconds;
    for (;;) {
      const posted = Atomics.load(this.posted, 0);
      const received = threads.receiveMessageOnPort(this.port);
      if (received) return received.message as LineMessage;
      const left = until - performance.now();
      if (left <= 0) return null;
      Atomics.wait(this.posted, 0, posted, left);
    }
  }
}

/** Why it is over, as a student reads it. */
function endingText(ending: Ending, detail: string, { seconds, mebibytes, output }: Limits): string {
  switch (ending) {
    case "time":
      return say({ en: `took longer than ${seconds} s`, ru: `работала дольше ${seconds} с` });
    case "memory":
      return say({
        en: `took more than ${mebibytes} MiB of memory`,
        ru: `заняла больше ${mebibytes} МиБ памяти`,
      });
    case "output":
      return say({ en: `printed more than ${output} bytes`, ru: `напечатала больше ${output} байт` });
    case "protocol":
      return say({
        en: `its process sent what is no answer (${detail})`,
        ru: `её процесс прислал то, что не является ответом (${detail})`,
      });
    default:
      return say({ en: `its process ended (${detail})`, ru: `её процесс завершился (${detail})` });
  }
}
