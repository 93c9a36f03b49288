import { array, check, expected, type NDArray } from "../../tensor";
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
   * answer or ends it, else −100. Rows are filled with `<pad>`.
   */
  rows(dialogues: readonly (readonly Turn[])[], length: number): { inputs: NDArray; targets: NDArray } {
    check("TalkWords.rows", "dialogues", dialogues, "list");
    check("TalkWords.rows", "length", length, "size");
    const [pad, end] = [this.id("<pad>"), this.id("<end>")];
    const inputs: number[][] = [];
    const targets: number[][] = [];
    for (const turns of dialogues) {
      const ids: number[] = [];
      const isAnswer: boolean[] = [];
      for (const { question, answer } of turns) {
        const [asked, said] = [this.prompt(question), [...this.encode(answer), end]];
        ids.push(...asked, ...said);
        isAnswer.push(...asked.map(() => false), ...said.map(() => true));
      }
      if (ids.length > length + 1)
        throw expected("TalkWords.rows", `dialogues of at most ${length + 1} tokens`, ids.length);
      inputs.push(Array.from({ length }, (_, t) => ids[t] ?? pad));
      targets.push(Array.from({ length }, (_, t) => (isAnswer[t + 1] ? ids[t + 1] : IGNORED)));
    }
    return { inputs: array(inputs, { dtype: "int32" }), targets: array(targets, { dtype: "int32" }) };
  }
}
