/** From a notebook that was handed in to the code of its answers. For Node alone: tools of the course import it, the library does not. */

export type { Cell } from "../slicing";
export { type Compiler, createCompiler, typeScriptOf } from "./compiler";
export { type Answer, type Asked, type CourseNotebooks, type Extracted, extract, lectureOf } from "./extract";
export { type ExtractOptions, Extractor } from "./extractor";
export { type Read, readNotebook, Unreadable } from "./read";
