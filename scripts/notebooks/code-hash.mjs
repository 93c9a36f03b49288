/** The code of a recorded run or of a pretraining, told by a hash: from other code may come other numbers. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { inRoot } from "../steps.mjs";
import { hashOf } from "./sources.mjs";

/**
 * The file and what it imports, as far as that lies within `within`: the lectures; not the library, whose version is told
 * apart.
 * @param {string} entry
 * @param {string} [within]
 * @returns {string[]}
 */
export function codeOf(entry, within = inRoot("src", "lectures")) {
  const found = new Set([entry]);
  for (const file of found) {
    for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8")).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const target = path.resolve(path.dirname(file), fileName);
      const there = [`${target}.ts`, path.join(target, "index.ts")].find(existsSync);
      if (there?.startsWith(within + path.sep)) found.add(there);
    }
  }
  return [...found];
}

/** @param {string} entry */
export const codeHash = (entry) => hashOf(codeOf(entry));
