/**
 * What crosses the wall, as bytes: `[length of the head, length of the numbers, head, numbers]`. The head is JSON, padded with
 * spaces to a multiple of 8; the numbers of all arrays follow, and the head says where each begins.
 */
import type * as FS from "node:fs";

export interface Frame {
  /** JSON of any kind: who receives it looks at every part before it is believed. */
  readonly head: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array;
}

/** Bytes: a head, or numbers, longer than this are no answer to anything. */
export const MOST_HEAD = 16 * 2 ** 20;
export const MOST_BYTES = 64 * 2 ** 20;
const PREFIX = 8;

/** The other side does not keep to what was agreed: nothing that it says can be believed. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** What was to cross does not fit in one message: the line is as it was. */
export class TooMuch extends RangeError {
  constructor(bytes: number, head: number) {
    const mebibytes = (size: number) => `${Math.ceil(size / 2 ** 20)} MiB`;
    super(
      `too much for one message: ${mebibytes(bytes)} in arrays and ${mebibytes(head)} besides, expected at most ${mebibytes(MOST_BYTES)} and ${mebibytes(MOST_HEAD)}`,
    );
    this.name = "RangeError";
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const { parse, stringify } = JSON;

export function packed({ head, bytes }: Frame): Uint8Array {
  let text = stringify(head);
  text += " ".repeat((8 - (encoder.encode(text).length % 8)) % 8);
  const json = encoder.encode(text);
  if (json.length > MOST_HEAD || bytes.length > MOST_BYTES) throw new TooMuch(bytes.length, json.length);
  const out = new Uint8Array(PREFIX + json.length + bytes.length);
  new DataView(out.buffer).setUint32(0, json.length);
  new DataView(out.buffer).setUint32(4, bytes.length);
  out.set(json, PREFIX);
  out.set(bytes, PREFIX + json.length);
  return out;
}

/** The length of the frame that begins here; null where its first bytes have not come yet. */
export function frameLength(data: Uint8Array): number | null {
  if (data.length < PREFIX) return null;
  const view = new DataView(data.buffer, data.byteOffset, PREFIX);
  const [head, bytes] = [view.getUint32(0), view.getUint32(4)];
  if (head > MOST_HEAD || bytes > MOST_BYTES || head % 8 !== 0)
    throw new ProtocolError(`a message of ${head} and ${bytes} bytes`);
  return PREFIX + head + bytes;
}

export function unpacked(frame: Uint8Array): Frame {
  const view = new DataView(frame.buffer, frame.byteOffset, PREFIX);
  const end = PREFIX + view.getUint32(0);
  let head: unknown;
  try {
    head = parse(decoder.decode(frame.subarray(PREFIX, end)));
  } catch {
    throw new ProtocolError("a message that is not JSON");
  }
  if (typeof head !== "object" || head === null || Array.isArray(head))
    throw new ProtocolError("a message that is no object");
  return { head: head as Frame["head"], bytes: frame.subarray(end) };
}

/** Frames from one file descriptor and to another, each waited for. Null where the other end is gone. */
export function openPipe(
  { readSync, writeSync }: Pick<typeof FS, "readSync" | "writeSync">,
  from: number,
  to: number,
) {
  const fill = (target: Uint8Array): boolean => {
    for (let done = 0; done < target.length; ) {
      let count = 0;
      try {
        count = readSync(from, target, done, target.length - done, null);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EAGAIN") continue;
        return false;
      }
      if (count === 0) return false;
      done += count;
    }
    return true;
  };
  return {
    send(frame: Frame): void {
      const data = packed(frame);
      for (let done = 0; done < data.length; ) {
        try {
          done += writeSync(to, data, done, data.length - done);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
        }
      }
    },
    receive(): Frame | null {
      const prefix = new Uint8Array(PREFIX);
      if (!fill(prefix)) return null;
      const length = frameLength(prefix) as number;
      const data = new Uint8Array(length);
      data.set(prefix);
      return fill(data.subarray(PREFIX)) ? unpacked(data) : null;
    },
  };
}
