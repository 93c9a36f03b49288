import { noGrad, type Tensor } from "../../autograd";
import { AdamW, clipGradNorm, cosineWithWarmup, LRScheduler, type Module } from "../../nn";
import { inFull, trainingView } from "../../notebook";
import { arange, check, checkOptions, Generator, type NDArray } from "../../tensor";
import { checkModel, checkRows } from "./check";
import type { Rows } from "./tasks";

/** Some of the rows, every field of them. */
export function rowsAt<Fields extends object>(rows: Fields, places: NDArray): Fields {
  checkRows("rowsAt", rows, []);
  check("rowsAt", "places", places, "array");
  const pick = (field: unknown) =>
    typeof field === "object" && field !== null && "indexSelect" in field
      ? (field as NDArray).indexSelect(0, places)
      : field;
  return Object.fromEntries(Object.entries(rows).map(([name, field]) => [name, pick(field)])) as Fields;
}

export interface FineTuneOptions {
  readonly steps: number;
  /** Rows in a step. */
  readonly batch?: number;
  /** The largest learning rate: it warms up over a tenth of the steps, and falls along a cosine. */
  readonly lr?: number;
  /** Decides which rows come when. */
  readonly seed?: number;
  /** Above the live curve; without it, none is drawn. */
  readonly title?: string;
}

/** Train a model with a head on rows: the same loop for all four tasks, only `loss` differs. */
export function fineTune<Fields extends { readonly ids: NDArray }>(
  model: Module,
  rows: Fields,
  loss: (rows: Fields) => Tensor,
  options: FineTuneOptions,
): void {
  checkModel("fineTune", model);
  checkRows("fineTune", rows);
  check("fineTune", "loss", loss, "function");
  checkOptions(
    "fineTune",
    options,
    "steps: 200",
    { steps: "size", batch: "size", lr: "number", seed: "integer", title: "text" },
    ["steps"],
  );
  const { steps, batch = 32, lr = 5e-4, seed = 0, title } = options;
  const optimizer = new AdamW(model.parameters(), { lr, weightDecay: 0.01 });
  const schedule = cosineWithWarmup({ warmupSteps: Math.ceil(steps / 10), totalSteps: steps });
  const scheduler = new LRScheduler(optimizer, schedule);
  const random = new Generator(seed);
  const view = title === undefined ? null : trainingView({ totalSteps: steps, title });
  model.train();
  for (const _ of view ? view.steps() : Array(inFull(steps, { short: 2 })).keys()) {
    const value = loss(rowsAt(rows, random.integers([batch], { high: rows.ids.shape[0] })));
    optimizer.zeroGrad();
    value.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    scheduler.step();
    view?.step({ loss: value.item() });
  }
  model.eval();
}

/** The likeliest class of every row (N), or of every token (N, T). */
export function predict(model: Module, rows: Rows, logits: (rows: Rows) => Tensor, batch = 64): NDArray[] {
  checkModel("predict", model);
  checkRows("predict", rows);
  check("predict", "logits", logits, "function");
  check("predict", "batch", batch, "size");
  const N = rows.ids.shape[0];
  const isTraining = model.training;
  model.eval();
  const parts: NDArray[] = [];
  for (let row = 0; row < N; row += batch) {
    const some = rowsAt(rows, arange(row, Math.min(N, row + batch)));
    parts.push(noGrad(() => logits(some)).data.argmax(-1));
  }
  model.train(isTraining);
  return parts;
}

/** The share of labels that are met; −100 is no label. */
export function accuracy(model: Module, rows: Rows, logits: (rows: Rows) => Tensor): number {
  checkRows("accuracy", rows, ["ids", "labels"]);
  let [right, all] = [0, 0];
  let row = 0;
  for (const said of predict(model, rows, logits)) {
    const labels = rows.labels.narrow(0, row, said.shape[0]);
    const asked = labels.ne(-100);
    right += said.eq(labels).logicalAnd(asked).sum().item();
    all += asked.sum().item();
    row += said.shape[0];
  }
  return right / all;
}
