import {
  brief,
  check,
  checkMethods,
  checkOptions,
  defaultGenerator,
  describe,
  expected,
  expectedKind,
  Generator,
  type GeneratorState,
  generatorFaults,
  isA,
  isFloat,
  loadSafetensors,
  type NDArray,
  nodeModule,
  quoted,
  refusal,
  SafetensorsFile,
  sameShape,
  saveSafetensors,
} from "../../tensor";
import { AveragedModel } from "../averaged-model";
import { isCount, isRecord, refuse } from "../faults";
import { Module } from "../module";
import { Optimizer } from "../optim/optimizer";
import { fromExactJson, toExactJson } from "./exact-json";

const fs = nodeModule("node:fs");
const paths = nodeModule("node:path");

/**
 * Something whose state goes through JSON: a scheduler, a DataLoader, one of your own. `stateFaults`, if it has one, says
 * what about a state does not fit; without it a state that `loadStateDict` refuses is taken back from all other parts.
 */
export interface Stateful {
  stateDict(): unknown;
  loadStateDict(state: never): unknown;
  stateFaults?(state: unknown): string[];
}

/** What a training is made of. The default generator, and those of the model's layers, are saved besides. */
export interface TrainingParts {
  readonly model: Module;
  readonly optimizer?: Optimizer<{ lr: number }>;
  readonly scheduler?: Stateful;
  /** The average of the model's weights. */
  readonly average?: AveragedModel;
  /** The DataLoader, to go on in the middle of an epoch. */
  readonly loader?: Stateful;
  /** Generators of your own: one, or several by name. */
  readonly generator?: Generator | Readonly<Record<string, Generator>>;
}

/** What a file holds besides the parts. */
export interface LoadedCheckpoint {
  /** Steps that were done. */
  readonly step: number;
  /** As it was saved; undefined if nothing was. */
  readonly extra: unknown;
}

/** The layout of the file; goes up when an older reader would misread it. */
const VERSION = 1;

/** The JSON beside the arrays. */
interface Written {
  readonly step: number;
  readonly optimizer?: {
    readonly kind: string;
    readonly groups: readonly { lr: number }[];
    readonly stepped: readonly number[];
    /** The model's names of the parameters, null for others; so that the same shapes in another order are noticed. */
    readonly names: readonly (string | null)[];
  };
  readonly scheduler?: unknown;
  readonly loader?: unknown;
  readonly generators: Readonly<Record<string, GeneratorState>>;
  readonly extra?: unknown;
}

const fileOf = (path: string): string => {
  if (typeof path !== "string" || path === "")
    throw expectedKind("checkpoint", "the path of a file or folder", path);
  const isFolder = /[/\\]$/.test(path) || (fs.existsSync(path) && fs.statSync(path).isDirectory());
  return isFolder ? paths.join(path, "checkpoint.safetensors") : path;
};

/** Whether saveCheckpoint() has written something at `path`. */
export const hasCheckpoint = (path: string): boolean => fs.existsSync(fileOf(path));

/**
 * Save a whole training, so that it can go on bit for bit: parameters and buffers, the optimiser's averages, settings and
 * step counts, the scheduler, the place in the data, every generator.
 * ```ts
 * saveCheckpoint("checkpoints/gpt.safetensors", { model, optimizer, scheduler, generator, step: 500 });
 * const { step } = loadCheckpoint("checkpoints/gpt.safetensors", { model, optimizer, scheduler, generator });
 * ```
 * One safetensors file, replaced as a whole: a crash leaves the old one or the new one. A `path` that is a folder, or
 * ends with a slash, gets a file `checkpoint.safetensors`. `extra` is anything that JSON can hold, such as the losses so
 * far. Functions (a schedule, the model's code) are not saved: make the same parts again, then load.
 */
export function saveCheckpoint(
  path: string,
  training: TrainingParts & { readonly step?: number; readonly extra?: unknown },
): void {
  check("saveCheckpoint", "parts", training, "object");
  const { step = 0, extra, ...parts } = training;
  const file = fileOf(path);
  checkParts("saveCheckpoint", parts);
  if (!isCount(step)) throw expected("saveCheckpoint", "a number of steps", step);
  const { model, optimizer, scheduler, loader } = parts;
  const arrays = new Map<string, NDArray>();
  const stored = new Set<NDArray>();
  for (const [name, x] of model.stateDict()) {
    if (!stored.has(x)) arrays.set(`model.${name}`, x); // tied ones once
    stored.add(x);
  }
  for (const [name, x] of parts.average?.stateDict() ?? []) arrays.set(`average.${name}`, x);
  let saved: Written["optimizer"];
  if (optimizer) {
    const { state, groups, stepped = [] } = optimizer.stateDict();
    for (const [name, x] of state) arrays.set(`optimizer.${name}`, x);
    saved = { kind: optimizer.constructor.name, groups, stepped, names: namesOf(optimizer, model) };
  }
  const generators = [...generatorsOf(parts)].map(([name, generator]) => [name, generator.state()]);
  const written: Written = {
    step,
    optimizer: saved,
    scheduler: scheduler?.stateDict(),
    loader: loader?.stateDict(),
    generators: Object.fromEntries(generators),
    extra,
  };
  const metadata = new Map([
    ["format", "gradschool training"],
    ["version", String(VERSION)],
    ["training", toExactJson("saveCheckpoint", written)],
  ]);
  saveSafetensors(file, arrays, metadata);
}

