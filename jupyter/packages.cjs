"use strict";
/**
 * Where cells find npm packages, for the compiler and for `require` alike: beside the notebook or above it, then in
 * the student's own folder, which no update of the course touches, then among the course's own.
 */
const fs = require("node:fs");
const { builtinModules } = require("node:module");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
/** GRADSCHOOL_PACKAGES names another place: the course may lie where students cannot write. */
const own = path.resolve(root, process.env.GRADSCHOOL_PACKAGES || "packages");

/** `lodash/fp` → `lodash`, `@scope/name/part` → `@scope/name`; null for what is no package. @param {string} id */
function packageOf(id) {
  const found = /^(?:@[\w.~-]+\/)?[\w.~-]+/.exec(id);
  if (!found || /^[./]|^node:/.test(id) || builtinModules.includes(found[0])) return null;
  return found[0];
}

/** Folders whose node_modules are asked, nearest first. @param {string} from */
function* places(from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    yield folder;
    if (folder === path.dirname(folder)) break;
  }
  yield own;
  yield root;
}

/** The folder in whose node_modules the package lies, seen from `from`; null if it is not installed. @param {string} name @param {string} from */
function folderOf(name, from) {
  // Looked up afresh: Node remembers what it did not find, and would not see what has been installed since.
  const holds = (/** @type {string} */ folder) => fs.existsSync(path.join(folder, "node_modules", name));
  for (const folder of places(from)) if (holds(folder)) return folder;
  return null;
}

/** What to type to install it. @param {string} name */
function installCommand(name) {
  const folder = /\s/.test(own) ? JSON.stringify(own) : own;
  return `npm install --prefix ${folder} ${name}`;
}

module.exports = { folderOf, installCommand, own, packageOf, root };
