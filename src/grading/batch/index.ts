/** Grading of many submissions. For Node alone. */
export type { Course, CourseExercise, CourseLecture } from "./course";
export { givenAnswers } from "./given";
export { type GradeOptions, grade, type Job, type Work } from "./grade";
export { type LatePolicy, latePolicy, penaltyOf } from "./late";
export { type Override, readOverrides } from "./overrides";
export type { Graded, Results, Submission } from "./results";
