"use strict";
/**
 * What one cell shows. Writes that come in a burst are merged: a thousand messages a second would keep the browser from
 * everything else. And there is a limit to it: the browser keeps every line, and saves it into the notebook.
 */
const { randomUUID } = require("node:crypto");
const { plain } = require("./text.cjs");

/** Milliseconds within which writes are merged. The first write of a burst leaves at once. */
const burst = 50;
/** What a cell may show: lines and characters of text, and displays with the characters of their contents. */
const limits = { lines: 20_000, characters: 2_000_000, displays: 1000, displayed: 20_000_000 };

/** Contents by their MIME type, as a cell gives them. @typedef {Record<string, unknown>} Bundle */
/** The same as it travels. @typedef {Record<string, any>} Data */
/** How much of a text fits. @typedef {{ length: number, lines: number }} Room */

class Output {
  /** @param {(type: string, content: object) => void} send publishes one message in the name of the cell's request */
  constructor(send) {
    this.send = send;
    this.text = { name: "stdout", parts: /** @type {string[]} */ ([]) };
    /** @type {Map<string, Bundle>} */
    this.updates = new Map();
    this.lastFlush = 0;
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined;
    this.shown = { lines: 0, characters: 0, displays: 0, displayed: 0 };
    this.left = { lines: 0, characters: 0, displays: 0 };
    this.closed = false;
  }

  /** @param {string} name @param {string} text */
  stream(name, text) {
    if (text === "") return;
    const { shown, left } = this;
    const room = fitting(text, limits.lines - shown.lines, limits.characters - shown.characters);
    shown.lines += room.lines;
    shown.characters += room.length;
    if (room.length < text.length) {
      left.lines += countLines(text, room.length);
      left.characters += text.length - room.length;
      // Nothing more fits, be it ever so short: what is shown is one piece.
      shown.lines = limits.lines;
      if (this.closed) this.flushSoon(); // nobody else will say that something was left out
      if (room.length === 0) return;
      text = text.slice(0, room.length);
    }
    if (this.text.name !== name) this.flush();
    this.text.name = name;
    this.text.parts.push(text);
    this.flushSoon();
  }

  /** Show a bundle {mime: content}; returns the id by which `update` finds it. @param {Bundle} bundle */
  display(bundle) {
    const id = randomUUID();
    this.displayAs(encode(bundle), id);
    return id;
  }

  /** @param {Data} data @param {string | undefined} id */
  displayAs(data, id) {
    this.flush();
    if (this.admit(data)) this.send("display_data", { data, metadata: {}, transient: { display_id: id } });
  }

  /** Only the last of several updates in a burst is sent. @param {string} id @param {Bundle} bundle */
  update(id, bundle) {
    this.updates.set(id, bundle);
    this.flushSoon();
  }

  /** The value of the cell's last expression: shown however much was written before, though never more than the limit. @param {Data} data @param {number} count */
  result(data, count) {
    this.flush();
    this.cut(data, fitting(data["text/plain"], limits.lines, limits.characters));
    if (sizeOf(data) <= limits.displayed)
      this.send("execute_result", { execution_count: count, data, metadata: {} });
    else this.left.displays++;
  }

  /** @param {object} content */
  error(content) {
    this.flush();
    this.send("error", content);
  }

  /** Whether there is room for another display. @param {Data} data */
  admit(data) {
    const { shown, left } = this;
    const size = sizeOf(data);
    const fits = shown.displays < limits.displays && shown.displayed + size <= limits.displayed;
    if (fits) {
      shown.displays++;
      shown.displayed += size;
    } else left.displays++;
    return fits;
  }

  /** Leave of the bundle's text what fits. @param {Data} data @param {Room} room */
  cut(data, { length }) {
    const text = data["text/plain"];
    if (length === text.length) return;
    this.left.lines += countLines(text, length);
    this.left.characters += text.length - length;
    data["text/plain"] = text.slice(0, length);
  }

  flushSoon() {
    const wait = this.lastFlush + burst - performance.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.lastFlush = performance.now();
    const { name, parts } = this.text;
    if (parts.length > 0) {
      this.text = { name, parts: [] };
      this.send("stream", { name, text: parts.join("") });
    }
    const updates = [...this.updates];
    this.updates.clear();
    for (const [id, bundle] of updates) {
      const data = encode(bundle);
      if (sizeOf(data) <= limits.displayed)
        this.send("update_display_data", { data, metadata: {}, transient: { display_id: id } });
    }
    if (this.closed) this.tellLeft();
  }

  /** The cell has ended; what its timers still write is shown below it, while there is room. */
  close() {
    this.closed = true;
    this.flush();
  }

  tellLeft() {
    const { lines, characters, displays } = this.left;
    if (characters === 0 && displays === 0) return;
    this.left = { lines: 0, characters: 0, displays: 0 };
    const parts = [];
    if (characters > 0) parts.push(`${amount(lines, "line")} (${amount(characters, "character")})`);
    if (displays > 0) parts.push(amount(displays, "display"));
    this.send("stream", { name: "stdout", text: `\n[${parts.join(" and ")} left out. ${advice}]\n` });
  }
}

const advice =
  `A cell shows ${limits.lines.toLocaleString("en")} lines or ${limits.characters / 1e6} million characters at most, ` +
  "because the browser keeps them all. To see the rest, print every hundredth line, or write to a file: " +
  `import { appendFileSync } from "node:fs"`;

const amount = (/** @type {number} */ n, /** @type {string} */ what) =>
  `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

/** How much of the text's beginning fits: characters, and the line breaks among them. @param {string} text @param {number} lines @param {number} characters @returns {Room} */
function fitting(text, lines, characters) {
  const end = Math.max(0, Math.min(text.length, characters));
  if (lines <= 0) return { length: 0, lines: 0 };
  let seen = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1))
    if (++seen === lines) return { length: at + 1, lines: seen };
  return { length: end, lines: seen };
}

/** Lines in `text` from `start` on; a last one without its end counts. @param {string} text @param {number} start */
function countLines(text, start) {
  let count = text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n", start); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

const sizeOf = (/** @type {Data} */ data) =>
  Object.values(data).reduce(
    (sum, value) => sum + (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).length,
    0,
  );

/** Bytes travel as base64; whatever else is no text and no plain object is written as text. @param {Bundle} bundle @returns {Data} */
function encode(bundle) {
  const entries = Object.entries(bundle).map(([mime, value]) => {
    if (ArrayBuffer.isView(value))
      return [mime, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")];
    return [mime, typeof value === "string" || typeof value === "object" ? value : plain(value)];
  });
  return Object.fromEntries(entries);
}

/** As it travels to the server's thread. */
const bundleText = (/** @type {object} */ content) => JSON.stringify(content);

module.exports = { Output, bundleText, encode };
