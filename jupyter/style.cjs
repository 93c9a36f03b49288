"use strict";
/** Colours of errors, which Jupyter shows, whatever the output of this process is connected to. */
const util = require("node:util");

/**
 * The codes are asked for once, before any cell has run: Node goes through lists as cells may have changed them. It has
 * `styleText` from 20.12 on.
 * @param {Parameters<typeof util.styleText>[0]} format @returns {(text: string) => string}
 */
function paint(format) {
  const [begin, end] = util.styleText
    ? util.styleText(format, "|", { validateStream: false }).split("|")
    : ["", ""];
  return (text) => begin + text + end;
}

module.exports = { bold: paint("bold"), dim: paint("dim"), red: paint("red") };
