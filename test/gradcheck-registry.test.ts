import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as autograd from "../src/autograd";
import { Tensor } from "../src/autograd";
import * as nn from "../src/nn";

/**
 * Nothing differentiable without a gradcheck: whatever autograd and nn export, and every method of Tensor, must occur
 * in a gradcheck test, or stand here among what has no gradient.
 */
const read = (...names: string[]): string =>
  names.map((name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8")).join("\n");

const ofAutograd = read(
  "autograd/gradients.test.ts",
  "autograd/functional.test.ts",
  "autograd/images.test.ts",
  "autograd/arrays.test.ts",
);
const ofLayers = read("nn/gradcheck.test.ts");

/** Methods that make no gradient: the tape itself, numbers for people, comparisons, indices. */
const plainMethods = new Set(
  `constructor backward detach retainGrad registerHook zeroGrad item toArray toString
   eq ne lt le gt ge logicalAnd logicalOr logicalNot isNaN isFinite argmax argmin any all nonzero
   unique bincount histc isInf isClose allclose equal argsort`.split(/\s+/),
);

/** Functions that differentiate nothing: constants, the engine's own. */
const plainFunctions = new Set(
  `tensor zeros ones full arange linspace eye rand randn randint randperm zerosLike onesLike fullLike oneHot
   randLike randnLike empty emptyLike detectAnomaly isGradEnabled noGrad gradcheck arrayOf lift record checkTensor
   setGradEnabled enableGrad searchsorted grad vjp jvp`.split(/\s+/),
);

describe("a gradcheck exists", () => {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(Tensor.prototype))
    .filter(([name, { value }]) => typeof value === "function" && !plainMethods.has(name))
    .map(([name]) => name);
  it.each(methods)("for Tensor.%s", (name) => {
    expect(ofAutograd).toMatch(new RegExp(`\\.${name}\\(`));
  });

  const isClass = (value: unknown) => typeof value === "function" && /^class\b/.test(String(value));
  const functions = Object.entries(autograd)
    .filter(([name, value]) => typeof value === "function" && !isClass(value) && !plainFunctions.has(name))
    .map(([name]) => name);
  it.each(functions)("for %s", (name) => {
    expect(ofAutograd).toMatch(new RegExp(`\\b${name}\\b`));
  });

  const layers = Object.entries(nn)
    .filter(([, value]) => isClass(value) && (value as { prototype: unknown }).prototype instanceof nn.Module)
    .map(([name]) => name)
    .filter((name) => !["PretrainedModel", "Dropout", "Dropout2d", "Identity"].includes(name)); // abstract, luck, nothing
  it.each(layers)("for the layer %s", (name) => {
    expect(ofLayers).toMatch(new RegExp(`new ${name}\\(`));
  });
});
