import { join } from "node:path";
import { type Tensor, tensor } from "../../../src/autograd";
import * as nn from "../../../src/nn";
import { type NDArray, stack } from "../../../src/tensor";
import type { Mismatch, TensorSpec } from "../compare";
import { type CaseResult, Fixture, readJson, runCase } from "../fixture";

type Args = Readonly<Record<string, unknown>>;
type Spec = Readonly<Record<string, unknown>> & { readonly kind: string };

interface Run {
  readonly id: string;
  readonly run: {
    readonly problem: string;
    readonly optimizer: string;
    readonly args: Args;
    readonly groups?: readonly (Args & { readonly params: readonly string[] })[];
    readonly schedule?: Spec;
    readonly clip?: {
      readonly max_norm?: number;
      readonly norm_type?: number | "inf";
      readonly value?: number;
    };
  };
  readonly lr: readonly (number | readonly number[])[];
  readonly tensors: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly file: string;
  readonly problems: Readonly<Record<string, { readonly data: string[]; readonly init: string[] }>>;
  readonly runs: readonly Run[];
  readonly tensors: Readonly<Record<string, TensorSpec>>;
}

interface Tables {
  readonly rtol: number;
  readonly tables: readonly { id: string; spec: Spec; base_lr: number; lr: readonly number[] }[];
}

/** Trajectories of the optimisers, step by step, and tables of learning rates. */
export function runOptim(folder: string): CaseResult[] {
  const manifest = readJson<Manifest>(folder, "optim.json");
  const fixture = new Fixture(join(folder, manifest.file), manifest.tensors);
  const { tables, rtol } = readJson<Tables>(folder, "schedules.json");
  return [
    ...manifest.runs.map((run) => runCase("optim", run.id, () => trajectory(run, manifest, fixture))),
    ...tables.map((table) =>
      runCase("optim/schedules", table.id, () => {
        const schedule = scheduleOf(table.spec);
        return [compareRates(table.lr, (i) => schedule(i, table.base_lr), rtol)];
      }),
    ),
  ];
}

function trajectory(
  { id, run, lr, tensors }: Run,
  manifest: Manifest,
  fixture: Fixture,
): (Mismatch | null)[] {
  const { data, init } = manifest.problems[run.problem];
  const last = (name: string) => name.slice(name.lastIndexOf(".") + 1);
  const constants = new Map(data.map((name) => [last(name), tensor(fixture.get(name))]));
  const params = new Map(
    init.map((name) => [last(name), tensor(fixture.get(name).clone(), { requiresGrad: true })]),
  );
  const optimizer = makeOptimizer(run, params);
  const scheduler = run.schedule ? new nn.LRScheduler(optimizer, scheduleOf(run.schedule)) : null;
  const recorded = new Map<string, NDArray[]>();
  const note = (name: string, x: NDArray) => {
    recorded.set(name, [...(recorded.get(name) ?? []), x.clone()]);
  };
  const rates: number[][] = [];

  for (const [name, p] of params) note(`param.${name}`, p.data);
  for (let i = 0; i < lr.length; i++) {
    optimizer.zeroGrad();
    const loss = lossOf(run.problem, constants, params);
    loss.backward();
    note("loss", loss.data);
    for (const [name, p] of params) note(`grad.${name}`, p.grad!);
    const { max_norm = Number.POSITIVE_INFINITY, norm_type = 2, value } = run.clip ?? {};
    const normType = norm_type === "inf" ? Number.POSITIVE_INFINITY : norm_type;
    note("grad_norm", tensor(nn.clipGradNorm(params.values(), max_norm, { normType })).data);
    if (value !== undefined) nn.clipGradValue(params.values(), value);
    rates.push(optimizer.paramGroups.map((group) => group.lr));
    optimizer.step();
    scheduler?.step();
    for (const [name, p] of params) note(`param.${name}`, p.data);
  }
  const state = optimizer.stateDict().state;
  const index = new Map([...order(run, params)].map((name, i) => [name, i]));
  const got = (key: string): NDArray | undefined => {
    const [kind, slot, name] = key.split(".");
    if (kind === "state") return state.get(`${index.get(name)}.${camel(slot)}`);
    const rows = recorded.get(key);
    return rows && stack(rows);
  };
  return [
    ...Object.entries(tensors).map(([key, stored]) =>
      fixture.compare(stored, got(key), { label: `${id}/${key}` }),
    ),
    ...rates[0].map((_, g) =>
      compareRates(
        lr.map((r) => (typeof r === "number" ? r : r[g])),
        (i) => rates[i][g],
        1e-12,
      ),
    ),
  ];
}

