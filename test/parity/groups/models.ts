import { join } from "node:path";
import { Tensor } from "../../../src/autograd";
import { fromCheckpoint, type PretrainedModel } from "../../../src/nn";
import { type DType, isFloat, loadSafetensors, type NDArray, zeros } from "../../../src/tensor";
import type { Mismatch, TensorSpec } from "../compare";
import { type CaseResult, Fixture, readJson, runCase, runInTwoPrecisions } from "../fixture";
import { adapters } from "../models";

/** One call of a model, as its manifest tells it. */
export interface ModelCase {
  readonly id: string;
  readonly call: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly upstream?: Readonly<Record<string, string>>;
  readonly grads?: Readonly<Record<string, string>>;
  readonly config_override?: Readonly<Record<string, unknown>>;
  readonly train_mode?: boolean;
}

interface GenerateCase {
  readonly id: string;
  readonly max_new_tokens: number;
  readonly eos_token_id: number | null;
  readonly pad_token_id: number;
  readonly optional: boolean;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

interface ModelManifest {
  readonly model_class: string;
  readonly config: string;
  readonly weights: string;
  readonly file: string;
  readonly parameters: number;
  readonly tied: readonly string[];
  readonly notes?: readonly string[];
  readonly cases: readonly ModelCase[];
  readonly generate?: readonly GenerateCase[];
  readonly tensors: Readonly<Record<string, TensorSpec>>;
}

/** Models from their checkpoints: outputs, losses, gradients of every parameter, and the file written back. */
export function runModels(folder: string): CaseResult[] {
  const { manifests } = readJson<{ manifests: string[] }>(folder, "manifest.json");
  return manifests.flatMap((name) => runModel(join(folder, name, "..")));
}

function runModel(folder: string): CaseResult[] {
  const manifest = readJson<ModelManifest>(folder, "manifest.json");
  const group = `models/${folder.split("/").at(-1)}`;
  const adapter = adapters.get(manifest.model_class);
  if (!adapter) {
    // The fixture's own word for what a library may leave out.
    const skipped = manifest.notes?.includes("optional fixture")
      ? `optional model ${manifest.model_class}`
      : undefined;
    const error = `expected a model of ${[...adapters.keys()].join(", ")}, got "${manifest.model_class}"`;
    return [{ group, id: "all", mismatches: [], ...(skipped ? { skipped } : { error }) }];
  }
  const config = readJson<Record<string, unknown>>(folder, manifest.config);
  const state = loadSafetensors(join(folder, manifest.weights));
  const fixture = new Fixture(join(folder, manifest.file), manifest.tensors);
  const make = (override: Readonly<Record<string, unknown>> = {}) =>
    fromCheckpoint(adapter.model, { config: { ...config, ...override }, state });
  const read = (names: Readonly<Record<string, string>>, dtype: DType = "float32") =>
    Object.fromEntries(
      Object.entries(names).map(([name, stored]) => {
        const x = fixture.get(stored);
        return [name, isFloat(x.dtype) ? x.to(dtype) : x];
      }),
    );

  return [
    runCase(group, "parameters", () => {
      const count = make().parameterCount();
      if (count !== manifest.parameters)
        throw new Error(`expected ${manifest.parameters} parameters, got ${count}`);
      return [];
    }),
    runCase(group, "written back", () => sameState(make().pretrainedState(), state, manifest.tied)),
    ...manifest.cases.map((c) =>
      runInTwoPrecisions(group, c.id, (dtype) => {
        const model = make(c.config_override).to(dtype);
        model.train(c.train_mode ?? false);
        const outputs = adapter.run(model as never, read(c.inputs, dtype), c);
        return checkCase(c, fixture, model, outputs);
      }),
    ),
    ...(manifest.generate ?? []).map((c): CaseResult => {
      if (!adapter.generate) return { group, id: c.id, mismatches: [], error: "this model cannot generate" };
      const { generate } = adapter;
      return runCase(group, c.id, () => {
        const outputs = generate(make() as never, read(c.inputs), {
          maxNewTokens: c.max_new_tokens,
          eosToken: c.eos_token_id ?? undefined,
          padToken: c.pad_token_id,
        });
        return Object.entries(c.outputs).map(([name, stored]) =>
          fixture.compare(stored, outputs[name], { label: name }),
        );
      });
    }),
  ];
}

type Outputs = Readonly<Record<string, Tensor | NDArray | undefined>>;

/** Run backward where there are gradients, and give what compares everything. */
function checkCase(
  c: ModelCase,
  fixture: Fixture,
  model: PretrainedModel<object>,
  outputs: Outputs,
): (isCoarse: boolean) => (Mismatch | null)[] {
  const array = (x: Tensor | NDArray | undefined) => (x instanceof Tensor ? x.data : x);
  const loss = c.upstream ? dot(c.upstream, outputs, fixture) : outputs.loss;
  const all: Outputs = c.upstream ? { ...outputs, upstream_loss: loss } : outputs;
  const gradNames = Object.entries(c.grads ?? {});
  let grads: ReadonlyMap<string, NDArray> = new Map();
  if (gradNames.length > 0) {
    if (!(loss instanceof Tensor)) throw new Error("expected a loss to differentiate");
    loss.backward();
    const named = model.namedParameters();
    grads = model.pretrainedState(new Map(named.map(([name, p]) => [name, p.grad ?? zeros(p.shape)])));
  }
  return (isCoarse) => [
    ...Object.entries(c.outputs).map(([name, stored]) =>
      fixture.compare(stored, array(all[name]), { label: name, isCoarse }),
    ),
    ...gradNames.map(([name, stored]) =>
      fixture.compare(stored, grads.get(name), { label: `gradient of ${name}`, isCoarse }),
    ),
  ];
}

/** Σ output · upstream, the scalar that the fixture differentiates where there is no loss. */
function dot(upstream: Readonly<Record<string, string>>, outputs: Outputs, fixture: Fixture): Tensor {
  const terms = Object.entries(upstream).map(([name, stored]) => {
    const y = outputs[name];
    if (!(y instanceof Tensor)) throw new Error(`expected output "${name}" as a Tensor`);
    return y.mul(fixture.get(stored)).sum();
  });
  return terms.reduce((a, b) => a.add(b));
}

/** What savePretrained would write is what was read: every name, every number. */
function sameState(
  got: ReadonlyMap<string, NDArray>,
  expected: ReadonlyMap<string, NDArray>,
  tied: readonly string[],
): (Mismatch | null)[] {
  const extra = [...got.keys()].filter((name) => !expected.has(name) && !tied.includes(name));
  if (extra.length > 0) throw new Error(`names that the file does not have: ${extra.join(", ")}`);
  return [...expected].map(([name, x]) => {
    const y = got.get(name);
    const equal = y && y.size === x.size && y.flat().every((v, i) => v === x.flat()[i]);
    const problem = (word: string): Mismatch => ({
      tensor: name,
      index: [],
      got: word,
      expected: "what was read",
      maxAbs: Number.NaN,
      maxRel: Number.NaN,
      wrong: "all",
    });
    return equal ? null : problem(y ? "other numbers" : "nothing");
  });
}
