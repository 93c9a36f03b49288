/** What a lecture is made of, told by a hash: from other sources come other outputs. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../steps.mjs";

/** @typedef {"en" | "ru"} Language */

/** @param {string} folder @returns {string[]} */
const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(full) : [full];
  });

/**
 * SHA-256 of the files, with their names as seen from the project; however their lines end.
 * @param {readonly string[]} files
 * @param {(text: string, file: string) => string} [part] of a file's text that counts; all of it unless given
 */
export function hashOf(files, part = (text) => text) {
  const hash = createHash("sha256");
  const named = files.map((file) => ({ file, name: path.relative(inRoot(), file).replaceAll("\\", "/") }));
  for (const { file, name } of named.sort((a, b) => (a.name < b.name ? -1 : 1)))
    hash.update(`${name}\0${part(readFileSync(file, "utf8").replaceAll("\r\n", "\n"), file)}\0`);
  return hash.digest("hex");
}

/**
 * The hash of a lecture's source, exercises and, in another language than English, the texts in it; not of the library.
 * @param {string} name
 * @param {Language} language
 * @param {string} [folder]
 */
export function sourcesHash(name, language, folder = inRoot("src", "lectures", name)) {
  const texts = [`${name}.nb.ts`, ...(language === "en" ? [] : [`${name}.${language}.md`])]
    .map((file) => path.join(folder, file))
    .filter(existsSync);
  const exercises = path.join(folder, "exercises");
  return hashOf([...texts, ...(existsSync(exercises) ? filesBelow(exercises) : [])]);
}

/** The version of the library. */
export const libraryVersion = () => JSON.parse(readFileSync(inRoot("package.json"), "utf8")).version;
