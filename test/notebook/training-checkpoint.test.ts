import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tensor } from "../../src/autograd";
import { AdamW, cosineWithWarmup, Linear, LRScheduler, loadCheckpoint } from "../../src/nn";
import { type CheckpointOptions, TrainingView } from "../../src/notebook";
import { Generator, manualSeed } from "../../src/tensor";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "view-"));
  path = join(folder, "checkpoints", "run.safetensors");
});
afterEach(() => rmSync(folder, { recursive: true }));

const TOTAL = 23;

/** A program from its start; it is cut off after `until` steps. Returns the losses of this run. */
function run(options: Partial<CheckpointOptions> = {}, until = TOTAL, totalSteps = TOTAL) {
  manualSeed(1);
  const model = new Linear(3, 2);
  const optimizer = new AdamW(model.parameters(), { lr: 0.1 });
  const scheduler = new LRScheduler(optimizer, cosineWithWarmup({ warmupSteps: 5, totalSteps: 40 }));
  const generator = new Generator(8);
  const written: string[] = [];
  const clock = { time: 0 };
  const terminal = { isTTY: true, write: (text: string) => written.push(text) };
  const view = new TrainingView(
    { totalSteps, checkpoint: { path, every: 5, model, optimizer, scheduler, generator, ...options } },
    { now: () => clock.time, terminal },
  );
  const steps: number[] = [];
  const losses: number[] = [];
  for (const step of view.steps()) {
    if (steps.length === until) break;
    clock.time += 500;
    const loss = model
      .forward(tensor(generator.normal([4, 3])))
      .square()
      .sum();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    view.step({ loss: loss.item(), "val loss": step % 4 === 0 ? step : undefined });
    steps.push(step);
    losses.push(loss.item());
  }
  return { model, view, steps, losses, last: written[written.length - 1] };
}

describe("a view that saves", () => {
  it("goes on after a restart, bit for bit, with the curves so far", () => {
    const whole = run({ path: join(folder, "whole") });
    expect(whole.steps).toEqual(Array.from({ length: TOTAL }, (_, i) => i));

    expect(run({}, 13).last).toMatch(/13\/23 .* stopped early/);
    expect(loadCheckpoint(path, { model: new Linear(3, 2) }, { strict: false }).step).toBe(10);
    const again = run();
    expect(again.steps[0]).toBe(10);
    expect(again.losses).toEqual(whole.losses.slice(10));
    expect(again.model.weight.toArray()).toEqual(whole.model.weight.toArray());
    expect(again.view.history).toEqual(whole.view.history);
    // 13 steps of half a second: the ten before are not counted as done in no time.
    expect(again.last).toMatch(/23\/23 .* 2 steps\/s {2}6\.5s elapsed {2}resumed after step 10/);
  });

  it("is there at once when it was finished, and goes on when there is more to do", () => {
    const whole = run();
    const again = run();
    expect(again.steps).toEqual([]);
    expect(again.model.weight.toArray()).toEqual(whole.model.weight.toArray());
    expect(again.view.history).toEqual(whole.view.history);
    expect(run({}, TOTAL, 30).steps).toEqual([23, 24, 25, 26, 27, 28, 29]);
  });

  it("begins anew when told to, and leaves one file", () => {
    const first = run();
    expect(run({ resume: false }).losses).toEqual(first.losses);
    expect(readdirSync(join(folder, "checkpoints"))).toEqual(["run.safetensors"]);
  });

  it("saves nothing before its time", () => {
    run({ every: 5 }, 4);
    expect(existsSync(path)).toBe(false);
  });

  it("goes on where nothing can be saved, and says so", () => {
    writeFileSync(join(folder, "checkpoints"), "in the way");
    const { steps, last } = run();
    expect(steps.length).toBe(TOTAL);
    expect(last).toMatch(/not saved: .*E(EXIST|NOTDIR)/);
  });

  it("refuses a file of another model, and says why", () => {
    run();
    expect(() => run({ model: new Linear(4, 2) })).toThrow(
      /model: wrong shape weight: expected \(2, 4\), got \(2, 3\)/,
    );
  });

  it.each<[object, string]>([
    [{ every: 0 }, "trainingView: expected every to be a whole number >= 1, got 0"],
    [{ path: 3 }, "trainingView: expected a path in checkpoint, got 3"],
  ])("%j", (options, message) => {
    expect(() => run(options as Partial<CheckpointOptions>)).toThrow(message);
  });
});
