/**
 * Training byte-pair encoding (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909).
 *
 *     repeat: find the most frequent pair of neighbouring symbols; make it a new symbol
 *
 * Counting every pair again after each merge would take minutes, so counts are kept up to date: a merge
 * changes only the words that contain its pair, and each pair remembers those words.
 */
import { Heap } from "./heap";

export interface BPETrainingOptions {
  /** The first tokens of the vocabulary: special tokens, then the alphabet. */
  initial: readonly string[];
  /** Stop when the vocabulary has this many tokens. */
  vocabSize: number;
  /** Stop when the best pair occurs less often than this. */
  minFrequency: number;
  /** A word's first symbols, all of them in `initial`. */
  symbols: (word: string) => readonly string[];
  /** The symbol that two neighbours become. */
  join: (left: string, right: string) => string;
}

export interface BPETraining {
  /** Tokens in the order of their ids. */
  tokens: string[];
  /** Pairs in the order in which they were merged. */
  merges: [left: string, right: string][];
}

interface Pair {
  left: number;
  right: number;
  /** Occurrences in the corpus now. */
  count: number;
  /** Words that hold the pair, or held it once. */
  words: number[];
}

/** A pair with the count it had when it entered the queue. */
interface Candidate {
  pair: Pair;
  count: number;
}

/** The frequent pair first; among equals the smaller ids, as in Hugging Face's trainer. */
const before = (a: Candidate, b: Candidate): boolean =>
  a.count !== b.count
    ? a.count > b.count
    : a.pair.left !== b.pair.left
      ? a.pair.left < b.pair.left
      : a.pair.right < b.pair.right;

/** Learn merges from `words` (word -> how often it occurs). Deterministic: the same words, the same merges. */
export function trainBPE(words: ReadonlyMap<string, number>, options: BPETrainingOptions): BPETraining {
  const tokens = [...options.initial];
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const counts = [...words.values()];
  const spelled = [...words.keys()].map((word) => options.symbols(word).map((symbol) => idOf.get(symbol)!));

  const pairs = new PairTable();
  spelled.forEach((ids, word) => {
    pairs.add(ids, counts[word]!);
    for (let i = 0; i + 1 < ids.length; i++) pairs.at(ids[i]!, ids[i + 1]!).words.push(word);
  });
  const queue = new Heap<Candidate>(before);
  for (const pair of pairs.all()) queue.push({ pair, count: pair.count });

  const merges: [string, string][] = [];
  const merged = new Set<Pair>();
  const visited = new Int32Array(spelled.length).fill(-1); // the step in which a word was last rewritten
  for (let step = 0; tokens.length < options.vocabSize; step++) {
    const best = queue.pop();
    if (best === undefined) break;
    const { pair } = best;
    if (best.count !== pair.count) {
      if (pair.count > 0) queue.push({ pair, count: pair.count }); // some of its words were rewritten since
      continue;
    }
    if (pair.count < Math.max(1, options.minFrequency)) break;

    const token = options.join(tokens[pair.left]!, tokens[pair.right]!);
    const id = idOf.get(token) ?? tokens.length; // "a"+"aa" and "aa"+"a" make the same token
    if (id === tokens.length) tokens.push(token);
    idOf.set(token, id);
    if (!merged.has(pair)) merges.push([tokens[pair.left]!, tokens[pair.right]!]);
    merged.add(pair);

    const grown = new Set<Pair>();
    const touched = pair.words;
    pair.words = [];
    for (const word of touched) {
      if (visited[word] === step) continue;
      visited[word] = step;
      const ids = spelled[word]!;
      pairs.add(ids, -counts[word]!);
      mergeInPlace(ids, pair.left, pair.right, id);
      pairs.add(ids, counts[word]!);
      for (let i = 0; i + 1 < ids.length; i++) {
        if (ids[i] !== id && ids[i + 1] !== id) continue;
        const neighbour = pairs.at(ids[i]!, ids[i + 1]!);
        neighbour.words.push(word);
        grown.add(neighbour);
      }
    }
    for (const neighbour of grown) queue.push({ pair: neighbour, count: neighbour.count });
  }
  return { tokens, merges };
}

/** Replace `left right` by `id`, from left to right, shortening `ids`. */
function mergeInPlace(ids: number[], left: number, right: number, id: number): void {
  let length = 0;
  for (let i = 0; i < ids.length; i++) {
    const hit = ids[i] === left && i + 1 < ids.length && ids[i + 1] === right;
    ids[length++] = hit ? id : ids[i]!;
    if (hit) i++;
  }
  ids.length = length;
}

/** How often each pair of neighbours occurs. */
class PairTable {
  private readonly byLeft: Map<number, Pair>[] = [];

  at(left: number, right: number): Pair {
    this.byLeft[left] ??= new Map();
    const row = this.byLeft[left];
    let pair = row.get(right);
    if (pair === undefined) {
      pair = { left, right, count: 0, words: [] };
      row.set(right, pair);
    }
    return pair;
  }

  add(ids: readonly number[], count: number): void {
    for (let i = 0; i + 1 < ids.length; i++) this.at(ids[i]!, ids[i + 1]!).count += count;
  }

  *all(): Generator<Pair> {
    for (const row of this.byLeft) if (row !== undefined) yield* row.values();
  }
}
