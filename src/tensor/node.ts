/**
 * The one door to Node: all of src reaches Node's modules through here, and only when it needs one, so that everything
 * else loads in a browser and from a bundle. Imports of their types alone may stand anywhere.
 */
import { expected, words } from "./expected";

interface NodeModules {
  "node:child_process": typeof import("node:child_process");
  "node:crypto": typeof import("node:crypto");
  "node:fs": typeof import("node:fs");
  "node:module": typeof import("node:module");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
  "node:stream": typeof import("node:stream");
  "node:stream/promises": typeof import("node:stream/promises");
  "node:util": typeof import("node:util");
  "node:v8": typeof import("node:v8");
  "node:vm": typeof import("node:vm");
  "node:worker_threads": typeof import("node:worker_threads");
  "node:zlib": typeof import("node:zlib");
}

const isNode = typeof process !== "undefined" && typeof process.versions?.node === "string";

/** A module of Node's, or null where there is none (a browser). */
export function findNodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | null {
  if (!isNode) return null;
  // Since Node 20.16 and 22.3. Older ones have `require` in CommonJS, which the built library is.
  if (typeof process.getBuiltinModule === "function")
    return process.getBuiltinModule(name) as unknown as NodeModules[Name];
  return typeof require === "function" ? (require(name) as NodeModules[Name]) : null;
}

/**
 * A module of Node's, looked for when something of it is first used. Where there is none, that throws and says what needs
 * it: `const fs = nodeModule("node:fs")` stands at the head of a file and does no harm in a browser.
 */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  return new Proxy({} as NodeModules[Name], {
    get: (_, key) => needed(name)[key as keyof NodeModules[Name]],
  });
}

function needed<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  const found = findNodeModule(name);
  if (found) return found;
  const came = isNode
    ? `Node ${process.versions.node} in an ES module, where that needs 20.16 or 22.3`
    : "a browser";
  throw expected(name, "Node", words(came), "in a browser, fetch the data and pass their text or bytes");
}

/** An environment variable; undefined where it is not set, or empty, or where there is no environment. */
export const environment = (name: string): string | undefined => (isNode && process.env[name]) || undefined;
