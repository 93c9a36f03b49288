"use strict";
/**
 * Stops whatever the main thread does. First it is asked; a thread that waits for something answers at once. One that
 * is busy does not hear: it is cut short through the debugger's door, which is open between the threads of a process.
 */
const inspector = require("node:inspector");

/** Slot of the shared memory: number of the last stop that was answered. */
const ANSWERED = 0;

/** Milliseconds that a busy thread is given to stop by itself, and between looks at whether it has answered. */
const patience = 150;

class Stopper {
  /**
   * @param {Int32Array} slots
   * @param {(number: number) => void} ask sends the request to the main thread
   */
  constructor(slots, ask) {
    this.slots = slots;
    this.ask = ask;
    this.number = 0;
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined;
    this.cutting = false;
  }

  stop() {
    this.number++;
    this.ask(this.number);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.insist(), patience);
  }

  insist() {
    if (Atomics.load(this.slots, ANSWERED) >= this.number) return;
    this.cutShort();
    // The cut may hit the very function that hears the request: it is sent again until it is answered.
    this.ask(this.number);
    this.timer = setTimeout(() => this.insist(), patience);
  }

  cutShort() {
    if (this.cutting) return;
    this.cutting = true;
    const session = new inspector.Session();
    session.connectToMainThread();
    // Both are done in one go, on top of what runs there: `halt` (cells/notebook.cjs) prepares Node for the cut.
    session.post("Runtime.evaluate", { expression: "__tslab__.halt()", silent: true });
    session.post("Runtime.terminateExecution", () => {
      this.cutting = false;
      // An open session would make the process wait for a debugger when it ends.
      session.disconnect();
    });
  }
}

module.exports = { Stopper };
