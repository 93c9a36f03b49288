import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadSafetensors, type NDArray } from "../../src/tensor";
import { compare, type Mismatch, type TensorSpec } from "./compare";

/** One case of a group, run: what differed, or the error that stopped it. */
export interface CaseResult {
  readonly group: string;
  readonly id: string;
  readonly mismatches: readonly Mismatch[];
  readonly error?: string;
  /** What a reader should know of a case that passed. */
  readonly note?: string;
  /** Why the case was not run; only fixtures marked optional may be skipped. */
  readonly skipped?: string;
}

export const readJson = <T>(...path: string[]): T => {
  const file = join(...path);
  if (!existsSync(file))
    throw new Error(`parity: expected ${file}, which is not there; is this a folder of parity fixtures?`);
  return JSON.parse(readFileSync(file, "utf8")) as T;
};

/** The numbers of a fixture file together with what its manifest says of each. */
export class Fixture {
  readonly #tensors: ReadonlyMap<string, NDArray>;
  readonly #specs: Readonly<Record<string, TensorSpec>>;

  constructor(path: string, specs: Readonly<Record<string, TensorSpec>>) {
    this.#tensors = loadSafetensors(path);
    this.#specs = specs;
  }

  spec(name: string): TensorSpec {
    const spec = this.#specs[name];
    if (!spec) throw new Error(`parity: the manifest does not describe tensor "${name}"`);
    return spec;
  }

  get(name: string): NDArray {
    const found = this.#tensors.get(name);
    if (!found) throw new Error(`parity: the fixture has no tensor "${name}"`);
    return this.#specs[name]?.kind === "bool" ? found.to("bool") : found;
  }

  /** `slack` widens the tolerance that many times. */
  compare(name: string, got: NDArray | undefined, label = name, slack = 1): Mismatch | null {
    const expected = this.get(name);
    const { rtol = 0, atol = 0, ...spec } = this.spec(name);
    return compare(label, got, expected.dtype === "bool" ? expected.to("int32") : expected, {
      ...spec,
      rtol: rtol * slack,
      atol: atol * slack,
    });
  }
}

/** Run one case; an error becomes its result, so that the others still run. */
export function runCase(group: string, id: string, body: () => (Mismatch | null)[]): CaseResult {
  try {
    return { group, id, mismatches: body().filter((m) => m !== null) };
  } catch (error) {
    return { group, id, mismatches: [], error: error instanceof Error ? error.message : String(error) };
  }
}
