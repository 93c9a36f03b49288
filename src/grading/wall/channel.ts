import type { MessagePort } from "node:worker_threads";
import { say } from "../../notebook";
import { nodeModule } from "../../tensor";
import { Halted } from "../time-limit";
import { type Frame, openPipe, ProtocolError, packed, unpacked } from "./frames";
import type { Command } from "./isolation";
import { clock, type Limits } from "./limits";
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

/** The waiting end of the line to one walled-off process. Its calls take `limits.seconds` together. */
export class Channel implements Transport {
  private readonly port: MessagePort;
  private readonly posted = new Int32Array(new SharedArrayBuffer(4));
  private readonly deadline = new Float64Array(new SharedArrayBuffer(8)).fill(Number.POSITIVE_INFINITY);
  /** Where this thread reads and writes itself; null where the other one passes frames on. */
  private readonly pipe: ReturnType<typeof openPipe> | null;
  /** Milliseconds that are left to it. */
  private left: number;
  /** Why it is over. */
  ended: Ended | null = null;

  /** @param told of the process's number, as soon as it is known */
  constructor(
    command: Command,
    private readonly limits: Limits,
    told: (pid: number) => void,
  ) {
    this.left = limits.seconds * 1000;
    const { seconds, mebibytes, output } = limits;
    const { port1, port2 } = new threads.MessageChannel();
    this.port = port1;
    const posted = this.posted.buffer as SharedArrayBuffer;
    const deadline = this.deadline.buffer as SharedArrayBuffer;
    const workerData: LineData = { command, port: port2, posted, deadline, seconds, mebibytes, output };
    const file = nodeModule("node:path").join(__dirname, "line.js");
    new threads.Worker(file, { workerData, transferList: [port2], execArgv: [], env: {} }).unref();
    const first = this.next(10_000);
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
    const start = performance.now();
    const message = this.next(this.left);
    this.left -= performance.now() - start;
    if (message && "frame" in message) return unpacked(message.frame);
    throw this.endedBy(message);
  }

  /** What comes of the pipe, for as long as time is left: then the other thread ends the process, and with it the pipe. */
  private timed<T>(run: () => T | null | undefined): T {
    const start = performance.now();
    this.deadline[0] = clock() + this.left;
    let result: T | null | undefined = null;
    try {
      result = run();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
    } finally {
      this.deadline[0] = Number.POSITIVE_INFINITY;
      this.left -= performance.now() - start;
    }
    if (result !== null) return result as T;
    throw this.endedBy(this.next(5000));
  }

  private endedBy(message: LineMessage | null): Ended {
    return message && "ended" in message ? this.end(message.ended, message.detail) : this.end("time", "");
  }

  spent(milliseconds: number): void {
    this.left -= milliseconds;
  }

  broken(error: ProtocolError): Ended {
    return this.end("protocol", error.message);
  }

  /** From now on it may take so long, by the clock. */
  allow(seconds: number): void {
    this.left = seconds * 1000;
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
