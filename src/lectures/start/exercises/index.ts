import { centreExercise } from "./centre";

/** The exercises of the lecture, by id, in the order in which they come. */
export const exercises = Object.freeze({ centre: centreExercise });
