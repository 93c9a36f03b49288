"use strict";
/**
 * The kernel under which nbgrader grades (its kernel.json: scripts/release/nbgrader.mjs). No student's code runs in this
 * process, which knows the hidden checks and is believed by nbgrader:
 *
 *   - a student's cell runs in the course's ordinary kernel, in a process inside the wall (inner.cjs); what it shows is passed
 *     on as the output of that cell, and of no other;
 *   - a check's cell, which nbgrader has put back as it was given, is answered here: the whole notebook's answers are put to
 *     their checks as `npm run grade` does it (marks.cjs), and the mark is the cell's result.
 */
const { Marks } = require("./marks.cjs");
const { Server } = require("./server.cjs");

const [connectionFile] = process.argv.slice(2);
if (!connectionFile) {
  process.stderr.write("kernel.cjs: nbgrader starts this file; see docs/instructors.md\n");
  process.exit(2);
}
Marks.create(process.cwd())
  .then((marks) => new Server(connectionFile, marks).start())
  .catch((error) => {
    process.stderr.write(`gradschool grading: ${error?.message ?? error}\n`);
    process.exit(1);
  });
