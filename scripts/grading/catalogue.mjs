/** The course as a grader knows it: every exercise with all its checks, the hidden ones too. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import ts from "typescript";
import { libraryVersion } from "../notebooks/sources.mjs";
import { inRoot, Problem, root } from "../steps.mjs";

/** @typedef {import("../../src/grading/batch/course").Course} Course */
/** @typedef {import("../../src/grading/batch/course").CourseExercise} CourseExercise */
/** @typedef {import("../../src/grading").Exercise} Exercise */
/** @typedef {import("../../src/grading").Check} Check */

const load = createRequire(inRoot("package.json"));

/** The library must be built. @returns {Course} */
export function catalogue() {
  const { course } = load("./dist/lectures/course.js");
  /** @type {Record<string, string>} */
  const versions = JSON.parse(readFileSync(inRoot("dist", "exercises.json"), "utf8"));
  /** @type {import("../../src/lectures/course").Lecture[]} */
  const lectures = course;
  const found = lectures.flatMap(({ name, notebook, title }) => {
    const file = inRoot("dist", "lectures", name, "index.js");
    if (!existsSync(file)) return [];
    /** @type {Record<string, Exercise>} */
    const exercises = load(file).exercises ?? {};
    return [
      {
        ...{ name, notebook, title: say(title) },
        files: [inRoot("notebooks"), inRoot("notebooks", "ru")]
          .map((folder) => path.join(folder, `${notebook}.ipynb`))
          .filter((one) => existsSync(one)),
        exercises: Object.values(exercises).map((one) => described(name, one, versions[one.id] ?? "")),
      },
    ];
  });
  const all = found.flatMap(({ exercises }) => exercises.map(({ version }) => version));
  return { root, version: `${libraryVersion()} ${hashOf(all.join(" "))}`, lectures: found };
}

/** @param {string} lecture @param {Exercise} exercise @param {string} version @returns {CourseExercise} */
function described(lecture, { id, title, checks, mutants }, version) {
  const { hidden, text } = hiddenOf(lecture, id);
  const about = (/** @type {readonly Check[]} */ list, /** @type {boolean} */ isHidden) =>
    list.map(({ name, title, points }) => ({ name: say(title ?? name), points, hidden: isHidden }));
  const all = [...about(checks, false), ...about(hidden, true)];
  return {
    ...{ id, lecture, title: say(title), checks: all },
    points: all.reduce((sum, { points }) => sum + points, 0),
    version: hashOf(`${version} ${text}`),
    mistakes: mutants.map(({ name, says }) => ({ name, says: say(says) })),
  };
}

/** Hidden checks are in no build: they are translated here. @param {string} lecture @param {string} id @returns {{ hidden: readonly Check[], text: string }} */
function hiddenOf(lecture, id) {
  const name = `${id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.hidden`;
  const source = inRoot("src", "lectures", lecture, "exercises", `${name}.ts`);
  if (!existsSync(source)) return { hidden: [], text: "" };
  const text = readFileSync(source, "utf8").replaceAll("\r\n", "\n");
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  // Loaded as if it stood in the build, beside what it imports.
  const file = inRoot("dist", "lectures", lecture, "exercises", `${name}.js`);
  /** @type {any} */
  const module = new Module(file);
  module.filename = file;
  module.paths = [];
  module._compile(outputText, file);
  return { hidden: module.exports.hidden ?? [], text };
}

/** Whether this copy of the course has hidden checks at all: a student's has none. */
export const hasHidden = () =>
  readdirSync(inRoot("src", "lectures"), { withFileTypes: true }).some((entry) => {
    const folder = inRoot("src", "lectures", entry.name, "exercises");
    return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".hidden.ts"));
  });

/** The text in the language that was set, or English. @type {typeof import("../../src/notebook").say} */
const say = (text) => load("./dist/notebook/index.js").say(text);

/** From now on pages, notes and reasons come in this language. @param {import("../../src/notebook").Language} language */
export const setLanguage = (language) => load("./dist/notebook/index.js").setLanguage(language);

/** @param {string} text */
const hashOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** A module of the built grader. @param {"batch" | "report" | "wall" | "submission" | "queue" | "similar"} room */
export function grader(room) {
  const file = inRoot("dist", "grading", room, "index.js");
  if (!existsSync(file)) throw new Problem("The grader is not built.", "npm run build");
  return load(file);
}

/**
 * How students' code is walled off on this machine; a Problem where it cannot be, unless that is wanted.
 * @param {boolean} trust
 * @returns {import("../../src/grading/wall").Isolation}
 */
export function walledOff(trust) {
  const { findIsolation, HOW_TO_GET } = grader("wall");
  const isolation = findIsolation();
  if (isolation.name !== "process" || trust) return isolation;
  const why = Object.entries(isolation.missing).map(([name, reason]) => `${name}: ${reason}`);
  throw new Problem(
    `This machine cannot wall off other people's code: ${why.join("; ")}.`,
    `${HOW_TO_GET}\nOr, if you trust everyone who has handed in: --trust`,
  );
}
