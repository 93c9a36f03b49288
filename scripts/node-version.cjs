"use strict";
/**
 * Says so when this Node is older than package.json asks for. The npm scripts load it before anything else
 * (`node -r`), and it keeps to words that any Node reads: an old one would fail on the others' syntax first.
 */
var lowest = require("../package.json").engines.node.replace(/^\D*([\d.]+).*/, "$1");

/** @param {string} version */
function numbers(version) {
  return version.split(".").map(Number);
}

/**
 * Whether version `a` comes before `b`; what `b` does not name may be anything.
 * @param {number[]} a
 * @param {number[]} b
 */
function isOlder(a, b) {
  var i = 0;
  while (i < b.length && a[i] === b[i]) i++;
  return i < b.length && a[i] < b[i];
}

if (isOlder(numbers(process.versions.node), numbers(lowest))) {
  console.error(
    // biome-ignore lint/style/useTemplate: old Nodes read no templates.
    "Node " + process.versions.node + " is too old: the course needs Node " + lowest + " or newer.",
  );
  console.error("Get it from https://nodejs.org, or with nvm: nvm install 24");
  process.exit(1);
}
