"use strict";
/**
 * Jupyter's channels over one descriptor, for a kernel that has no network (jupyter/grading): lines of JSON,
 * `[channel, frames in base64 …]`.
 */
const net = require("node:net");

/** A longer line is no message of a kernel's. */
const LONGEST = 64 * 2 ** 20;

/** What a channel offers of a socket of zeromq. @typedef {{ send(frames: (Buffer | string)[]): Promise<void>, close(): void } & AsyncIterable<Buffer[]>} Channel */

class Pipe {
  /** @param {number | import("node:net").Socket | import("node:stream").Duplex} end a descriptor, or the stream itself */
  constructor(end) {
    this.stream = typeof end === "number" ? new net.Socket({ fd: end }) : end;
    /** @type {Map<string, { waiting: Buffer[][], wake: (() => void) | null }>} */
    this.channels = new Map();
    this.closed = false;
    /** @type {Buffer[]} */
    this.parts = [];
    this.length = 0;
    this.stream.on("data", (chunk) => this.take(chunk));
    for (const event of ["end", "error", "close"]) this.stream.on(event, () => this.end());
  }

  /** @param {Buffer} chunk */
  take(chunk) {
    let rest = chunk;
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      this.line(Buffer.concat([...this.parts, rest.subarray(0, at)]).toString());
      [this.parts, this.length] = [[], 0];
      rest = rest.subarray(at + 1);
    }
    this.parts.push(rest);
    this.length += rest.length;
    if (this.length > LONGEST) this.stream.destroy();
  }

  /** @param {string} text */
  line(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (!Array.isArray(message) || !message.every((part) => typeof part === "string")) return;
    const [name, ...frames] = message;
    const channel = this.channels.get(name);
    if (!channel) return;
    channel.waiting.push(frames.map((frame) => Buffer.from(frame, "base64")));
    channel.wake?.();
  }

  end() {
    this.closed = true;
    for (const { wake } of this.channels.values()) wake?.();
  }

  /** @param {string} name @returns {Channel} */
  channel(name) {
    /** @type {{ waiting: Buffer[][], wake: (() => void) | null }} */
    const channel = { waiting: [], wake: null };
    this.channels.set(name, channel);
    const pipe = this;
    return {
      async send(frames) {
        if (pipe.closed) return;
        const texts = frames.map((frame) => Buffer.from(frame).toString("base64"));
        pipe.stream.write(`${JSON.stringify([name, ...texts])}\n`);
      },
      close() {},
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const next = channel.waiting.shift();
          if (next) yield next;
          else if (pipe.closed) return;
          else
            await new Promise((resolve) => {
              channel.wake = () => resolve(undefined);
            });
        }
      },
    };
  }
}

module.exports = { Pipe };
