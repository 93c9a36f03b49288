import { join } from "node:path";
import { crossEntropy, noGrad, type Tensor, tensor } from "../../../src/autograd";
import { AdamW, clipGradNorm, type Module } from "../../../src/nn";
import { array, type DType, type NDArray } from "../../../src/tensor";
import type { Mismatch, TensorSpec } from "../compare";
import { type CaseResult, Fixture, readJson, runInTwoPrecisions } from "../fixture";
import { type CLIPConfig, FixtureCLIP } from "../train/clip";
import { FixtureGPT, type GPTConfig } from "../train/gpt";

/** A run as the manifest tells it: an AdamW, what is clipped and clamped, and where it starts. */
interface Run {
  readonly id: string;
  readonly run: {
    readonly optimizer: {
      readonly lr: number;
      readonly betas: readonly [number, number];
      readonly eps: number;
      readonly weight_decay: number;
    };
    readonly max_grad_norm?: number;
    readonly decay_matrices_only?: boolean;
    readonly init_from?: string;
    readonly logit_scale_start?: number;
    readonly logit_scale_lr_multiplier?: number;
  };
  /** The rate of every step. */
  readonly lr: readonly number[];
  readonly outputs: Names;
  readonly grad_step0: Names;
  readonly after_step0: Names;
  readonly final: Names;
}

/** Our name → the name in the file. */
type Names = Readonly<Record<string, string>>;

interface Manifest {
  readonly fixture: string;
  readonly file: string;
  readonly config: unknown;
  readonly init: Names;
  readonly runs: readonly Run[];
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  readonly batches?: string;
  readonly images?: string;
  readonly texts?: string;
  readonly order?: readonly number[];
}

/** A fresh model and its loss at a step. */
type Task = (dtype: DType) => { readonly model: Module; readonly loss: (step: number) => Tensor };

/** Training runs from given weights and batches: losses and norms of every step, weights after the first and the last. */
export function runTrain(folder: string): CaseResult[] {
  const { manifests } = readJson<{ manifests: string[] }>(folder, "manifest.json");
  return manifests.flatMap((name) => {
    const manifest = readJson<Manifest>(folder, name);
    const group = `train/${name.replace(/\.json$/, "")}`;
    const fixture = new Fixture(join(folder, manifest.file), manifest.tensors);
    const task = taskOf(manifest, fixture);
    return manifest.runs.map((run) =>
      runInTwoPrecisions(group, run.id, (dtype) => {
        const record = recordRun(run, manifest, task(dtype), fixture);
        return (isCoarse) => compareRun(run, record, fixture, isCoarse);
      }),
    );
  });
}

function taskOf({ fixture: kind, config, ...names }: Manifest, fixture: Fixture): Task {
  const get = (name: string | undefined) => fixture.get(name ?? "(none)");
  if (kind === "training/gpt") {
    const batches = get(names.batches);
    return (dtype) => {
      const model = new FixtureGPT(config as GPTConfig).to(dtype);
      const loss = (step: number) => {
        const batch = batches.select(0, step);
        const T = batch.shape[1] - 1;
        const logits = model.forward(batch.narrow(1, 0, T));
        return crossEntropy(logits.flatten(0, 1), batch.narrow(1, 1, T).flatten());
      };
      return { model, loss };
    };
  }
  if (kind === "training/clip") {
    const [images, texts] = [get(names.images), get(names.texts)];
    return (dtype) => {
      const model = new FixtureCLIP(config as CLIPConfig).to(dtype);
      const loss = (step: number) => {
        const batch = names.order?.[step] ?? step;
        return model.forward(tensor(images.select(0, batch).to(dtype)), texts.select(0, batch));
      };
      return { model, loss };
    };
  }
  throw new Error(`expected a manifest of training/gpt or training/clip, got "${kind}"`);
}

/** What a run leaves behind. */
interface TrainingRecord {
  readonly perStep: Readonly<Record<string, number[]>>;
  readonly gradients: ReadonlyMap<string, NDArray>;
  readonly afterFirst: ReadonlyMap<string, NDArray>;
  readonly end: ReadonlyMap<string, NDArray>;
}

