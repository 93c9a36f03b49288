import {
  check,
  checkAll,
  checkMethods,
  checkOptions,
  concat,
  type NDArray,
  quoted,
  refusal,
  type Shape,
  split,
} from "../../tensor";
import type { Module } from "../module";
import type { LoadReport } from "../state-dict";

/**
 * One line of a checkpoint's table: what they call a tensor and what we call it. `*` stands for a block's number, the
 * same on both sides. Several names of ours mean that theirs holds ours one after another along the first axis
 * (GPT-2 stores query, key and value as one matrix); `transpose` that theirs is stored (in, out).
 */
export interface Rename {
  readonly theirs: string;
  readonly ours: string | readonly string[];
  readonly transpose?: boolean;
  /** The same numbers in two shapes, each with one size -1: a convolution over patches that is linear here. */
  readonly reshape?: { readonly theirs: Shape; readonly ours: Shape };
}

/** The lines for the weight and the bias of one layer. */
export function weightAndBias(theirs: string, ours: string): Rename[] {
  checkAll("weightAndBias", { theirs: [theirs, "text"], ours: [ours, "text"] });
  return ["weight", "bias"].map((kind) => ({ theirs: `${theirs}.${kind}`, ours: `${ours}.${kind}` }));
}

/** How a family of checkpoints maps to a model of ours. */
export interface CheckpointTable {
  /** What `config.json` calls the family, so that transformers knows which class reads it. */
  readonly modelType?: string;
  readonly renames: readonly Rename[];
  /** What the names of the body begin with when it was saved with a head on it, such as `bert.`; may be absent in a file. */
  readonly prefix?: string;
  /** Write the body's names without the prefix, as a model without a head does. */
  readonly bare?: boolean;
  /** Names in their files that hold nothing to learn (causal masks, position ids). */
  readonly ignored?: readonly string[];
}

/** The numbers in `name` where `pattern` has `*`, or null when it does not match. */
function match(pattern: string, name: string): string[] | null {
  const source = pattern.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${source.join("(\\d+)")}$`).exec(name)?.slice(1) ?? null;
}

function fill(pattern: string, numbers: readonly string[]): string {
  let i = 0;
  return pattern.replace(/\*/g, () => numbers[i++]);
}

const listOf = (names: string | readonly string[]): readonly string[] =>
  typeof names === "string" ? [names] : names;

function checkTable(table: CheckpointTable): void {
  const op = "checkpoint table";
  checkOptions(
    op,
    table,
    "renames",
    { modelType: "text", renames: "objects", prefix: "text", bare: "boolean", ignored: "texts" },
    ["renames"],
  );
  for (const line of table.renames) {
    const { ours, reshape } = line;
    checkOptions(
      op,
      line,
      "theirs, ours",
      {
        theirs: "text",
        ours: typeof ours === "string" ? "text" : "texts",
        transpose: "boolean",
        reshape: "object",
      },
      ["theirs", "ours"],
    );
    if (reshape)
      checkOptions(op, reshape, "theirs, ours", { theirs: "numbers", ours: "numbers" }, ["theirs", "ours"]);
  }
}

function checkState(state: ReadonlyMap<string, NDArray>): void {
  check("checkpoint", "state", state, "map");
  for (const [name, x] of state) {
    check("checkpoint", "a name", name, "text");
    check("checkpoint", quoted(name), x, "array");
  }
}

/** Their state under our names. What the table does not know keeps its name, so that strict loading lists it. */
export function fromTheirs(
  table: CheckpointTable,
  state: ReadonlyMap<string, NDArray>,
): Map<string, NDArray> {
  checkTable(table);
  checkState(state);
  const { renames, prefix = "", ignored = [] } = table;
  const ours = new Map<string, NDArray>();
  for (const [given, x] of state) {
    // Files of 2018 call a norm's weight and bias gamma and beta; bert-base-uncased still does.
    const name = given.replace(/\.gamma$/, ".weight").replace(/\.beta$/, ".bias");
    const spellings = prefix ? [name, `${prefix}${name}`] : [name];
    if (spellings.some((spelling) => ignored.some((pattern) => match(pattern, spelling)))) continue;
    const known = spellings.some((spelling) =>
      renames.some((line) => {
        const numbers = match(line.theirs, spelling);
        if (!numbers) return false;
        const names = listOf(line.ours);
        const flat = line.reshape ? x.reshape(line.reshape.ours) : x;
        const whole = line.transpose ? flat.transpose() : flat;
        const parts = names.length === 1 ? [whole] : split(whole, whole.shape[0] / names.length, 0);
        names.forEach((pattern, i) => {
          ours.set(fill(pattern, numbers), parts[i]);
        });
        return true;
      }),
    );
    if (!known) ours.set(given, x);
  }
  return ours;
}

/** The line for a parameter of ours, its block numbers, and the name of the tensor that holds it in their files. */
function lineOf({ renames, prefix = "", bare = false }: CheckpointTable, name: string) {
  for (const line of renames) {
    for (const pattern of listOf(line.ours)) {
      const numbers = match(pattern, name);
      if (!numbers) continue;
      const full = fill(line.theirs, numbers);
      return { line, numbers, key: bare && full.startsWith(prefix) ? full.slice(prefix.length) : full };
    }
  }
  throw refusal("checkpoint", `the table has no line for our parameter "${name}"`);
}

/** What their files call the tensor that holds our parameter. Throws on a name that the table does not know. */
export function theirName(table: CheckpointTable, name: string): string {
  checkTable(table);
  check("theirName", "name", name, "text");
  return lineOf(table, name).key;
}

/** Our state (or gradients by our names) under their names. Throws on a name that the table does not know. */
export function toTheirs(table: CheckpointTable, state: ReadonlyMap<string, NDArray>): Map<string, NDArray> {
  checkTable(table);
  checkState(state);
  const theirs = new Map<string, NDArray>();
  for (const name of state.keys()) {
    const { line, numbers, key } = lineOf(table, name);
    if (theirs.has(key)) continue;
    const parts = listOf(line.ours).map((pattern) => state.get(fill(pattern, numbers)));
    if (parts.some((part) => part === undefined)) continue; // tied under another name
    const whole = parts.length === 1 ? (parts[0] as NDArray) : concat(parts as NDArray[], 0);
    const turned = line.transpose ? whole.transpose().contiguous() : whole;
    theirs.set(key, line.reshape ? turned.reshape(line.reshape.theirs) : turned);
  }
  return theirs;
}

/**
 * Load their state into a model of ours: strict, nothing changes if anything does not fit. A tied parameter needs to be
 * there under one of its names only. `strict: false` as in {@link Module.loadStateDict}.
 */
export function loadTheirs(
  model: Module,
  state: ReadonlyMap<string, NDArray>,
  table: CheckpointTable,
  options: { strict?: boolean } = {},
): LoadReport {
  checkMethods("loadTheirs", "a Module", model, ["stateDict", "loadStateDict"]);
  checkOptions("loadTheirs", options, "strict", { strict: "boolean" });
  const { strict = true } = options;
  const ours = fromTheirs(table, state);
  const byMemory = new Map<object, NDArray>();
  const own = model.stateDict();
  for (const [name, x] of own) {
    const given = ours.get(name);
    if (given) byMemory.set(x, given);
  }
  for (const [name, x] of own) {
    const tied = byMemory.get(x);
    if (tied && !ours.has(name)) ours.set(name, tied);
  }
  return model.loadStateDict(ours, { strict });
}
