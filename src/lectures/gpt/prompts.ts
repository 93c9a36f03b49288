import { readEmoji } from "../../data";
import { array, check, checkAll, expected, Generator, type NDArray } from "../../tensor";

/** What one model is asked in many ways: names of things, in two languages, with a kind and a keyword. */
export const PROMPT_TASKS = ["into Russian", "into English", "what kind", "keyword"] as const;
export type PromptTask = (typeof PROMPT_TASKS)[number];

/** One line of a prompt: `cat кошка`. */
export interface PromptFact {
  readonly task: PromptTask;
  readonly question: readonly string[];
  readonly answer: readonly string[];
  /** Whether the model is never shown this line: the thing and the task it knows, but not together. */
  readonly isHeldOut: boolean;
}

const KINDS = {
  "animals-nature": "nature",
  "food-drink": "food",
  "travel-places": "place",
  objects: "thing",
} as const;

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}]+/gu) ?? [];

/**
 * Facts about the things that emoji show, four kinds of them, named in one word in both languages. A tenth of the
 * lines is held out, of each task other things.
 */
export function promptFacts(seed = 1): PromptFact[] {
  check("promptFacts", "seed", seed, "integer");
  const random = new Generator(seed);
  const seen = new Set<string>();
  return readEmoji({ groups: Object.keys(KINDS) as (keyof typeof KINDS)[] }).flatMap(
    ({ label, tags, group }) => {
      const [en, ru] = [wordsOf(label.en), wordsOf(label.ru)];
      const keyword = tags.en.map(wordsOf).find((words) => words.length === 1 && !en.includes(words[0]));
      const isShort = (words: readonly string[]) => words.length === 1;
      if (!isShort(en) || !isShort(ru) || !keyword || seen.has(en.join(" ")) || seen.has(ru.join(" ")))
        return [];
      seen.add(en.join(" ")).add(ru.join(" "));
      const answers = {
        "into Russian": [en, ru],
        "into English": [ru, en],
        "what kind": [en, [KINDS[group as keyof typeof KINDS]]],
        keyword: [en, keyword],
      } as const;
      const heldOut = random.uniform([PROMPT_TASKS.length]).lt(0.1).flat();
      return PROMPT_TASKS.map((task, i) => {
        const [question, answer] = answers[task];
        return { task, question, answer, isHeldOut: heldOut[i] === 1 };
      });
    },
  );
}

function checkFact(op: string, fact: unknown): void {
  check(op, "a fact", fact, "object");
  const { task, question, answer } = fact as PromptFact;
  check(op, "fact.task", task, PROMPT_TASKS);
  checkAll(op, { "fact.question": [question, "texts"], "fact.answer": [answer, "texts"] });
}

function checkFacts(op: string, facts: unknown): void {
  check(op, "facts", facts, "objects");
  for (const fact of facts as readonly unknown[]) checkFact(op, fact);
}

/** Tokens that are no words of a question or answer. */
const MARKS = ["<pad>", "<bos>", ";", ...PROMPT_TASKS.map((task) => `[${task}]`)];

/** Words as ids, and prompts made of them. */
export class PromptWords {
  readonly words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  constructor(facts: readonly PromptFact[]) {
    checkFacts("PromptWords", facts);
    this.words = [...MARKS, ...new Set(facts.flatMap(({ question, answer }) => [...question, ...answer]))];
    this.#ids = new Map(this.words.map((word, id) => [word, id]));
  }

  ids(words: readonly string[]): number[] {
    check("PromptWords.ids", "words", words, "texts");
    return words.map((word) => {
      const id = this.#ids.get(word);
      if (id === undefined) throw expected("PromptWords.ids", "words of the facts", word);
      return id;
    });
  }

  text(ids: Iterable<number>): string {
    check("PromptWords.text", "ids", ids, "iterable");
    const wordOf = (id: number) => {
      const word = typeof id === "number" ? this.words[id] : undefined;
      if (word === undefined) throw expected("PromptWords.text", `ids below ${this.words.length}`, id);
      return word;
    };
    return Array.from(ids, wordOf).join(" ");
  }

  /**
   * `<bos> [task] q a ; q a ; q`: a task's name if `isNamed`, some answered lines, and an open one. What is said is
   * which task it is; the examples may say it as well as the name.
   */
  prompt(examples: readonly PromptFact[], question: PromptFact, isNamed: boolean): number[] {
    checkFacts("PromptWords.prompt", examples);
    checkFact("PromptWords.prompt", question);
    check("PromptWords.prompt", "isNamed", isNamed, "boolean");
    const name = isNamed ? [`[${question.task}]`] : [];
    const lines = examples.flatMap((fact) => [...fact.question, ...fact.answer, ";"]);
    return this.ids(["<bos>", ...name, ...lines, ...question.question]);
  }

  /**
   * Rows (B, T) to train on: each of one task, with its name in front or without, filled with lines of that task. Targets are
   * the next tokens of answers, −100 in questions: which thing comes next, nobody can know.
   */
  rows(
    facts: readonly PromptFact[],
    count: number,
    T: number,
    random: Generator,
  ): { inputs: NDArray; targets: NDArray } {
    checkFacts("PromptWords.rows", facts);
    checkAll("PromptWords.rows", { count: [count, "size"], T: [T, "size"], random: [random, "generator"] });
    const shown = PROMPT_TASKS.map((task) => facts.filter((fact) => fact.task === task && !fact.isHeldOut));
    const empty = PROMPT_TASKS.find((_, i) => shown[i].length === 0);
    if (empty !== undefined)
      throw expected("PromptWords.rows", `facts of every task, also "${empty}"`, facts);
    const rows = Array.from({ length: count }, () => {
      const lines = shown[random.integers([], { high: shown.length }).item()];
      const isNamed = random.uniform([]).item() < 0.5;
      const words = ["<bos>", ...(isNamed ? [`[${lines[0].task}]`] : [])];
      const isAsked = words.map(() => false);
      while (words.length <= T) {
        const { question, answer } = lines[random.integers([], { high: lines.length }).item()];
        words.push(...question, ...answer, ";");
        isAsked.push(...question.map(() => false), ...answer.map(() => true), true);
      }
      const ids = this.ids(words);
      const targets = ids.map((id, i) => (isAsked[i] ? id : -100));
      return { inputs: ids.slice(0, T), targets: targets.slice(1, T + 1) };
    });
    const table = (name: "inputs" | "targets") =>
      array(
        rows.map((row) => row[name]),
        { dtype: "int32" },
      );
    return { inputs: table("inputs"), targets: table("targets") };
  }
}
