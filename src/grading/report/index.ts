/** What is written of a batch. For Node alone. */
export { FORMATS, type Format, gradesCsv } from "./csv";
