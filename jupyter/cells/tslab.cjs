"use strict";
/** The module `tslab` as cells import it. Loading the real one would bring the compiler into this thread. */
const { randomUUID } = require("node:crypto");
const { createRequire } = require("node:module");
const { encode } = require("./output.cjs");

const kinds = {
  ...{ javascript: "text/javascript", html: "text/html", markdown: "text/markdown", latex: "text/latex" },
  ...{ svg: "image/svg+xml", png: "image/png", jpeg: "image/jpeg", gif: "image/gif" },
  ...{ pdf: "application/pdf", text: "text/plain" },
};

/** @param {() => import("./output.cjs").Output} output gives that of the cell that runs */
function tslabModule(output) {
  const display = (/** @type {string | undefined} */ id) => {
    let shown = false;
    const raw = (/** @type {string} */ mime, /** @type {unknown} */ content) => {
      if (shown && id !== undefined) output().update(id, { [mime]: content });
      else output().displayAs(encode({ [mime]: content }), id);
      shown = id !== undefined;
    };
    const methods = Object.entries(kinds).map(([name, mime]) => [
      name,
      (/** @type {unknown} */ content) => raw(mime, content),
    ]);
    return { ...Object.fromEntries(methods), raw };
  };
  const versions = {
    tslab: versionOf("tslab"),
    typescript: versionOf("@tslab/typescript-for-tslab"),
    node: process.version,
  };
  return { display: display(undefined), newDisplay: () => display(randomUUID()), versions };
}

const fromTslab = createRequire(createRequire(__filename).resolve("tslab/package.json"));
const versionOf = (/** @type {string} */ name) =>
  fromTslab(name === "tslab" ? "./package.json" : `${name}/package.json`).version;

module.exports = { module: tslabModule };
