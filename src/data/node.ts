/**
 * What needs Node. Its modules are asked for only when a file is read or written, so that all the rest of this room
 * loads in a browser.
 */
import type * as FS from "node:fs";
import type * as Module from "node:module";
import type * as Path from "node:path";

interface NodeModules {
  "node:fs": typeof FS;
  "node:module": typeof Module;
  "node:path": typeof Path;
}

export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  if (typeof process !== "undefined") {
    // `getBuiltinModule` came with Node 20.16; before it, CommonJS has `require`.
    if (typeof process.getBuiltinModule === "function")
      return process.getBuiltinModule(name) as unknown as NodeModules[Name];
    if (typeof require === "function") return require(name) as NodeModules[Name];
  }
  throw new Error(
    `files: reading and writing need Node (${name}); in a browser, fetch the text and give it to the constructor`,
  );
}
