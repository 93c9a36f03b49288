/** The code of a recorded run or of a pretraining, told by a hash: from other code may come other numbers. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { inRoot } from "../steps.mjs";
import { hashOf } from "./sources.mjs";

/** The files that a lecture's index.ts takes its exports from. @param {string} folder */
function exported(folder) {
  const index = path.join(folder, "index.ts");
  if (!existsSync(index)) return [];
  return ts
    .preProcessFile(readFileSync(index, "utf8"))
    .importedFiles.map(({ fileName }) => fileOf(folder, fileName));
}

/** @param {string} folder @param {string} name as it stands in an import */
const fileOf = (folder, name) => {
  const target = path.resolve(folder, name);
  return [`${target}.ts`, path.join(target, "index.ts")].find(existsSync) ?? "";
};

/**
 * The file and its helpers: what it imports from its lecture. Not what that lecture exports (its models, which tests of
 * their own hold to their numbers), and not the rest of the library, whose version is told apart.
 * @param {string} entry
 * @param {string} [lectures]
 * @returns {string[]}
 */
export function codeOf(entry, lectures = inRoot("src", "lectures")) {
  const lecture = path.join(lectures, path.relative(lectures, entry).split(path.sep)[0]);
  const found = new Set([entry]);
  const library = new Set(exported(lecture));
  for (const file of found) {
    for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8")).importedFiles) {
      const there = fileName.startsWith(".") ? fileOf(path.dirname(file), fileName) : "";
      if (there.startsWith(lecture + path.sep) && !library.has(there)) found.add(there);
    }
  }
  return [...found];
}

/** An exercise's file down to the end of its solution: runs use that, and not its checks, mutants and titles. */
function used(/** @type {string} */ text, /** @type {string} */ file) {
  const end = text.lastIndexOf("// END SOLUTION");
  return end < 0 || path.basename(path.dirname(file)) !== "exercises" ? text : text.slice(0, end);
}

/** @param {string} entry */
export const codeHash = (entry) => hashOf(codeOf(entry), used);
