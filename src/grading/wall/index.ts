/** Marks for other people's code: its process sees no check, and no check's process runs it. For Node alone. */
export {
  findIsolation,
  HOW_TO_GET,
  type Isolation,
  type IsolationName,
  works,
  wrapped,
} from "./isolation";
export { LIMITS, type Limits } from "./limits";
export {
  type CheckMark,
  closeJudges,
  type ExerciseMark,
  type MarkOptions,
  markAnswer,
  type OwnFunction,
  type Status,
  type Task,
} from "./mark";
