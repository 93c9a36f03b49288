"use strict";
/** The marks of the notebook that nbgrader grades: those that `npm run grade` gives. */
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const root = path.resolve(__dirname, "..", "..");
/** A part of the built grader. @param {string} name @returns {any} */
const built = (name) => require(path.join(root, "dist", "grading", name));

/** @typedef {import("../../src/grading/wall").ExerciseMark} ExerciseMark */
/** @typedef {import("../../src/grading/batch").Course} Course */
/** @typedef {import("../../src/grading/submission").Read} Read */

class Marks {
  /** @param {string} folder where the notebook lies */
  static async create(folder) {
    const { findIsolation, HOW_TO_GET } = built("wall");
    const isolation = findIsolation();
    if (isolation.name === "process" && process.env.GRADSCHOOL_TRUST !== "1")
      throw new Error(
        `this machine cannot wall off other people's code (${Object.entries(isolation.missing)
          .map(([name, why]) => `${name}: ${why}`)
          .join("; ")}). ${HOW_TO_GET.bubblewrap}. If you trust everyone who handed in: GRADSCHOOL_TRUST=1`,
      );
    const file = pathToFileURL(path.join(root, "scripts", "grading", "catalogue.mjs")).href;
    const { catalogue } = await import(file);
    return new Marks(folder, isolation, catalogue());
  }

  /** @param {string} folder @param {import("../../src/grading/wall").Isolation} isolation @param {Course} course */
  constructor(folder, isolation, course) {
    this.folder = folder;
    this.isolation = isolation;
    this.course = course;
    this.ids = new Set(course.lectures.flatMap(({ exercises }) => exercises.map(({ id }) => id)));
    const { workerCourse } = built("batch/course.js");
    const { Extractor } = built("submission");
    this.extractor = new Extractor(workerCourse(course), { jobs: 1 });
    /** Texts of the cells that have come so far. @type {string[]} */
    this.sources = [];
    /** @type {Promise<Map<string, ExerciseMark>> | null} */
    this.marks = null;
  }

  /**
   * The exercise whose check's cell this is, word for word, perhaps below a line by which nbgrader says that it has put it
   * back; else null.
   * @param {string} source
   */
  idOf(source) {
    const id = /check\.points\(exercises\.(\w+)\)\s*$/.exec(source)?.[1];
    if (id === undefined || !this.ids.has(id)) return null;
    const text = source
      .replace(/^(?:#[^\n]*\n+)+/, "")
      .replaceAll("\r\n", "\n")
      .trim();
    return text === this.plain(id) ? id : null;
  }

  /** The text of that cell. @param {string} id */
  plain(id) {
    const mine = `my${id[0].toUpperCase()}${id.slice(1)}`;
    return `const ${id} = check(exercises.${id}, ${mine});\ncheck.points(exercises.${id})`;
  }

  /** A cell has come. @param {string} source */
  ran(source) {
    this.sources.push(source);
  }

  /** @param {string} id @returns {Promise<ExerciseMark>} */
  async of(id) {
    this.marks ??= this.markAll();
    const mark = (await this.marks).get(id);
    if (!mark) throw new Error(`there is no exercise ${id} in this notebook's lecture`);
    return mark;
  }

  async markAll() {
    const { markAll } = built("batch/mark.js");
    const { markAnswer } = built("wall");
    const { name, read } = this.notebook();
    const extracted = await this.extractor.extract({ name, read });
    const cache = { get: (/** @type {unknown} */ _, /** @type {() => unknown} */ find) => find() };
    const language = process.env.GRADSCHOOL_LANG === "ru" ? "ru" : "en";
    /** @type {ExerciseMark[]} */
    const marks = await markAll(extracted, {
      ...{ course: this.course, cache, seed: Number(process.env.GRADSCHOOL_SEED) || 1 },
      language,
      mark: (/** @type {import("../../src/grading/wall").Task} */ task) =>
        markAnswer(task, { isolation: this.isolation, language }),
    });
    return new Map(marks.map((mark) => [mark.id, mark]));
  }

  /**
   * The whole notebook, as it lies beside: an answer may stand below its check. The one whose cells begin as those that have
   * come; if there is none, the cells that have come.
   * @returns {{ name: string, read: Read }}
   */
  notebook() {
    const { readNotebook } = built("submission");
    const files = fs.readdirSync(this.folder).filter((name) => name.endsWith(".ipynb"));
    for (const name of files) {
      try {
        /** @type {Read} */
        const read = readNotebook(fs.readFileSync(path.join(this.folder, name)));
        const texts = read.cells
          .filter(({ type, text }) => type === "code" && text.trim() !== "")
          .map(({ text }) => text);
        if (this.sources.every((source, i) => same(source, texts[i])))
          return { name, read: withoutNote(read) };
      } catch {
        // another file
      }
    }
    const cells = this.sources.map((text, index) => ({
      index,
      type: /** @type {const} */ ("code"),
      ids: [],
      text,
    }));
    return { name: "notebook.ipynb", read: { cells, notes: [] } };
  }

  end() {
    this.extractor.close();
    built("wall").closeJudges();
  }
}

/** @param {string} source @param {string | undefined} text */
const same = (source, text) => text !== undefined && source.replace(/\r\n?/g, "\n").trim() === text.trim();

/** The line by which nbgrader says that it has put a cell back is Python's. @param {Read} read @returns {Read} */
const withoutNote = (read) => ({
  ...read,
  cells: read.cells.map((cell) => ({ ...cell, text: cell.text.replace(/^(?:# This cell[^\n]*\n+)+/, "") })),
});

module.exports = { Marks };
