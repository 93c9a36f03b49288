/** What is written of a batch. For Node alone. */
export { csvOf, FORMATS, type Format, gradesCsv } from "./csv";
export { feedbackPage, fileNameOf } from "./feedback";
export { instructorPage } from "./instructor";
export { junitXml } from "./junit";
