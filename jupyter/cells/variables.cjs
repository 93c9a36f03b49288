"use strict";
/**
 * What a cell declares, on its way to the cells after it. A compiled cell first sets all its names to undefined and
 * then each to its value when it gets there. So the first is not believed: a cell that throws half-way must neither
 * take away what an earlier cell had called the same, nor be said to have declared what it never reached.
 */
class Variables {
  /**
   * @param {Record<PropertyKey, unknown>} values all cells' variables, by name
   * @param {Set<PropertyKey>} imported the names of those that came by an import
   */
  constructor(values, imported = new Set()) {
    this.values = values;
    /** @type {Set<PropertyKey>} */
    this.announced = new Set();
    /** @type {Set<PropertyKey>} */
    this.set = new Set();
    const assign = (/** @type {PropertyKey} */ name, /** @type {unknown} */ value) => {
      if (value === undefined && !this.set.has(name) && !this.announced.has(name)) this.announced.add(name);
      else {
        this.set.add(name);
        values[name] = value;
        imported.delete(name);
      }
      return true;
    };
    /** The `exports` of the compiled cell. */
    this.exports = new Proxy(values, {
      set: (_, name, value) => assign(name, value),
      // An import arrives as a getter; it must stay assignable for later cells.
      defineProperty: (_, name, { get, value }) => {
        if (name === "__esModule") return true;
        assign(name, get ? get() : value);
        if (get) imported.add(name);
        return true;
      },
    });
  }

  /** The value of the cell's last expression, which is no variable. @param {string | null | undefined} name */
  take(name) {
    if (!name) return undefined;
    const value = this.values[name];
    delete this.values[name];
    this.set.delete(name);
    this.announced.delete(name);
    return value;
  }

  /** The cell has run to its end: what has no value by now has none. */
  finish() {
    for (const name of this.announced) if (!this.set.has(name)) this.values[name] = undefined;
  }

  /** The names that have got their value, of a cell that has not run to its end. */
  kept() {
    return [...this.set];
  }
}

module.exports = { Variables };