function recordRun(
  run: Run,
  manifest: Manifest,
  { model, loss }: ReturnType<Task>,
  fixture: Fixture,
): TrainingRecord {
  model.train().loadStateDict(startOf(run, manifest, fixture));
  const parameters = new Map<string, Tensor>(model.namedParameters());
  const scale = parameters.get("logit_scale");
  const start = run.run.logit_scale_start;
  if (scale && start !== undefined) scale.data.fill(start);

  const optimizer = optimizerOf(run.run, parameters);
  const perStep: Record<string, number[]> = { loss: [], grad_norm: [], logit_scale: [] };
  let gradients = new Map<string, NDArray>();
  let afterFirst = new Map<string, NDArray>();
  const snapshot = () => new Map([...parameters].map(([name, p]) => [name, p.data.clone()]));
  run.lr.forEach((lr, step) => {
    optimizer.paramGroups.forEach((group) => {
      const isScale = group.params.length === 1 && group.params[0] === scale;
      group.lr = lr * (isScale ? (run.run.logit_scale_lr_multiplier ?? 1) : 1);
    });
    optimizer.zeroGrad();
    const value = loss(step);
    value.backward();
    if (step === 0)
      gradients = new Map([...parameters].map(([name, p]) => [name, (p.grad as NDArray).clone()]));
    perStep.loss.push(value.item());
    perStep.grad_norm.push(
      clipGradNorm(parameters.values(), run.run.max_grad_norm ?? Number.POSITIVE_INFINITY),
    );
    optimizer.step();
    if (scale) {
      noGrad(() => scale.data.assign(scale.data.clamp(0, Math.log(100))));
      perStep.logit_scale.push(scale.item());
    }
    if (step === 0) afterFirst = snapshot();
  });

  return { perStep, gradients, afterFirst, end: snapshot() };
}

function compareRun(
  run: Run,
  record: TrainingRecord,
  fixture: Fixture,
  isCoarse: boolean,
): (Mismatch | null)[] {
  const checks = (names: Names, label: string, got: (name: string) => NDArray | undefined) =>
    Object.entries(names).map(([name, stored]) =>
      fixture.compare(stored, got(name), { label: `${label} ${name}`, isCoarse }),
    );
  const { perStep, gradients, afterFirst, end } = record;
  return [
    ...checks(
      run.outputs,
      "step by step:",
      (name) => perStep[name] && array(perStep[name], { dtype: "float64" }),
    ),
    ...checks(run.grad_step0, "first gradient of", (name) => gradients.get(name)),
    ...checks(run.after_step0, "after the first step", (name) => afterFirst.get(name)),
    ...checks(run.final, "at the end", (name) => end.get(name)),
  ];
}

/** The weights that a run starts from: given, or those at the end of another run. */
function startOf({ run }: Run, { init, runs }: Manifest, fixture: Fixture): ReadonlyMap<string, NDArray> {
  const from = run.init_from ? runs.find(({ id }) => id === run.init_from)?.final : init;
  if (!from) throw new Error(`expected a run "${run.init_from}" to start from, found none`);
  return new Map(Object.entries(from).map(([name, stored]) => [name, fixture.get(stored)]));
}

/** What a run may say; `steps` and `schedule` are in `lr` already. */
const knownSettings = new Set(
  `id steps schedule optimizer max_grad_norm decay_matrices_only init_from logit_scale_start
   logit_scale_lr_multiplier`.split(/\s+/),
);

function optimizerOf(run: Run["run"], parameters: ReadonlyMap<string, Tensor>): AdamW {
  const unknown = Object.keys(run).filter((name) => !knownSettings.has(name));
  if (unknown.length > 0) throw new Error(`unknown settings of a run: ${unknown.join(", ")}`);
  const { weight_decay: weightDecay, ...rest } = run.optimizer;
  if (!run.decay_matrices_only) return new AdamW(parameters.values(), { ...rest, weightDecay });
  const some = (want: (name: string, p: Tensor) => boolean) =>
    [...parameters].filter(([name, p]) => want(name, p)).map(([, p]) => p);
  const isScale = (name: string) => name === "logit_scale";
  const groups = [
    { params: some((_, p) => p.ndim >= 2), weightDecay },
    { params: some((name, p) => p.ndim < 2 && !isScale(name)), weightDecay: 0 },
    { params: some(isScale), weightDecay: 0 },
  ];
  return new AdamW(
    groups.filter(({ params }) => params.length > 0),
    rest,
  );
}
