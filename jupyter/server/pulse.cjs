"use strict";
/**
 * Feels whether the main thread still hears the server while a cell runs. A cell may have changed what Node itself
 * stands on (`Array.prototype.pop`, say); then no message reaches it any more, nor will any cell ever end.
 */
const inspector = require("node:inspector");

/** Slot of the shared memory: number of the last beat that was answered. */
const HEARD = 1;
/** Milliseconds between beats; a thread that is busy misses them, so it is asked what it does. */
const pause = 500;
const misses = 4;

class Pulse {
  /**
   * @param {Int32Array} slots
   * @param {(number: number) => void} beat sends one to the main thread
   * @param {() => void} lost is called once, if it is deaf
   */
  constructor(slots, beat, lost) {
    this.slots = slots;
    this.beat = beat;
    this.lost = lost;
    this.number = 0;
    this.strikes = 0;
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined;
  }

  start() {
    this.strikes = 0;
    this.timer = setInterval(() => this.feel(), pause);
  }

  stop() {
    clearInterval(this.timer);
  }

  feel() {
    if (Atomics.load(this.slots, HEARD) === this.number) this.strikes = 0;
    else this.look();
    this.beat(++this.number);
  }

  /** Deaf is who does nothing of a cell's or a library's, and hears nothing all the same. */
  look() {
    const session = new inspector.Session();
    session.connectToMainThread();
    const question = { expression: "__tslab__.idle()", returnByValue: true, silent: true };
    session.post("Runtime.evaluate", question, (error, /** @type {any} */ answer) => {
      this.strikes = !error && answer.result.value === true ? this.strikes + 1 : 0;
      if (this.strikes === misses) this.lost();
      session.disconnect();
    });
  }
}

module.exports = { Pulse };
