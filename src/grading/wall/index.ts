/** Marks for other people's code: its process sees no check, and no check's process runs it. For Node alone. */
export { type Isolation, type IsolationName, wrapped } from "./isolation";
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
export { endGroup } from "./processes";
export { findIsolation, HOW_TO_GET, works } from "./search";
export { startOptions } from "./start";
