/**
 * xoshiro128** 1.1 (Blackman & Vigna 2018, https://prng.di.unimi.it): 128 bits of state, period 2¹²⁸ − 1,
 * passes BigCrush. Chosen because it needs 32-bit integers only, which every JavaScript engine computes alike
 * and fast; PCG and Philox need 64-bit products.
 */
export class Xoshiro {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** Four words, as signed 32-bit integers; not all zero. */
  constructor(words: ArrayLike<number>) {
    this.restore(words);
  }

  get words(): [number, number, number, number] {
    return [this.#a, this.#b, this.#c, this.#d];
  }

  restore(words: ArrayLike<number>): void {
    this.#a = words[0] | 0;
    this.#b = words[1] | 0;
    this.#c = words[2] | 0;
    this.#d = words[3] | 0;
  }

  /** A whole number in [0, 2³²). */
  next(): number {
    const b = this.#b;
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b = b ^ this.#c;
    this.#a ^= this.#d;
    this.#c ^= b << 9;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** The next `count` numbers of `next`, `double` or `openDouble` at once: much faster than one by one. */
  fill(out: Float64Array, count: number, kind: "next" | "double" | "openDouble"): void {
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    let high = 0;
    const isSingle = kind === "next";
    const isOpen = kind === "openDouble";
    const draws = isSingle ? count : 2 * count;
    for (let i = 0; i < draws; i++) {
      const product = Math.imul(b, 5);
      const result = Math.imul((product << 7) | (product >>> 25), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      if (isSingle) out[i] = result >>> 0;
      else if ((i & 1) === 0) high = result;
      else if (isOpen) out[i >> 1] = ((high >>> 6) * 67108864 + (result >>> 6) + 0.5) / 4503599627370496;
      else out[i >> 1] = ((high >>> 5) * 67108864 + (result >>> 6)) / 9007199254740992;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  /** A multiple of 2⁻⁵³ in [0, 1). */
  double(): number {
    const high = this.next() >>> 5;
    return (high * 67108864 + (this.next() >>> 6)) / 9007199254740992;
  }

  /** An odd multiple of 2⁻⁵³ in (0, 1): never 0 and never 1, as far from both. */
  openDouble(): number {
    const high = this.next() >>> 6;
    return (high * 67108864 + (this.next() >>> 6) + 0.5) / 4503599627370496;
  }
}

/**
 * Four words from any amount of text, through splitmix64 (Steele, Lea & Flood 2014), so that the seeds 0 and 1,
 * or two names, begin unrelated streams.
 */
export function scramble(parts: readonly (number | string)[]): number[] {
  let state = 0n;
  const mix = (word: bigint): bigint => {
    state = BigInt.asUintN(64, state + word + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
  for (const part of parts) {
    if (typeof part === "number") state = mix(BigInt.asUintN(64, BigInt(part)));
    else for (const letter of part) state = mix(BigInt(letter.codePointAt(0)!));
  }
  const [first, second] = [mix(0n), mix(0n)];
  const words = [first, first >> 32n, second, second >> 32n].map((word) => Number(BigInt.asIntN(32, word)));
  return words.some((word) => word !== 0) ? words : [1, 0, 0, 0];
}
