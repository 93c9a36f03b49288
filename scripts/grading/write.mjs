/** Everything that `npm run grade` leaves in its folder. */
import path from "node:path";
import { writeWhole } from "../steps.mjs";
import { grader } from "./catalogue.mjs";

/**
 * Answers with what was written: what it is, and where.
 * @param {{ graded: import("../../src/grading/batch").Graded[], results: import("../../src/grading/batch").Results,
 *   options: import("./options.mjs").Options, course: import("../../src/grading/batch").Course,
 *   late: import("../../src/grading/batch").LatePolicy | null }} found
 * @returns {[string, string][]}
 */
export function writeAll({ graded, results, options, late }) {
  const { gradesCsv } = grader("report");
  const at = (/** @type {string} */ name) => path.join(options.out, name);
  writeWhole(at("results.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeWhole(at("grades.csv"), gradesCsv(graded, options.format, late));
  return [
    ["table", at("grades.csv")],
    ["everything", at("results.json")],
  ];
}
