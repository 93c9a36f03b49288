"use strict";
/** Colours of errors, which Jupyter shows, whatever the output of this process is connected to. */
const util = require("node:util");

/** Node has it from 20.12 on. @param {Parameters<typeof util.styleText>[0]} format @returns {(text: string) => string} */
const paint = (format) => (text) =>
  util.styleText ? util.styleText(format, text, { validateStream: false }) : text;

module.exports = { bold: paint("bold"), dim: paint("dim"), red: paint("red") };
