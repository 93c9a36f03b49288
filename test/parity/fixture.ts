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

  /** `isCoarse`: ten times the tolerance will do, or two hundredths of the largest element. */
  compare(
    name: string,
    got: NDArray | undefined,
    { label = name, isCoarse = false }: { label?: string; isCoarse?: boolean } = {},
  ): Mismatch | null {
    const stored = this.get(name);
    const expected = stored.dtype === "bool" ? stored.to("int32") : stored;
    const spec = this.spec(name);
    if (!isCoarse || spec.exact || expected.size === 0) return compare(label, got, expected, spec);
    const largest = expected.abs().max().item();
    const atol = Math.max(10 * (spec.atol ?? 0), 0.02 * largest);
    return compare(label, got, expected, { ...spec, atol });
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

/**
 * A long computation, compared in float32, and if need be again in float64.
 *
 * Tolerances come from how far PyTorch itself was off in float32, once. Where that was luck, float32 cannot promise as
 * much: large terms that cancel (the gradient of CLIP's temperature when two images are equal), a relu whose input is
 * zero but for rounding. So a case that misses in float32, but by little, is computed once more in float64, where it
 * must agree in full; a note says what was off. `body` computes in one precision and gives what compares the result.
 */
export function runInTwoPrecisions(
  group: string,
  id: string,
  body: (dtype: "float32" | "float64") => (isCoarse: boolean) => (Mismatch | null)[],
): CaseResult {
  let note: string | undefined;
  const result = runCase(group, id, () => {
    const compareSingle = body("float32");
    const missed = compareSingle(false).filter((m) => m !== null);
    if (missed.length === 0 || compareSingle(true).some((m) => m !== null)) return missed;
    const worst = missed.reduce((a, b) => (b.maxAbs > a.maxAbs ? b : a));
    const count = missed.length === 1 ? "1 tensor" : `${missed.length} tensors`;
    note = `agrees in float64; in float32 ${count} beyond the tolerance, at most by ${worst.maxAbs.toPrecision(2)} in ${worst.tensor}`;
    return body("float64")(false);
  });
  return note && result.mismatches.length === 0 && !result.error ? { ...result, note } : result;
}
