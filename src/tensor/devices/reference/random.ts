import type { Storage } from "../../dtype";
import type { DrawOp } from "../../kernels";
import { normalQuantile } from "../../random/normal";
import { Xoshiro } from "../../random/xoshiro";

/** Numbers drawn together. */
const draws = new Float64Array(1024);

const kinds = { uniform: "double", normal: "openDouble", bernoulli: "next" } as const;

export function draw(op: DrawOp, state: Int32Array, out: Storage, a: number, b: number): void {
  const source = new Xoshiro(state);
  for (let start = 0; start < out.length; start += draws.length) {
    const count = Math.min(draws.length, out.length - start);
    const { words } = source;
    source.fill(draws, count, kinds[op]);
    if (op === "uniform") {
      for (let i = 0; i < count; i++) out[start + i] = a + (b - a) * draws[i];
      stayBelow(source, words, out, start, start + count, a, b);
    } else if (op === "normal") {
      for (let i = 0; i < count; i++) out[start + i] = a + b * normalQuantile(draws[i]);
    } else {
      const limit = a * 4294967296;
      for (let i = 0; i < count; i++) out[start + i] = draws[i] < limit ? 1 : 0;
    }
  }
  state.set(source.words);
}

/** Where rounding has brought a number from a to b, the open end: the same numbers again, without it. */
function stayBelow(
  source: Xoshiro,
  words: readonly number[],
  out: Storage,
  start: number,
  end: number,
  a: number,
  b: number,
): void {
  const round = out instanceof Float32Array ? Math.fround : (x: number) => x;
  const top = round(b);
  if (round(a) === top) return;
  let at = start;
  while (at < end && out[at] < top) at++;
  if (at === end) return;
  source.restore(words);
  for (at = start; at < end; ) {
    out[at] = a + (b - a) * source.double();
    if (out[at] < top) at++;
  }
}
