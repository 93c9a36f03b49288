import { brief, expectedKind, isList, quoted, refusal, words } from "../../tensor";
import { Heap } from "./heap";

/** Left ids and positions share one number with their partner; both stay below this. */
const RADIX = 2 ** 26;

/** Marks a symbol that was merged into the one before it. */
const GONE = -1;

/** Ranked merges, ready to be applied to the symbols of one word. */
export class Merges {
  /** `left * RADIX + right` -> rank. */
  private readonly ranks = new Map<number, number>();
  private readonly results: number[] = [];

  readonly pairs: readonly (readonly [left: string, right: string])[];

  /** Earlier pairs merge first. `idOf` must know both halves and their union, spelled by `join`. */
  constructor(
    pairs: readonly (readonly [left: string, right: string])[],
    idOf: ReadonlyMap<string, number>,
    join: (left: string, right: string) => string = (left, right) => left + right,
  ) {
    if (!isList(pairs)) throw expectedKind("merges", "a list of pairs", pairs);
    this.pairs = pairs.map((pair, rank) => {
      const isPair = isList(pair) && pair.length === 2 && pair.every((half) => typeof half === "string");
      if (!isPair) throw expectedKind("merges", `two tokens as merge ${rank}`, words(brief(pair)));
      const [left, right] = pair;
      const union = join(left, right);
      const ids = [left, right, union].map((token) => idOf.get(token));
      const absent = [left, right, union].filter((_, i) => ids[i] === undefined);
      if (absent.length > 0) {
        throw refusal(
          "merges",
          `merge ${rank} (${quoted(left)} ${quoted(right)}) needs the token ${quoted(absent[0]!)}, which the vocabulary does not have`,
          "do the two files belong together?",
        );
      }
      this.ranks.set(ids[0]! * RADIX + ids[1]!, rank);
      this.results.push(ids[2]!);
      return [left, right] as const;
    });
  }

  /**
   * Merge the pair of lowest rank, the leftmost first, until none is left.
   * A queue of candidates keeps this O(n log n): one endless word must not hang the reader.
   */
  apply(symbols: readonly number[]): number[] {
    const ids = [...symbols];
    const next = ids.map((_, i) => i + 1);
    const previous = ids.map((_, i) => i - 1);
    const queue = new Heap<number>((a, b) => a < b);
    const rankAt = (at: number): number | undefined =>
      next[at]! < ids.length ? this.ranks.get(ids[at]! * RADIX + ids[next[at]!]!) : undefined;
    const enqueue = (at: number): void => {
      const rank = rankAt(at);
      if (rank !== undefined) queue.push(rank * RADIX + at);
    };
    for (let at = 0; at + 1 < ids.length; at++) enqueue(at);

    for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
      const at = top % RADIX;
      const rank = (top - at) / RADIX;
      if (ids[at] === GONE || rankAt(at) !== rank) continue; // a neighbour has merged since
      const gone = next[at]!;
      ids[at] = this.results[rank]!;
      ids[gone] = GONE;
      next[at] = next[gone]!;
      if (next[at]! < ids.length) previous[next[at]!] = at;
      if (previous[at]! >= 0) enqueue(previous[at]!);
      enqueue(at);
    }
    return ids.filter((id) => id !== GONE);
  }
}

/** Longer words, and words beyond this many, are not remembered. */
const LONGEST_CACHED = 64;
const CACHE_SIZE = 1 << 16;

/** Merges with a memory: most words of a text have been seen before. */
export class WordEncoder {
  private readonly cache = new Map<string, readonly number[]>();

  /** `symbols` spells a word in the ids that the merges start from. */
  constructor(
    private readonly merges: Merges,
    private readonly symbols: (word: string) => number[],
  ) {}

  encode(word: string): readonly number[] {
    const known = this.cache.get(word);
    if (known !== undefined) return known;
    const ids = this.merges.apply(this.symbols(word));
    if (word.length <= LONGEST_CACHED && this.cache.size < CACHE_SIZE) this.cache.set(word, ids);
    return ids;
  }
}
