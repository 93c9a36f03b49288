"use strict";
/** Values as text, whatever they are: a value that throws when it is asked what it is must not become an error of ours. */
const { inspect } = require("node:util");

/** As Node prints it, except that a text of several lines is left readable. @param {unknown} value */
function plain(value) {
  if (typeof value === "string" && value.includes("\n")) return value;
  return inspected(value, { maxArrayLength: 20 });
}

/** As Node prints it; in its own words if that fails. @param {unknown} value @param {import("node:util").InspectOptions} [options] */
function inspected(value, options) {
  for (const more of [{}, { customInspect: false, depth: 0 }]) {
    try {
      return inspect(value, { ...options, ...more });
    } catch {}
  }
  return `a ${typeof value} that cannot be printed`;
}

/** `value[key]`, or undefined if asking throws. @param {any} value @param {PropertyKey} key @returns {unknown} */
function ask(value, key) {
  try {
    return value[key];
  } catch {
    return undefined;
  }
}

/** A text as it is, anything else as Node prints it; never long. */
const words = (/** @type {unknown} */ value) => shorten(typeof value === "string" ? value : inspected(value));

const shorten = (/** @type {string} */ text, longest = 20_000) =>
  text.length <= longest
    ? text
    : `${text.slice(0, longest)}… (${(text.length - longest).toLocaleString("en")} more characters)`;

module.exports = { ask, inspected, plain, shorten, words };
