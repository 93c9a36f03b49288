import { array, check, expected, type NDArray, words } from "../../tensor";
import type { Turn } from "./talk";

const MARKS = ["<pad>", "<end>", "<ask>", "<say>"] as const;
/** Nothing is asked here: such places count for nothing in a loss. */
export const IGNORED = -100;

/** Words as ids; dialogues as rows of them: `<ask> how many … <say> two <end> <ask> …`. */
export class TalkWords {
  readonly words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  constructor(words: readonly string[]) {
    check("TalkWords", "words", words, "texts");
    this.words = [...MARKS, ...words.filter((word) => !MARKS.includes(word as never))];
    this.#ids = new Map(this.words.map((word, id) => [word, id]));
  }

  get size(): number {
    return this.words.length;
  }

  id(word: string): number {
    const id = this.#ids.get(word);
    if (id === undefined) throw expected("TalkWords", "a word of its list", word);
    return id;
  }

  encode(text: string): number[] {
    check("TalkWords.encode", "text", text, "text");
    return text === "" ? [] : text.split(" ").map((word) => this.id(word));
  }

  decode(ids: readonly number[]): string {
    check("TalkWords.decode", "ids", ids, "numbers");
    return ids.map((id) => this.words[id] ?? "?").join(" ");
  }

  /** `<ask> question <say>`: what stands before an answer. */
  prompt(question: string): number[] {
    return [this.id("<ask>"), ...this.encode(question), this.id("<say>")];
  }

  /**
   * Dialogues as inputs and targets (B, T), int32: the target of a place is the token behind it where that belongs to an
   * answer or ends it, else −100. T is that of the longest, `most` is what it may be; others are filled with `<pad>`.
   */
  rows(dialogues: readonly (readonly Turn[])[], most: number): { inputs: NDArray; targets: NDArray } {
    const op = "TalkWords.rows";
    check(op, "dialogues", dialogues, "list");
    check(op, "most", most, "size");
    const end = this.id("<end>");
    const all = dialogues.map((turns) => {
      check(op, "a dialogue", turns, "objects");
      return turns.flatMap(({ question, answer }) => [
        ...this.prompt(question).map((id) => ({ id, isAnswer: false })),
        ...[...this.encode(answer), end].map((id) => ({ id, isAnswer: true })),
      ]);
    });
    return tokenRows(op, all, { most, pad: this.id("<pad>") });
  }
}

/** A token of a dialogue, and whether it belongs to an answer or ends it. */
export interface Told {
  readonly id: number;
  readonly isAnswer: boolean;
}

/** Inputs, and as targets the tokens behind them that belong to answers, (B, T) int32; T is that of the longest row. */
export function tokenRows(
  op: string,
  all: readonly (readonly Told[])[],
  { most, pad }: { most: number; pad: number },
): { inputs: NDArray; targets: NDArray } {
  const longest = Math.max(0, ...all.map(({ length }) => length));
  if (longest === 0) throw expected(op, "at least one dialogue of at least one turn", words("none"));
  if (longest > most + 1)
    throw expected(op, `dialogues of at most ${most + 1} tokens`, words(`${longest} tokens`));
  const table = (of: (row: readonly Told[], t: number) => number) =>
    array(
      all.map((row) => Array.from({ length: longest - 1 }, (_, t) => of(row, t))),
      { dtype: "int32" },
    );
  return {
    inputs: table((row, t) => row[t]?.id ?? pad),
    targets: table((row, t) => (row[t + 1]?.isAnswer ? row[t + 1].id : IGNORED)),
  };
}
