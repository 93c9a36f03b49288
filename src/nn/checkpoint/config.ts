import { brief, describe, listed, type NDArray } from "../../tensor";
import { isCount, isRecord } from "../faults";
import { matchName } from "./table";

/** The configuration of a model comes out of a file: each entry is looked at before anything is built from it. */

/** What an entry must be: the words for it, and the test. */
interface Kind {
  readonly words: string;
  readonly fits: (x: unknown) => boolean;
}

const isSize = (x: unknown): boolean => isCount(x, 1) && x < 2 ** 31;
const kind = (words: string, fits: Kind["fits"]): Kind => ({ words, fits });

export const kinds = {
  size: kind("a whole number >= 1", isSize),
  /** How many blocks, or which id. */
  count: kind("a whole number >= 0", (x) => isCount(x) && x < 2 ** 31),
  sizes: kind("a list of whole numbers >= 1", (x) => Array.isArray(x) && x.length > 0 && x.every(isSize)),
  probability: kind("a number from 0 to 1", (x) => typeof x === "number" && x >= 0 && x <= 1),
  number: kind("a finite number", (x) => Number.isFinite(x)),
  positive: kind("a number > 0", (x) => Number.isFinite(x) && (x as number) > 0),
  flag: kind("true or false", (x) => typeof x === "boolean"),
  text: kind("a text", (x) => typeof x === "string"),
  record: kind("an object", isRecord),
  oneOf: (...names: readonly string[]) =>
    kind(`one of ${names.join(", ")}`, (x) => names.includes(x as string)),
  orNull: ({ words, fits }: Kind) => kind(`${words}, or null`, (x) => x === null || fits(x)),
};

export type ConfigRules = Readonly<Record<string, Kind>>;

/** `defaults`, and over them what `config` says; undefined says nothing. */
export function withDefaults<D extends object, C extends object>(defaults: D, config: C | undefined): D & C {
  const said = Object.entries(config ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(said) } as D & C;
}

/**
 * Throws one error that lists every entry of `config` that is not what its rule wants. Entries without a rule belong to
 * others and are left alone; what is undefined too, where a default stands behind it.
 */
export function checkConfig(owner: string, config: unknown, rules: ConfigRules): void {
  if (!isRecord(config))
    throw new TypeError(`${owner}: expected a configuration, an object, got ${describe(config)}`);
  const faults = Object.entries(rules).flatMap(([name, { words, fits }]) =>
    !Object.hasOwn(config, name) || config[name] === undefined || fits(config[name])
      ? []
      : [`expected ${name} to be ${words}, got ${brief(config[name])}`],
  );
  if (faults.length > 0) throw new RangeError(`${owner}: ${faults.join("\n  ")}`);
}

/** How many blocks an entry of the configuration speaks of, and a name that each of them has in a file, `*` its number. */
export interface BlockCount {
  readonly entry: string;
  readonly count: number;
  readonly theirs: string;
  /** What the names begin with where the body was saved with a head on it. */
  readonly prefix?: string;
}

/** More blocks than that are not made for a file that holds none. */
const MOST_BLOCKS = 1000;

/**
 * Compare the numbers of blocks with those in the file, before a model of 10⁹ of them is begun. Without `strict` the file
 * may have more.
 */
export function checkBlocks(
  owner: string,
  counts: readonly BlockCount[],
  state: ReadonlyMap<string, NDArray>,
  strict: boolean,
): void {
  const faults = counts.flatMap(({ entry, count, theirs, prefix = "" }) => {
    const found = new Set<string>();
    for (const name of state.keys()) {
      const numbers = matchName(theirs, name) ?? matchName(`${prefix}${theirs}`, name);
      if (numbers) found.add(numbers[0]);
    }
    const fits = strict ? count === found.size : count <= (found.size || MOST_BLOCKS);
    return fits ? [] : [`the configuration says ${entry} ${count}, the file holds ${found.size} (${theirs})`];
  });
  if (faults.length > 0) {
    throw new RangeError(
      `${owner}: ${listed(faults, { separator: "\n  " })}; do config.json and the weights belong together?`,
    );
  }
}