function lossOf(problem: string, data: Map<string, Tensor>, params: Map<string, Tensor>): Tensor {
  const d = (name: string) => data.get(name)!;
  const p = (name: string) => params.get(name)!;
  if (problem === "quadratic") {
    const r = p("w").sub(d("target"));
    return r
      .matmul(d("A").matmul(r))
      .mul(0.5)
      .add(d("c").matmul(p("w")));
  }
  if (problem !== "mlp") throw new Error(`unknown problem "${problem}"`);
  const hidden = d("x").matmul(p("w1").transpose()).add(p("b1")).tanh();
  const error = hidden.matmul(p("w2").transpose()).add(p("b2")).sub(d("y"));
  return error.mul(error).sum().div(error.size);
}

/** Names of the parameters in the order in which the optimiser holds them. */
const order = (run: Run["run"], params: Map<string, Tensor>): Iterable<string> =>
  run.groups ? run.groups.flatMap((group) => group.params) : params.keys();

function makeOptimizer(run: Run["run"], params: Map<string, Tensor>) {
  const groups = run.groups?.map(({ params: names, ...settings }) => ({
    ...camelKeys(settings),
    params: names.map((name) => params.get(name)!),
  }));
  const makers = { SGD: nn.SGD, Adam: nn.Adam, AdamW: nn.AdamW, RMSprop: nn.RMSprop, Adagrad: nn.Adagrad };
  if (!(run.optimizer in makers)) throw new Error(`unknown optimizer "${run.optimizer}"`);
  const Maker = makers[run.optimizer as "SGD"];
  return new Maker(groups ?? [...params.values()], camelKeys(run.args));
}

function scheduleOf(spec: Spec): nn.Schedule {
  const { kind, ...rest } = spec;
  const a = camelKeys(rest) as Record<string, never>;
  const warmupSteps = a.numWarmupSteps;
  const totalSteps = a.numTrainingSteps;
  switch (kind) {
    case "constant_with_warmup":
      return nn.constantWithWarmup({ warmupSteps });
    case "linear_with_warmup":
      return nn.linearWithWarmup({ warmupSteps, totalSteps });
    case "cosine_with_warmup":
      return nn.cosineWithWarmup({ warmupSteps, totalSteps, cycles: a.numCycles });
    case "linear_then_cosine":
      return nn.sequentialLR(
        [nn.linearLR(camelKeys(a.linear)), nn.cosineAnnealingLR(camelKeys(a.cosine) as { tMax: number })],
        a.milestones,
      );
    case "LinearLR":
      return nn.linearLR(a);
    case "CosineAnnealingLR":
      return nn.cosineAnnealingLR(a as { tMax: never });
    case "CosineAnnealingWarmRestarts":
      return nn.cosineAnnealingWarmRestarts({ t0: a.t0, tMult: a.tMult, etaMin: a.etaMin });
    case "StepLR":
      return nn.stepLR(a as { stepSize: never });
    case "MultiStepLR":
      return nn.multiStepLR(a as { milestones: never });
    case "ExponentialLR":
      return nn.exponentialLR(a as { gamma: never });
    case "PolynomialLR":
      return nn.polynomialLR(a);
    case "OneCycleLR":
      return nn.oneCycleLR({ ...a, maxLR: a.maxLr, totalSteps: a.totalSteps });
    default:
      throw new Error(`unknown schedule "${kind}"`);
  }
}

function compareRates(
  expected: readonly number[],
  got: (i: number) => number,
  rtol: number,
): Mismatch | null {
  const differences = expected.map((e, i) => Math.abs(got(i) - e));
  const bad = expected.map((e, i) => !(differences[i] <= rtol * Math.abs(e)));
  const first = bad.indexOf(true);
  if (first < 0) return null;
  const count = bad.filter(Boolean).length;
  return {
    tensor: "lr",
    index: [first],
    got: got(first),
    expected: expected[first],
    maxAbs: Math.max(...differences),
    maxRel: Math.max(...differences.map((d, i) => d / Math.abs(expected[i]))),
    wrong: `${count} of ${expected.length}`,
  };
}

/** weight_decay → weightDecay, T_max → tMax, T_0 → t0 */
const camel = (name: string): string =>
  (name[0].toLowerCase() + name.slice(1)).replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const camelKeys = (args: Args): Args =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [camel(name), value]));
