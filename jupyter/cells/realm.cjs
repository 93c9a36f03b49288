"use strict";
/**
 * Loads modules into a realm of their own: its Array, Promise and Error are not those that cells see and may change.
 * Objects that cells made come in as they are; what is asked of them is asked with care.
 */
const fs = require("node:fs");
const path = require("node:path");
const { isPromise } = require("node:util").types;
const vm = require("node:vm");

/** What the realm needs of Node beyond the language, as it is before any cell has run. */
const names = [
  ...["AbortController", "Buffer", "TextDecoder", "URL", "clearInterval", "clearTimeout", "performance"],
  ...["process", "setImmediate", "setInterval", "setTimeout"],
];

/** `require(file)`, in a new realm; the modules that it requires by a relative path come along. @param {string} file */
function loadInRealm(file) {
  const given = Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
  // The cells' own realm, for what must be made of their Error or wait with their Promise.
  const context = vm.createContext({ ...given, cells: { ...globals(), waitFor, guarded } });
  const loaded = new Map();
  const load = (/** @type {string} */ file) => {
    if (loaded.has(file)) return loaded.get(file).exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const parameters = ["exports", "require", "module", "__filename", "__dirname"];
    const source = fs.readFileSync(file, "utf8");
    const wrapper = vm.compileFunction(source, parameters, { filename: file, parsingContext: context });
    const local = (/** @type {string} */ id) =>
      id.startsWith(".") ? load(path.resolve(path.dirname(file), id)) : require(id);
    wrapper(module.exports, local, module, file, path.dirname(file));
    return module.exports;
  };
  return load(file);
}

const globals = () => ({ globalThis, Error, TypeError, Promise });

/** Call one of the two when the promise is settled. `await` asks no method of it that a cell could have changed. @type {typeof cells.waitFor} */
async function waitFor(promise, done, failed) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    failed(error);
    return;
  }
  done(value);
}

/**
 * A function that `await`s in place of cells. `checked()` gives a function that throws if the cell has been stopped,
 * or answers with what to wait for; `breath()` gives a promise when timers and messages must have their turn, which a
 * loop of settled promises denies them.
 * @type {typeof cells.guarded}
 */
const guarded = (checked, breath) => async (value) => {
  const check = checked();
  const pause = breath();
  if (pause) {
    if (isPromise(value)) waitFor(value, nothing, nothing); // may reject meanwhile; it is awaited below
    await pause;
  }
  const result = await value;
  const end = check();
  if (end) await end;
  return result;
};

const nothing = () => {};

module.exports = { loadInRealm };
