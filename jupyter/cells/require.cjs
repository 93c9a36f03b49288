"use strict";
/** The `require` that compiled cells call. */
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { folderOf, installCommand, packageOf, root } = require("../packages.cjs");

class Modules {
  /** @param {unknown} tslab what `import "tslab"` gives */
  constructor(tslab) {
    this.tslab = tslab;
    this.folder = process.cwd();
    this.ours = Module.createRequire(path.join(root, "cell.js"));
    this.theirs = Module.createRequire(path.join(this.folder, "cell.js"));
    /** Files beside the notebook that the compiler has translated: path → JavaScript, and what they exported. @type {Map<string, string>} */
    this.outputs = new Map();
    /** @type {Map<string, InstanceType<typeof Module>>} */
    this.loaded = new Map();
    this.require = this.requireFrom(this.folder, this.theirs);
  }

  /** New translations: a changed file, and whoever may import it, is run again when a cell imports it next. @param {Translation[]} outputs */
  takeTranslations(outputs = []) {
    if (outputs.some(({ path: file }) => this.loaded.has(file))) this.loaded.clear();
    for (const { path: file, data } of outputs) this.outputs.set(file, data);
  }

  /** @param {string} folder @param {NodeJS.Require} plain */
  requireFrom(folder, plain) {
    const require = (/** @type {string} */ id) => {
      if (id === "tslab") return this.tslab;
      if (/^gradschool(\/|$)/.test(id)) return this.ours(id);
      const translated = /^\.\.?(\/|$)/.test(id) && this.beside(path.resolve(folder, id));
      if (translated) return translated.exports;
      if (/^\.\.?\/.*\.json$/.test(id)) return readJson(path.resolve(folder, id));
      const name = packageOf(id);
      if (!name) return plain(id);
      const found = folderOf(name, folder);
      if (found === null) {
        throw new cells.Error(`${name} is not installed. In a terminal: ${installCommand(name)}`);
      }
      return Module.createRequire(path.join(found, "cell.js"))(id);
    };
    return Object.assign(require, { resolve: plain.resolve, cache: plain.cache });
  }

  /** The translated module at that path, or null if there is none. @param {string} target */
  beside(target) {
    const names = [target, target.replace(/\.[cm]?[jt]sx?$/, ""), path.join(target, "index")];
    const file = names.flatMap((name) => [name, `${name}.js`]).find((name) => this.outputs.has(name));
    if (!file) return null;
    const known = this.loaded.get(file);
    if (known) return known;
    const module = /** @type {any} */ (new Module(file)); // `paths` and `_compile` are Node's own; no type tells of them
    module.filename = file;
    module.paths = /** @type {any} */ (Module)._nodeModulePaths(path.dirname(file));
    const plain = Module.createRequire(file);
    module.require = this.requireFrom(path.dirname(file), plain);
    this.loaded.set(file, module);
    try {
      module._compile(this.outputs.get(file), file);
    } catch (error) {
      this.loaded.delete(file);
      throw error;
    }
    return module;
  }
}

/** Read each time: the file may have changed. Parsed in the cells' realm, so that its arrays are theirs. */
const readJson = (/** @type {string} */ file) => parseJson(fs.readFileSync(file, "utf8"));
const parseJson = cells.globalThis.JSON.parse;

module.exports = { Modules };
