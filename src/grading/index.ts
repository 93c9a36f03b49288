export { check } from "./check";
/** Kinds of checks, in the order in which an exercise lists them. */
export * as checks from "./checks";
export { compareValues } from "./compare";
export {
  type Check,
  type CheckKind,
  type Exercise,
  type ExerciseSpec,
  exercise,
  type Mutant,
  type Variant,
} from "./exercise";
export { type Failure, NotImplemented } from "./failure";
export { type GateReport, gate, inspect } from "./gate";
export { withHidden } from "./hidden";
export { type AnyFunction, type Inputs, seeded } from "./inputs";
export { findProgressFolder, type Recalled, recall, type Standing, standingOf } from "./progress";
export { type CheckResult, runChecks, type Verdict } from "./run";
export { Halted, type HaltReason, type Limits, withinLimits } from "./time-limit";
