/** A student's copies of the notebooks. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { notebooksIn } from "../notebooks/files.mjs";
import { sameSources } from "../notebooks/ipynb.mjs";
import { inRoot, Problem, writeWhole } from "../steps.mjs";
import { hidden, makePlace, readSettings } from "./place.mjs";
import { readAny } from "./reading.mjs";

/** @typedef {import("../notebooks/ipynb.mjs").Notebook} Notebook */
/** @typedef {import("./place.mjs").Language} Language */
/** A lecture as the course gives it: its notebook's name, and the files. @typedef {{ name: string, file: string, solution: string | null }} Given */

/** All lectures, in one language; what there is none of in Russian is English. @param {Language} language @returns {Given[]} */
export function givenNotebooks(language) {
  const pick = (/** @type {string[]} */ ...file) => {
    const russian = inRoot("notebooks", "ru", ...file);
    return language === "ru" && existsSync(russian) ? russian : inRoot("notebooks", ...file);
  };
  return notebooksIn("notebooks").map((name) => {
    const solution = pick("solutions", `${name}.ipynb`);
    return { name, file: pick(`${name}.ipynb`), solution: existsSync(solution) ? solution : null };
  });
}

/** @param {string} place @param {string} name */
export const copyOf = (place, name) => path.join(place, `${name}.ipynb`);
/** What the course gave for that copy. @param {string} place @param {string} name */
export const originalOf = (place, name) => hidden(place, "given", `${name}.ipynb`);

/** @param {string} place @param {string} name @returns {Notebook | null} */
export function readOriginal(place, name) {
  const file = originalOf(place, name);
  if (!existsSync(file)) return null;
  try {
    return readAny(file);
  } catch (error) {
    if (error instanceof Problem) return null; // then what differs counts as the student's
    throw error;
  }
}

/**
 * Makes the copies that are missing. Resolves with how many those were, and which lectures have a newer version.
 * @param {string} place
 */
export function makeCopies(place) {
  makePlace(place);
  const given = givenNotebooks(readSettings(place).language);
  if (given.length === 0)
    throw new Problem("notebooks/ has no notebooks.", "node scripts/generate-notebooks.mjs writes them.");
  const missing = given.filter(({ name }) => !existsSync(copyOf(place, name)));
  for (const one of missing) giveFresh(place, one);
  for (const one of given) giveSolution(place, one);
  const newer = given.filter(({ name, file }) => isNewer(place, name, readAny(file)));
  return { made: missing.length, newer: newer.map(({ name }) => name) };
}

/** Whether the course's notebook is another than the one the student got. @param {string} place @param {string} name @param {Notebook} theirs */
export function isNewer(place, name, theirs) {
  const base = readOriginal(place, name);
  return !base || !sameSources(base, theirs);
}

/** A copy as the course has it now. @param {string} place @param {Pick<Given, "name" | "file">} given */
export function giveFresh(place, { name, file }) {
  const text = readFileSync(file, "utf8");
  writeWhole(originalOf(place, name), text);
  writeWhole(copyOf(place, name), text);
}

/** The solved notebook, to read. @param {string} place @param {Given} given */
function giveSolution(place, { name, solution }) {
  const copy = solutionOf(place, name);
  if (solution && !existsSync(copy)) writeSolution(place, name, solution);
}

/** @param {string} place @param {string} name @param {string} solution the file */
export function writeSolution(place, name, solution, write = writeWhole) {
  mkdirSync(path.join(place, "solutions"), { recursive: true });
  write(solutionOf(place, name), readFileSync(solution, "utf8"));
}

/** @param {string} place @param {string} name */
export const solutionOf = (place, name) => path.join(place, "solutions", `${name}.ipynb`);

/** @param {string} file */
export const hashOf = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
