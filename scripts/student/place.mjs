/** Where a student works: a folder of their own, outside of version control. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { inRoot, Problem, readOnly, root, writeWhole } from "../steps.mjs";

/** @typedef {"en" | "ru"} Language */
/** `name`: what hand-ins call the student. @typedef {{ format: 1, language: Language, name?: string }} Settings */

/** Holds the folder that `--in` has named, for the next time. */
const chosen = () => inRoot(".cache", "course.json");

/** Marks a student's progress folder, and holds what the student has chosen: see src/grading/progress/folder.ts. */
const settingsFile = (/** @type {string} */ place) => path.join(place, "progress", "course.json");

/** What the course gave, as it gave it. @param {string} place @param {readonly string[]} more */
export const hidden = (place, ...more) => path.join(place, ".gradschool", ...more);

/**
 * The student's folder: the one that `--in` names, now or earlier, or GRADSCHOOL_COURSE; else `my-course` here, or, where
 * nothing can be written here, `gradschool-course` at home.
 * @param {string | undefined} named
 */
export function studentPlace(named) {
  const asked = named ?? process.env.GRADSCHOOL_COURSE;
  if (asked) return resolved(asked);
  const earlier = earlierChoice();
  if (earlier) return earlier;
  return isWritable(root) || existsSync(inRoot("my-course"))
    ? inRoot("my-course")
    : path.join(homedir(), "gradschool-course");
}

/** @param {string} named */
function resolved(named) {
  const home = named === "~" || /^~[\\/]/.test(named) ? path.join(homedir(), named.slice(1)) : named;
  const place = path.resolve(process.env.INIT_CWD ?? process.cwd(), home);
  for (const taken of [
    root,
    ...["notebooks", "src", "scripts", "node_modules", "out"].map((name) => inRoot(name)),
  ])
    if (real(place) === real(taken) || (taken !== root && real(place).startsWith(real(taken) + path.sep)))
      throw new Problem(
        `${place} belongs to the course itself, which the next version replaces.`,
        "Name a folder of your own, for example: npm start -- --in ~/my-course",
      );
  return place;
}

/** @param {string} place */
const real = (place) => (existsSync(place) ? realpathSync(place) : place);

function earlierChoice() {
  try {
    const { folder } = JSON.parse(readFileSync(chosen(), "utf8"));
    return typeof folder === "string" && existsSync(folder) ? folder : null;
  } catch {
    return null;
  }
}

/** From now on this is the student's folder. @param {string} place */
export function choosePlace(place) {
  try {
    mkdirSync(inRoot(".cache"), { recursive: true });
    writeWhole(chosen(), `${JSON.stringify({ folder: place })}\n`);
  } catch {
    // The course lies where students cannot write: then --in, or GRADSCHOOL_COURSE, says it each time.
  }
}

/** @param {string} place */
function isWritable(place) {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Makes the folder with all that belongs to it; throws a Problem if that cannot be. @param {string} place */
export function makePlace(place) {
  try {
    for (const folder of [place, path.join(place, "progress"), hidden(place, "given")])
      mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EEXIST" || code === "ENOTDIR")
      throw new Problem(`${place} cannot be a folder: a file is in the way.`);
    throw error;
  }
  if (!isWritable(place)) throw readOnly(place);
  if (!existsSync(settingsFile(place))) writeSettings(place, { format: 1, language: "en" });
}

/** @param {string} place @returns {Settings} */
export function readSettings(place) {
  try {
    const { language, name } = JSON.parse(readFileSync(settingsFile(place), "utf8"));
    const named = typeof name === "string" && name !== "" ? { name } : {};
    return { format: 1, language: language === "ru" ? "ru" : "en", ...named };
  } catch {
    return { format: 1, language: "en" };
  }
}

/** @param {string} place @param {Settings} settings */
export const writeSettings = (place, settings) =>
  writeWhole(settingsFile(place), `${JSON.stringify(settings, null, 1)}\n`);

/** A path as the person at the keyboard would write it. @param {string} file */
export const shown = (file) => {
  const near = path.relative(process.env.INIT_CWD ?? process.cwd(), file) || ".";
  return near.startsWith(path.join("..", "..")) ? file : near;
};

/** What every change to notebooks must say. */
export const UNSAVED =
  "What you have not saved in JupyterLab cannot be seen here. If a notebook is open there, choose “Revert” when it asks.";
