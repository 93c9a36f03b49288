import { check, expected, type Pair, words } from "../tensor";
import { checkSizes } from "./check";
import * as init from "./init";
import { type Parameter, parameter } from "./parameter";

/** What the four layers of sliding windows have in common: checks, first weights, and how they are printed. */

export interface WindowSizes {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Pair;
  readonly groups: number;
  readonly bias: boolean;
}

/** Throws where channels, groups and window do not fit together. */
export function checkWindow(op: string, sizes: WindowSizes): void {
  const { inChannels, outChannels, kernelSize, groups } = sizes;
  checkSizes(op, { inChannels, outChannels, groups });
  if (typeof kernelSize === "object") check(op, "kernelSize", kernelSize, "pair");
  for (const side of sides(kernelSize)) checkSizes(op, { kernelSize: side });
  if (inChannels % groups === 0 && outChannels % groups === 0) return;
  const got = words(`${inChannels} in and ${outChannels} out`);
  throw expected(op, `channels divisible by groups = ${groups}`, got);
}

/**
 * A weight (first, second, ...window) and a bias of `outChannels`, both uniform in ±1/√fanIn with fanIn = second · |window|.
 */
export function windowWeights(
  first: number,
  second: number,
  window: readonly number[],
  { outChannels, bias }: WindowSizes,
): { weight: Parameter; bias?: Parameter } {
  const bound = 1 / Math.sqrt(window.reduce((n, side) => n * side, second));
  const weight = parameter(init.kaimingUniform([first, second, ...window], { a: Math.sqrt(5) }));
  if (!bias) return { weight };
  return { weight, bias: parameter(init.uniform([outChannels], { low: -bound, high: bound })) };
}

interface WindowLayer extends Omit<WindowSizes, "groups" | "bias"> {
  readonly bias?: Parameter;
  readonly options: {
    readonly stride: Pair;
    readonly padding: Pair | string;
    readonly outputPadding?: Pair;
    readonly dilation: Pair;
    readonly groups: number;
  };
}

/** As PyTorch prints these layers: what is as it is by default is left out. */
export function windowRepr({ inChannels, outChannels, kernelSize, bias, options }: WindowLayer): string {
  const { stride, padding, outputPadding = 0, dilation, groups } = options;
  const parts = [`${inChannels}, ${outChannels}, kernelSize=${show(kernelSize)}, stride=${show(stride)}`];
  if (show(padding) !== "0") parts.push(`padding=${show(padding)}`);
  if (show(outputPadding) !== "0") parts.push(`outputPadding=${show(outputPadding)}`);
  if (show(dilation) !== "1") parts.push(`dilation=${show(dilation)}`);
  if (groups !== 1) parts.push(`groups=${groups}`);
  return `${parts.join(", ")}, bias=${bias !== undefined}`;
}

/** Throws unless what is added at the end is less than a step of the window: more would only be zeros. */
export function checkOutputPadding(op: string, outputPadding: Pair, stride: Pair, dilation: Pair): void {
  const [o, s, d] = [outputPadding, stride, dilation].map(sides);
  for (const axis of [0, 1]) {
    const most = Math.max(s[axis], d[axis]);
    if (o[axis] >= most) throw expected(op, `outputPadding below stride or dilation, ${most}`, o[axis]);
  }
}

/** A number for both axes of an image, written out. */
export const sides = (pair: Pair): readonly [number, number] =>
  typeof pair === "object" ? [pair[0], pair[1]] : [pair, pair];

const show = (pair: Pair | string): string => (typeof pair === "object" ? `[${pair.join(", ")}]` : `${pair}`);
