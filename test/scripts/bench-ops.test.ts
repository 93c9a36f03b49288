import { describe, expect, it } from "vitest";
import { NDArray, noGrad, Tensor } from "../../src";
import * as autograd from "../../src/autograd";
import * as arrays from "../../src/tensor/nd";

/**
 * The table of single operations (bench/ops/) names every public one. What has no row is here with the reason; whatever is
 * new has neither, and fails with its name.
 */
const load = (file: string) =>
  import(/* @vite-ignore */ new URL(`../../bench/ops/${file}`, import.meta.url).href);
const { operations } = await load("index.mjs");
const { make } = await load("inputs.mjs");

const withoutRow: Readonly<Record<string, string>> = {
  "views, nothing moves": `detach select expand reshape flatten squeeze unsqueeze diagonal chunk unbind split
     arrayOf lift fromStorage`,
  "the tape, differentiation, settings": `backward retainGrad registerHook zeroGrad grad vjp jvp record gradcheck detectAnomaly isGradEnabled noGrad
     checkTensor device getDevice setDevice dims setPrintOptions changeCount incrementVersion versionOf manualSeed
     generatorFaults defaultGenerator`,
  "single numbers, JavaScript's lists, text, files": `item get set flat toArray toString isContiguous tensor array parseSafetensors serializeSafetensors loadSafetensors
     saveSafetensors`,
  "what contiguous does is measured as copied views": "contiguous",
  "memory alone: PyTorch's zeros are pages that the system fills when they are used; full writes":
    "zeros empty zerosLike",
  "as full": "ones onesLike",
  "as gt and lt, with another comparison": "le ge",
  "as logicalAnd": "logicalOr",
  "the methods of the others by name": "unary",
  "as dropout, of less": "dropout2d",
};
const excused = new Set(Object.values(withoutRow).flatMap((names) => names.split(/\s+/)));

const isClass = (value: unknown) => typeof value === "function" && /^class\b/.test(String(value));
const namesOf = (room: object) =>
  Object.entries(room)
    .filter(([, value]) => typeof value === "function" && !isClass(value))
    .map(([name]) => name);
const methodsOf = ({ prototype }: { prototype: object }) =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === "function" && name !== "constructor")
    .map(([name]) => name);
const everything = [...methodsOf(Tensor), ...methodsOf(NDArray), ...namesOf(autograd), ...namesOf(arrays)];
const publicOnes = [...new Set(everything)].sort();

interface Row {
  readonly op: string;
  readonly both: boolean;
  readonly inputs: (size: "small" | "large") => readonly unknown[];
  readonly ours: (...inputs: unknown[]) => unknown;
}
/** The operation of a row: the first word of its name. */
const operationOf = ({ op }: Row): string => op.split(/[\s,]/)[0];

describe("the table of single operations", () => {
  const measured = new Set((operations as Row[]).map(operationOf));

  it("has a row for every public operation, or the reason why not", () => {
    expect(publicOnes.filter((name) => !measured.has(name) && !excused.has(name))).toEqual([]);
  });

  it("names nothing that is not there, and excuses nothing that has a row", () => {
    const known = new Set(publicOnes);
    expect([...measured, ...excused].filter((name) => !known.has(name))).toEqual([]);
    expect([...excused].filter((name) => measured.has(name))).toEqual([]);
  });

  it("runs every row at its small size", () => {
    const failures = (operations as Row[]).flatMap(({ op, both, inputs, ours }) => {
      const given = inputs("small").map((input) => make(input, both));
      try {
        if (!both) noGrad(() => ours(...given));
        else (ours(...given) as Tensor).sum().backward();
        return both && !given.some((x) => x.grad) ? [`${op}: no gradient`] : [];
      } catch (error) {
        return [`${op}: ${(error as Error).message}`];
      }
    });
    expect(failures).toEqual([]);
  });
});
