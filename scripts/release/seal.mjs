/**
 * The exercises of a student's bundle. A check computes with the reference on the student's own machine, and a notebook goes
 * on with it, so the reference must be there. It is there in one packed file that no search and no editor reads; what the
 * notebook gets of it does not print its source, and other right solutions (`variants`) are left out.
 *
 * That is a curtain and no lock: whoever unpacks the file on purpose finds JavaScript. V8's own bytecode (`cachedData`, or a
 * snapshot) would hide more, but fits one version of Node alone, and the course runs on five. A secret that the student's
 * machine computes with cannot be kept from that machine; what must be secret, the hidden checks, is not in the bundle at all.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import ts from "typescript";
import { writeWhole } from "../steps.mjs";

/** Loads what was sealed; a file of the bundle. `wall` stands in for the grading room as sealed files import it. */
const LOADER = `"use strict";
/* The exercises of the course, packed: see "What a student can find" in the instructors' pages. */
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { brotliDecompressSync } = require("node:zlib");
const sealed = JSON.parse(brotliDecompressSync(readFileSync(path.join(__dirname, "exercises.sealed"))));

/** The same function, which does not print its source. */
const closed = (fn) => Object.defineProperty(fn.bind(undefined), "name", { value: fn.name });
const exercise = (make) => (solution, about) =>
  make(closed(solution), {
    ...about,
    mutants: about.mutants.map((mutant) => ({ ...mutant, fn: closed(mutant.fn) })),
    variants: [],
  });

module.exports = (module, name) => {
  const { require } = module;
  module.require = (id) => {
    const found = require.call(module, id);
    return /(^|[\\\\/])grading$/.test(id) ? { ...found, exercise: exercise(found.exercise) } : found;
  };
  module._compile(sealed[name], module.filename);
};
`;

/** Packs the compiled exercises of all lectures below `dist` into one file, and leaves a line in the place of each. @param {string} dist */
export function sealExercises(dist) {
  const lectures = path.join(dist, "lectures");
  /** @type {Record<string, string>} */
  const sealed = {};
  for (const { name: lecture } of readdirSync(lectures, { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  )) {
    const folder = path.join(lectures, lecture, "exercises");
    for (const file of filesIn(folder)) {
      if (file.endsWith(".map")) rmSync(path.join(folder, file));
      if (!file.endsWith(".js")) continue;
      const name = `${lecture}/${file}`;
      sealed[name] = bare(readFileSync(path.join(folder, file), "utf8"));
      writeWhole(
        path.join(folder, file),
        `"use strict";\nrequire("../../sealed.js")(module, ${JSON.stringify(name)});\n`,
      );
    }
  }
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  writeFileSync(
    path.join(lectures, "exercises.sealed"),
    brotliCompressSync(Buffer.from(JSON.stringify(sealed)), { params }),
  );
  writeWhole(path.join(lectures, "sealed.js"), LOADER);
  return Object.keys(sealed).length;
}

/** @param {string} folder */
function filesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a lecture without exercises
  }
}

/** Compiled code without its comments, and without the way to its source. @param {string} text */
const bare = (text) =>
  ts.transpileModule(text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"), {
    compilerOptions: {
      removeComments: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      allowJs: true,
    },
    fileName: "exercise.js",
  }).outputText;
