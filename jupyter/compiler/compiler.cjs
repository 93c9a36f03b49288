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

/** What a check may remember is a gift: a cell runs without it. @type {typeof answersIn} */
function kept(source, cells) {
  try {
    return answersIn(source, cells);
  } catch {
    return undefined;
  }
}

/** @typedef {{ declarations: string, source: string, position: number }} Question */
/** @typedef {{ declarations: string, source: string, count: number, lost: import("./report.cjs").Lost, cells: Parameters<typeof answersIn>[1] }} Cell */

const answers = {
  /** @param {Cell} request */
  convert({ declarations, source, count, lost, cells }) {
    const out = compiler.convert(declarations, source, `cell-${count}`);
    const names = declaredNames(source);
    if (!out.diagnostics) return { ...out, names, answers: kept(source, cells) };
    return { error: describeDiagnostics(out.diagnostics, source, count, lost), names };
  },
  /** @param {{ previous: string, declarations: string, assigned: readonly string[] }} request */
  partial: ({ previous, declarations, assigned }) => partial(previous, declarations, assigned),
  /** @param {Question} request */
  complete: ({ declarations, source, position }) =>
    help.complete(compiler.converter, declarations, source, position),
  /** @param {Question} request */
  inspect: ({ declarations, source, position }) =>
    help.inspect(compiler.converter, declarations, source, position),
  /** @param {{ source: string }} request */
  isComplete({ source }) {
    const { completed, indent } = isCompleteCode(source);
    return completed ? { status: "complete" } : { status: "incomplete", indent };
  },
};

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
port.on("message", ({ id, type, ...request }) => {
  try {
    const answer = answers[/** @type {keyof typeof answers} */ (type)];
    port.postMessage({ id, answer: answer(request) });
  } catch (/** @type {any} */ error) {
    // Half-written code may be too much for TypeScript: what was asked must still be answered.
    port.postMessage({ id, fault: String(error?.stack ?? error) });
  }
});
