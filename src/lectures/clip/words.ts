import { array, check, expected, type NDArray } from "../../tensor";

/** Texts as a tower reads them. */
export interface TextBatch {
  /** (B, T) int32 */
  readonly ids: NDArray;
  /** (B, T): 1 for a token, 0 for padding. int32 */
  readonly mask: NDArray;
}

const PAD = 0;
const UNKNOWN = 1;
const START = 2;
/** The last token of every text; what a causal tower knows there stands for the text. */
export const END = 3;

/** The words of a text, in lower case; signs are dropped. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? [];

/** One token for each word: enough for captions, which use few. */
export class CaptionWords {
  readonly vocabulary: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  /** All words of these texts, in the order in which they come; `length` is the most words of a text. */
  constructor(
    texts: Iterable<string>,
    readonly length: number,
  ) {
    check("CaptionWords", "texts", texts, "iterable");
    check("CaptionWords", "length", length, "size");
    const found = new Set<string>();
    for (const text of texts) {
      check("CaptionWords", "each text", text, "text");
      for (const word of wordsOf(text)) found.add(word);
    }
    this.vocabulary = Object.freeze(["<pad>", "<unknown>", "<start>", "<end>", ...found]);
    this.#ids = new Map(this.vocabulary.map((word, id) => [word, id]));
  }

  get size(): number {
    return this.vocabulary.length;
  }

  /** The ids of each text, its end, and padding up to the longest one. A word that was not there is `<unknown>`. */
  encode(texts: readonly string[]): TextBatch {
    check("CaptionWords.encode", "texts", texts, "texts");
    if (texts.length === 0) throw expected("CaptionWords.encode", "at least one text", texts);
    const rows = texts.map((text) => [
      START,
      ...wordsOf(text)
        .slice(0, this.length)
        .map((word) => this.#ids.get(word) ?? UNKNOWN),
      END,
    ]);
    return padded(rows, PAD);
  }
}

/** Rows of ids, filled up on the right to the longest. */
export function padded(rows: readonly (readonly number[])[], pad: number): TextBatch {
  const T = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const fill = (row: readonly number[], by: number) => [...row, ...Array(T - row.length).fill(by)];
  return {
    ids: array(
      rows.map((row) => fill(row, pad)),
      { dtype: "int32" },
    ),
    mask: array(
      rows.map((row) =>
        fill(
          row.map(() => 1),
          0,
        ),
      ),
      { dtype: "int32" },
    ),
  };
}
