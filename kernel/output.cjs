"use strict";
/**
 * What one cell shows. Writes that come in a burst are merged: a thousand small messages at once would be
 * dropped on the way, the one that says "finished" among them.
 */
const { randomUUID } = require("node:crypto");

/** Milliseconds within which writes are merged. The first write of a burst leaves at once. */
const burst = 50;

class Output {
  /** @param send (messageType, content) publishes one message in the name of the cell's request */
  constructor(send) {
    this.send = send;
    this.text = { name: "stdout", parts: [] };
    this.updates = new Map();
    this.lastFlush = 0;
    this.timer = null;
  }

  stream(name, text) {
    if (text === "") return;
    if (this.text.name !== name) this.flush();
    this.text.name = name;
    this.text.parts.push(text);
    this.flushSoon();
  }

  /** Show a bundle {mime: content}; the handle's `update` replaces it in place. */
  display(bundle) {
    this.flush();
    const id = randomUUID();
    this.send("display_data", content(bundle, id));
    return id;
  }

  /** Only the last of several updates in a burst is sent. */
  update(id, bundle) {
    this.updates.set(id, bundle);
    this.flushSoon();
  }

  publish(type, message) {
    this.flush();
    this.send(type, message);
  }

  flushSoon() {
    const wait = this.lastFlush + burst - performance.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = null;
    this.lastFlush = performance.now();
    const { name, parts } = this.text;
    if (parts.length > 0) {
      this.text = { name, parts: [] };
      this.send("stream", { name, text: parts.join("") });
    }
    for (const [id, bundle] of this.updates) this.send("update_display_data", content(bundle, id));
    this.updates.clear();
  }
}

const content = (bundle, id) => ({ data: encode(bundle), metadata: {}, transient: { display_id: id } });

/** Bytes travel as base64. */
function encode(bundle) {
  const entries = Object.entries(bundle).map(([mime, value]) => [
    mime,
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
  ]);
  return Object.fromEntries(entries);
}

module.exports = { Output, encode };
