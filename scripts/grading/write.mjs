/** Everything that `npm run grade` leaves in its folder. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { writeWhole } from "../steps.mjs";
import { grader } from "./catalogue.mjs";

/** @typedef {import("../../src/grading/batch").Graded} Graded */

/**
 * Answers with what was written: what it is, and where.
 * @param {{ graded: Graded[], results: import("../../src/grading/batch").Results,
 *   options: import("./options.mjs").Options, course: import("../../src/grading/batch").Course,
 *   late: import("../../src/grading/batch").LatePolicy | null }} found
 * @returns {[string, string][]}
 */
export function writeAll({ graded, results, options, course, late }) {
  const { csvOf, feedbackPage, fileNameOf, gradesCsv, instructorPage, junitXml } = grader("report");
  const at = (/** @type {string[]} */ ...name) => path.join(options.out, ...name);
  writeWhole(at("results.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeWhole(at("grades.csv"), gradesCsv(graded, options.format, late));
  writeWhole(at("junit.xml"), junitXml(graded));

  mkdirSync(at("feedback"), { recursive: true });
  /** @type {Map<string, Graded[]>} */
  const byStudent = new Map();
  for (const one of graded) {
    const { student } = one.submission;
    byStudent.set(student, [...(byStudent.get(student) ?? []), one]);
  }
  const fileOf = (/** @type {string} */ student) => fileNameOf(student, hashOf);
  const pages = new Set([...byStudent.keys()].map(fileOf));
  for (const [student, own] of byStudent)
    writeWhole(at("feedback", fileOf(student)), feedbackPage(own, course, late));
  // Pages of students who are not among these hand-ins would look as if they were.
  for (const name of readdirSync(at("feedback")))
    if (name.endsWith(".html") && !pages.has(name)) rmSync(at("feedback", name));
  writeWhole(
    at("class.html"),
    instructorPage(graded, {
      ...{ course, late, results },
      linkTo: (/** @type {string} */ student) => `feedback/${encodeURIComponent(fileOf(student))}`,
    }),
  );
  /** @type {[string, string][]} */
  const more = [];
  if (options.similar) {
    const { similar, similarPage, similarRows } = grader("similar");
    const { givenAnswers } = grader("batch");
    const pairs = similar(graded, course, { given: givenAnswers(course) });
    writeWhole(at("similar.csv"), csvOf(similarRows(pairs)));
    writeWhole(at("similar.html"), similarPage(pairs));
    more.push([`${pairs.length} pairs alike`, at("similar.html")]);
  }
  return [
    ...more,
    ["the class", at("class.html")],
    ["a page per student", at("feedback")],
    ["table", at("grades.csv")],
    ["for programs", `${at("results.json")}, ${at("junit.xml")}`],
  ];
}

/** @param {string} text */
const hashOf = (text) => createHash("sha256").update(text).digest("hex");