/**
 * Put a training back where saveCheckpoint() saved it, into parts made in the same way. Throws one error that lists all
 * that does not fit, and then has changed nothing. Strict: the file must hold what is asked for, and nothing else;
 * `strict: false` leaves out what is not asked for, and the default generator: the model alone, to use it.
 */
export function loadCheckpoint(
  path: string,
  parts: TrainingParts,
  options: { readonly strict?: boolean } = {},
): LoadedCheckpoint {
  checkOptions("loadCheckpoint", options, "strict: false", { strict: "boolean" });
  const { strict = true } = options;
  const file = fileOf(path);
  checkParts("loadCheckpoint", parts);
  const written = readWritten(file);
  const arrays = loadSafetensors(file);
  const faults: string[] = [];
  const under = (prefix: string) =>
    new Map(
      [...arrays]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, x]) => [name.slice(prefix.length), x]),
    );
  const { model, optimizer } = parts;

  const modelState = withTies(model, under("model."));
  const blame = (part: string, list: readonly string[]) => {
    faults.push(...list.slice(0, MOST_FAULTS).map((fault) => `${part}: ${fault}`));
    if (list.length > MOST_FAULTS) faults.push(`${part}: … and ${list.length - MOST_FAULTS} more`);
  };
  blame("model", exactFaults(model, modelState));

  const averageState = under("average.");
  if (parts.average && averageState.size === 0) faults.push("average: the file holds none");
  else if (parts.average) blame("average", parts.average.stateFaults(averageState));
  else if (strict && averageState.size > 0)
    faults.push("average: the file holds one; give it too, or { strict: false } to leave it out");

  for (const name of arrays.keys())
    if (!/^(model|optimizer|average)\./.test(name)) faults.push(`${quoted(name)} is no part of a training`);

  for (const name of ["optimizer", "scheduler", "loader"] as const) {
    if (parts[name] && written[name] === undefined) faults.push(`${name}: the file holds none`);
    if (strict && !parts[name] && written[name] !== undefined)
      faults.push(`${name}: the file holds one; give it too, or { strict: false } to leave it out`);
  }
  const { kind, names, ...rest } = written.optimizer ?? {};
  const optimizerState = { ...rest, state: under("optimizer.") } as ReturnType<
    Optimizer<{ lr: number }>["stateDict"]
  >;
  if (optimizer && written.optimizer) {
    if (kind !== optimizer.constructor.name)
      faults.push(`optimizer: saved by ${describe(kind)}, this is ${optimizer.constructor.name}`);
    else faults.push(...orderFaults(namesOf(optimizer, model), names));
    blame("optimizer", optimizer.stateFaults(optimizerState));
  }
  const stateful = (["scheduler", "loader"] as const).flatMap((name) => {
    const part = parts[name];
    const state = written[name];
    return part && state !== undefined ? [{ name, part, state }] : [];
  });
  for (const { name, part, state } of stateful) blame(name, part.stateFaults?.(state) ?? []);

  const generators = generatorsOf(parts);
  if (!strict) generators.delete(DEFAULT);
  for (const name of generators.keys()) {
    const state = Object.hasOwn(written.generators, name) ? written.generators[name] : undefined;
    if (!state) faults.push(`${name}: the file holds none of this name`);
    else blame(name, generatorFaults(state));
  }
  if (strict) {
    for (const name of Object.keys(written.generators))
      if (!generators.has(name))
        faults.push(`${quoted(name)}: the file holds a generator of this name, which is not here`);
  }
  refuse(`loadCheckpoint: ${file} does not fit`, faults);

  // First what may still refuse; the scheduler before the optimiser, whose rates are those that were saved.
  loadAll(stateful);
  model.loadStateDict(modelState);
  parts.average?.loadStateDict(averageState);
  if (optimizer) optimizer.loadStateDict(optimizerState);
  for (const [name, generator] of generators) generator.setState(written.generators[name]);
  return { step: written.step, extra: written.extra };
}

/** Load each part, or none: when one refuses, those before it get back what they had. */
function loadAll(all: readonly { name: string; part: Stateful; state: unknown }[]): void {
  const before = all.map(({ part }) => part.stateDict());
  for (const [i, { name, part, state }] of all.entries()) {
    try {
      part.loadStateDict(state as never);
    } catch (error) {
      for (let k = 0; k < i; k++) all[k].part.loadStateDict(before[k] as never);
      const { message } = error as Error;
      throw refusal("loadCheckpoint", `${name}: ${message}`, "nothing was loaded", error);
    }
  }
}

