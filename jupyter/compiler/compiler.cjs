"use strict";
/** The compiler's thread: answers one request after the other, `{ id, type, … }` with `{ id, answer }` or `{ id, fault }`. */
const { parentPort, workerData } = require("node:worker_threads");
const { answersIn } = require("./answers.cjs");
const { Converter, isCompleteCode } = require("./converter.cjs");
const { declaredNames, partial } = require("./declarations.cjs");
const help = require("./help.cjs");
const { describeDiagnostics } = require("./report.cjs");

const compiler = new Converter();
for (const { source, metadata } of workerData.modules) compiler.addModule(metadata, source, "");

/** What a check may remember is a gift: a cell runs without it. */
function kept(source, cells) {
  try {
    return answersIn(source, cells);
  } catch {
    return undefined;
  }
}

const answers = {
  convert({ declarations, source, count, lost, cells }) {
    const out = compiler.convert(declarations, source, `cell-${count}`);
    const names = declaredNames(source);
    if (!out.diagnostics) return { ...out, names, answers: kept(source, cells) };
    return { error: describeDiagnostics(out.diagnostics, source, count, lost), names };
  },
  partial: ({ previous, declarations, assigned }) => partial(previous, declarations, assigned),
  complete: ({ declarations, source, position }) =>
    help.complete(compiler.converter, declarations, source, position),
  inspect: ({ declarations, source, position }) =>
    help.inspect(compiler.converter, declarations, source, position),
  isComplete({ source }) {
    const { completed, indent } = isCompleteCode(source);
    return completed ? { status: "complete" } : { status: "incomplete", indent };
  },
};

parentPort.on("message", ({ id, type, ...request }) => {
  try {
    parentPort.postMessage({ id, answer: answers[type](request) });
  } catch (error) {
    // Half-written code may be too much for TypeScript: what was asked must still be answered.
    parentPort.postMessage({ id, fault: String(error?.stack ?? error) });
  }
});
