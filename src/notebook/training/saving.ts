import { hasCheckpoint, loadCheckpoint, saveCheckpoint, type TrainingParts } from "../../nn";
import { check, expected, expectedKind } from "../../tensor";
import type { Curve } from "./history";

/** A training that saves itself, as a view is told to. */
export interface CheckpointOptions extends TrainingParts {
  /** A file, or a folder with a slash at its end; made when it is first saved. */
  readonly path: string;
  /** Save after so many steps, and after the last; 100. */
  readonly every?: number;
  /** Go on from what `path` holds, if there is anything; true. False starts anew, and replaces it. */
  readonly resume?: boolean;
}

/** Saves a run and its curves, and finds them again. */
export class Saving {
  private readonly path: string;
  private readonly every: number;
  private readonly resume: boolean;
  private readonly parts: TrainingParts;
  /** Why the last save failed; empty if it did not. */
  trouble = "";

  constructor(options: CheckpointOptions) {
    check("trainingView", "checkpoint", options, "object");
    const { path, every = 100, resume = true, ...parts } = options;
    if (typeof path !== "string") throw expectedKind("trainingView", "a path in checkpoint", path);
    if (!Number.isInteger(every) || every < 1)
      throw expected("trainingView", "every to be a whole number >= 1", every);
    this.path = path;
    this.every = every;
    this.resume = resume;
    this.parts = parts;
  }

  /** Load what there is, parts and curves; returns the number of steps that are done. */
  load(curves: Map<string, Curve>): number {
    if (!this.resume || !hasCheckpoint(this.path)) return 0;
    const { step, extra } = loadCheckpoint(this.path, this.parts);
    const { curves: saved = {} } = (extra ?? {}) as { curves?: Readonly<Record<string, Curve>> };
    curves.clear();
    for (const [name, curve] of Object.entries(saved)) curves.set(name, curve);
    return step;
  }

  /** Save when it is time. A disk that is full or locked does not end an hour's training: the view says so. */
  after(step: number, isLast: boolean, curves: ReadonlyMap<string, Curve>): void {
    if (step % this.every !== 0 && !isLast) return;
    try {
      saveCheckpoint(this.path, { ...this.parts, step, extra: { curves: Object.fromEntries(curves) } });
      this.trouble = "";
    } catch (error) {
      if (typeof (error as { code?: unknown }).code !== "string") throw error;
      this.trouble = `not saved: ${(error as Error).message}`;
    }
  }
}