function checkParts(op: string, parts: TrainingParts): void {
  if (parts) check(op, "parts", parts, "object");
  const { model, optimizer, scheduler, average, loader, generator, ...others } = parts ?? {};
  const wrong = (name: string, what: string, got: unknown): never => {
    throw expectedKind(op, `${what} as ${name}`, got);
  };
  if (!isA(model, Module)) wrong("model", "a Module", model);
  if (optimizer !== undefined && !isA(optimizer, Optimizer)) wrong("optimizer", "an Optimizer", optimizer);
  if (average !== undefined && !isA(average, AveragedModel)) wrong("average", "an AveragedModel", average);
  for (const [name, part] of Object.entries({ scheduler, loader })) {
    if (part === undefined) continue;
    checkMethods(op, `something with stateDict() and loadStateDict() as ${name}`, part, [
      "stateDict",
      "loadStateDict",
    ]);
  }
  if (generator !== undefined && !isA(generator, Generator)) {
    const named = isRecord(generator) && Object.values(generator).every((one) => isA(one, Generator));
    if (!named) wrong("generator", "a Generator, or several by name,", generator);
  }
  const [odd] = Object.keys(others);
  if (odd !== undefined)
    wrong("parts", "model, optimizer, scheduler, average, loader and generator", { [odd]: 0 });
}

/** Of one part, in an error that speaks of all. */
const MOST_FAULTS = 8;

const DEFAULT = "default generator";

/** All that numbers are drawn from: the default generator, those given, those that layers of the model hold. */
function generatorsOf({ model, generator }: TrainingParts): Map<string, Generator> {
  const found = new Map([[DEFAULT, defaultGenerator()]]);
  if (isA(generator, Generator)) found.set("generator", generator);
  else for (const [name, one] of Object.entries(generator ?? {})) found.set(`generator.${name}`, one);
  for (const [path, module] of model.namedModules()) {
    for (const [key, value] of Object.entries(module)) {
      if (isA(value, Generator)) found.set(`model.${path ? `${path}.` : ""}${key}`, value);
    }
  }
  return found;
}

/** The optimiser's parameters by their names in the model. */
function namesOf({ paramGroups }: Optimizer<{ lr: number }>, model: Module): (string | null)[] {
  const names = new Map<object, string>(
    model.namedParameters().map(([name, parameter]) => [parameter, name]),
  );
  return paramGroups.flatMap(({ params }) => params.map((param) => names.get(param) ?? null));
}

function orderFaults(here: readonly (string | null)[], saved: unknown): string[] {
  if (!Array.isArray(saved) || saved.length !== here.length)
    return [`optimizer: expected the names of ${here.length} parameters, got ${brief(saved)}`];
  const i = here.findIndex((name, i) => name !== saved[i]);
  return i < 0
    ? []
    : [`optimizer: its parameter ${i} was ${describe(saved[i])}, here it is ${describe(here[i])}`];
}

/** Tied arrays were saved under one of their names. */
function withTies(model: Module, state: Map<string, NDArray>): Map<string, NDArray> {
  const first = new Map<NDArray, string>();
  for (const [name, x] of model.stateDict()) {
    const given = state.get(first.get(x) ?? "");
    if (given && !state.has(name)) state.set(name, given);
    if (!first.has(x)) first.set(x, name);
  }
  return state;
}

/** As a module lists them; and another float type, which would not go on bit for bit. */
function exactFaults(model: Module, state: ReadonlyMap<string, NDArray>): string[] {
  const faults = model.stateFaults(state);
  for (const [name, own] of model.stateDict()) {
    const x = state.get(name);
    if (x && x.dtype !== own.dtype && isFloat(own.dtype) && sameShape(x.shape, own.shape))
      faults.push(`wrong dtype ${name}: expected ${own.dtype}, got ${x.dtype}`);
  }
  return faults;
}

function readWritten(file: string): Written {
  if (!fs.existsSync(file)) throw refusal("loadCheckpoint", `there is no ${file}`, "nothing was loaded");
  const open = new SafetensorsFile(file);
  const { metadata } = open;
  open.close();
  const version = Number(metadata.get("version"));
  const text = metadata.get("training");
  if (metadata.get("format") !== "gradschool training" || text === undefined || !isCount(version, 1)) {
    throw refusal(
      "loadCheckpoint",
      `expected a file that saveCheckpoint() wrote, ${file} is another kind of safetensors file`,
    );
  }
  if (version > VERSION) {
    throw refusal(
      "loadCheckpoint",
      `${file} has version ${version}, and this library reads up to ${VERSION}`,
      "update it",
    );
  }
  let written: unknown;
  try {
    written = fromExactJson(text);
  } catch (error) {
    throw refusal(
      "loadCheckpoint",
      `what ${file} says of the training is damaged: ${(error as Error).message}`,
    );
  }
  const { step, optimizer, generators } = (isRecord(written) ? written : {}) as Partial<Written>;
  if (!isCount(step) || !isRecord(generators) || !(optimizer === undefined || isRecord(optimizer)))
    throw refusal("loadCheckpoint", `what ${file} says of the training is damaged: ${brief(written)}`);
  return written as Written;
}
