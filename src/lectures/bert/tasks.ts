import { type BrownDocument, padSequences, readNouns, readOpinions, type WordPiece } from "../../data";
import { say } from "../../notebook";
import { array, check, checkAll, expected, type Generator, type NDArray } from "../../tensor";
import { sentenceText } from "./brown-text";
import { checkSides, checkSizes, checkTokenizer } from "./check";
import type { alignLabels } from "./exercises/align-labels";
import type { encodePair } from "./exercises/encode-pair";
import { makeQuestions, type QuestionAnswer } from "./questions";

/** The four tasks of figure 4 of the paper, at our size: what goes into the model, and what should come out. */

/** N rows of T tokens. */
export interface Rows {
  /** (N, T) */
  readonly ids: NDArray;
  /** (N, T): 0 for the first sentence, 1 for the second. */
  readonly segments: NDArray;
  /** (N, T): 1 on tokens, 0 on padding. */
  readonly mask: NDArray;
  /** (N) classes, or (N, T) classes of tokens and −100. */
  readonly labels: NDArray;
}

export interface Task {
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: Rows;
  readonly test: Rows;
  /** Accuracy of a player without a network, and what it does. */
  readonly baseline: number;
  readonly player: string;
}

export interface TaskSizes {
  readonly train: number;
  readonly test: number;
  /** T: longer rows are cut. */
  readonly length: number;
}

/** The student's functions, or the reference's. */
type EncodePair = typeof encodePair;
type AlignLabels = typeof alignLabels;

const idsOf = (tokenizer: WordPiece) => {
  const id = (token: string) => tokenizer.tokenToId(token)!;
  return { cls: id("[CLS]"), sep: id("[SEP]"), pad: id("[PAD]") };
};

const plain = (tokenizer: WordPiece, text: string) => tokenizer.encode(text, { addSpecialTokens: false });

const int32 = (numbers: readonly (number | readonly number[])[]) =>
  array(numbers as number[][], { dtype: "int32" });

/** Rows of one sentence each. */
export function singleRows(
  tokenizer: WordPiece,
  sentences: readonly string[],
  labels: readonly (number | readonly number[])[],
  length: number,
): Rows {
  checkTokenizer("singleRows", tokenizer);
  checkAll("singleRows", {
    sentences: [sentences, "texts"],
    labels: [labels, "list"],
    length: [length, "size"],
  });
  if (labels.length !== sentences.length)
    throw expected("singleRows", `${sentences.length} labels, one for each sentence`, labels);
  const { sep, pad } = idsOf(tokenizer);
  const rows = sentences.map((sentence) => {
    const ids = tokenizer.encode(sentence);
    return ids.length > length ? [...ids.slice(0, length - 1), sep] : ids;
  });
  const ids = padSequences(rows, { value: pad, length }).to("int32");
  return { ids, segments: ids.mul(0), mask: ids.ne(pad).to("int32"), labels: int32(labels) };
}

/** Rows of two sentences each. */
export function pairRows(
  tokenizer: WordPiece,
  encode: EncodePair,
  pairs: readonly (readonly [first: string, second: string])[],
  labels: readonly number[],
  length: number,
): Rows {
  checkTokenizer("pairRows", tokenizer);
  checkAll("pairRows", {
    encode: [encode, "function"],
    pairs: [pairs, "list"],
    labels: [labels, "numbers"],
    length: [length, "size"],
  });
  for (const pair of pairs) {
    check("pairRows", "a pair", pair, "texts");
    if (pair.length !== 2) throw expected("pairRows", "pairs of two sentences", pair);
  }
  if (labels.length !== pairs.length)
    throw expected("pairRows", `${pairs.length} labels, one for each pair`, labels);
  const special = { ...idsOf(tokenizer), length };
  const rows = pairs.map(([first, second]) =>
    encode(plain(tokenizer, first), plain(tokenizer, second), special),
  );
  return {
    ids: int32(rows.map(({ ids }) => ids)),
    segments: int32(rows.map(({ segments }) => segments)),
    mask: int32(rows.map(({ mask }) => mask)),
    labels: int32(labels),
  };
}

const shuffled = <Item>(items: readonly Item[], generator: Generator): Item[] =>
  Array.from(generator.permutation(items.length).flat(), (place) => items[place]);

/** (a) Does the second sentence follow the first in its document, or does it come from another one? */
export function nextSentenceTask(
  tokenizer: WordPiece,
  encode: EncodePair,
  documents: { train: readonly BrownDocument[]; test: readonly BrownDocument[] },
  sizes: TaskSizes,
  generator: Generator,
): Task {
  checkTokenizer("nextSentenceTask", tokenizer);
  check("nextSentenceTask", "encode", encode, "function");
  checkSides("nextSentenceTask", documents);
  checkSizes("nextSentenceTask", sizes);
  check("nextSentenceTask", "generator", generator, "generator");
  const classes = ["another document", "next"];
  const examples = (side: readonly BrownDocument[], count: number) => {
    const sentences = side.flatMap(({ sentences }, document) =>
      sentences.map((sentence, i) => ({ text: sentenceText(sentence), document, next: sentences[i + 1] })),
    );
    const longEnough = sentences.filter(
      ({ text, next }) => text.length > 30 && next && sentenceText(next).length > 30,
    );
    return shuffled(longEnough, generator)
      .slice(0, count)
      .map(({ text, document, next }, i) => {
        if (i % 2) return { pair: [text, sentenceText(next)] as const, label: 1 };
        for (;;) {
          const other = longEnough[generator.integers([], { high: longEnough.length }).item()];
          if (other.document !== document) return { pair: [text, other.text] as const, label: 0 };
        }
      });
  };
  const [train, test] = [examples(documents.train, sizes.train), examples(documents.test, sizes.test)];
  const rowsOf = (list: typeof train) =>
    pairRows(
      tokenizer,
      encode,
      list.map(({ pair }) => pair),
      list.map(({ label }) => label),
      sizes.length,
    );
  // The player counts the words, of four letters or more, that both sentences have.
  const common = ([a, b]: readonly [string, string]) => {
    const words = new Set(a.toLowerCase().match(/[a-z]{4,}/g));
    return (b.toLowerCase().match(/[a-z]{4,}/g) ?? []).filter((word) => words.has(word)).length;
  };
  const right = test.filter(({ pair, label }) => Number(common(pair) > 0) === label).length;
  return {
    name: "next sentence",
    classes,
    train: rowsOf(train),
    test: rowsOf(test),
    baseline: right / test.length,
    player: say({
      en: "says next where the two share a word of four letters or more",
      ru: "говорит «следующее», если у предложений есть общее слово из четырёх букв или длиннее",
    }),
  };
}

/** (a′) "a lion is an animal": is the first a kind of the second, or the other way round? WordNet's nouns. */
export function kindTask(
  tokenizer: WordPiece,
  encode: EncodePair,
  sizes: TaskSizes,
  generator: Generator,
): Task {
  checkTokenizer("kindTask", tokenizer);
  check("kindTask", "encode", encode, "function");
  checkSizes("kindTask", sizes);
  check("kindTask", "generator", generator, "generator");
  const nouns = readNouns();
  const short = (name: string) => /^[a-z]+( [a-z]+)?$/.test(name) && plain(tokenizer, name).length <= 4;
  const pairs = nouns.flatMap(({ names, kindOf }) => {
    // The parent, or the parent's parent: "animal" stands above "feline", which stands above "lion".
    const above = [...kindOf, ...kindOf.flatMap((place) => nouns[place].kindOf)];
    return above.map((place) => [names[0], nouns[place].names[0]] as const);
  });
  const good = shuffled(
    pairs.filter(([kind, of]) => short(kind) && short(of)),
    generator,
  ).slice(0, sizes.train + sizes.test);
  const article = (name: string) => `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
  const examples = good.map(([kind, of], i) => ({
    pair: (i % 2 ? [article(kind), article(of)] : [article(of), article(kind)]) as readonly [string, string],
    label: i % 2,
  }));
  const test = examples.slice(0, sizes.test);
  // No kind that the test asks for stands in a pair of the training.
  const asked = new Set(good.slice(0, sizes.test).map(([kind]) => kind));
  const train = examples.slice(sizes.test).filter((_, i) => !asked.has(good[sizes.test + i][0]));
  const rowsOf = (list: typeof train) =>
    pairRows(
      tokenizer,
      encode,
      list.map(({ pair }) => pair),
      list.map(({ label }) => label),
      sizes.length,
    );
  // The player knows how often a word stood above another.
  const above = new Map<string, number>();
  for (const { pair, label } of train) {
    const of = pair[label ? 1 : 0];
    above.set(of, (above.get(of) ?? 0) + 1);
  }
  const right = test.filter(({ pair: [a, b], label }) => {
    const [x, y] = [above.get(a) ?? 0, above.get(b) ?? 0];
    return x === y ? label === 1 : Number(y > x) === label;
  }).length;
  return {
    name: "a kind of",
    classes: ["the other way round", "a kind of"],
    train: rowsOf(train),
    test: rowsOf(test),
    baseline: right / test.length,
    player: say({
      en: "says that the word which more often stood above others is the wider one",
      ru: "считает более широким то слово, которое чаще стояло над другими",
    }),
  };
}

/** (b) Is the reviewer pleased? */
export function opinionTask(tokenizer: WordPiece, sizes: TaskSizes, generator: Generator): Task {
  checkTokenizer("opinionTask", tokenizer);
  checkSizes("opinionTask", sizes);
  check("opinionTask", "generator", generator, "generator");
  const sentences = shuffled(readOpinions(), generator);
  const test = sentences.slice(0, sizes.test);
  const train = sentences.slice(sizes.test, sizes.test + sizes.train);
  const rowsOf = (list: typeof train) =>
    singleRows(
      tokenizer,
      list.map(({ text }) => text),
      list.map(({ label }) => label),
      sizes.length,
    );
  // Naive Bayes on words: which words do pleased people use?
  const words = (text: string) => new Set(text.toLowerCase().match(/[a-z']+/g));
  const counts = new Map<string, [number, number]>();
  for (const { text, label } of train)
    for (const word of words(text)) {
      const seen = counts.get(word) ?? [1, 1];
      seen[label]++;
      counts.set(word, seen);
    }
  const pleased = (text: string) =>
    [...words(text)].reduce((sum, word) => {
      const [no, yes] = counts.get(word) ?? [1, 1];
      return sum + Math.log(yes / no);
    }, 0);
  const right = test.filter(({ text, label }) => Number(pleased(text) > 0) === label).length;
  return {
    name: "sentiment",
    classes: ["not pleased", "pleased"],
    train: rowsOf(train),
    test: rowsOf(test),
    baseline: right / test.length,
    player: say({
      en: "adds up how often pleased and displeased people use each word (naive Bayes)",
      ru: "складывает, как часто каждое слово пишут довольные и недовольные (наивный Байес)",
    }),
  };
}

/** Brown's tags, some 180, by what they begin with. */
const WORD_CLASSES: readonly [name: string, tags: RegExp][] = [
  ["noun", /^(nn|nr|nps)/],
  ["name", /^np/],
  ["pronoun", /^(pp|pn|wp)/],
  ["verb", /^(vb|be|hv|do|md)/],
  ["adjective", /^(jj|ap|od)/],
  ["adverb", /^(rb|rn|rp|wrb|wql|ql|\*|not)/],
  ["preposition", /^(in|to)/],
  ["article", /^(at|dt|abn|abx|abl|wdt)/],
  ["conjunction", /^(cc|cs)/],
  ["number", /^cd/],
  ["punctuation", /^[^a-z*]/],
  ["other", /./],
];
export const wordClasses: readonly string[] = WORD_CLASSES.map(([name]) => name);

/** Brown's tag as one of twelve classes of words: `vbd` → verb. */
export const wordClassOf = (tag: string): number => {
  check("wordClassOf", "tag", tag, "text");
  const plainTag = tag.replace(/^fw-/, "");
  return WORD_CLASSES.findIndex(([, tags]) => tags.test(plainTag));
};

/** (d) Which class is every word of? Labels stand at the first piece of each word. */
export function taggingTask(
  tokenizer: WordPiece,
  align: AlignLabels,
  documents: { train: readonly BrownDocument[]; test: readonly BrownDocument[] },
  sizes: TaskSizes,
  generator: Generator,
): Task {
  checkTokenizer("taggingTask", tokenizer);
  check("taggingTask", "align", align, "function");
  checkSides("taggingTask", documents);
  checkSizes("taggingTask", sizes);
  check("taggingTask", "generator", generator, "generator");
  const { cls, sep, pad } = idsOf(tokenizer);
  const some = (side: readonly BrownDocument[], count: number) =>
    shuffled(
      side.flatMap(({ sentences }) => sentences),
      generator,
    )
      .filter(({ tokens }) => tokens.length > 4)
      .slice(0, count);
  const [train, test] = [some(documents.train, sizes.train), some(documents.test, sizes.test)];
  const rowsOf = (sentences: typeof train): Rows => {
    const rows = sentences.map(({ tokens, tags }) => {
      const pieces = tokens.map((token) => plain(tokenizer, token.replace(/``|''/g, '"')));
      const ids = pieces.flat().slice(0, sizes.length - 2);
      const words = pieces.flatMap((list, word) => list.map(() => word)).slice(0, sizes.length - 2);
      const rest = sizes.length - ids.length - 2;
      const wordOf = [null, ...words, null, ...new Array<null>(rest).fill(null)];
      return {
        ids: [cls, ...ids, sep, ...new Array<number>(rest).fill(pad)],
        labels: align(tags.map(wordClassOf), wordOf),
      };
    });
    const ids = int32(rows.map(({ ids }) => ids));
    return {
      ids,
      segments: ids.mul(0),
      mask: ids.ne(pad).to("int32"),
      labels: int32(rows.map(({ labels }) => labels)),
    };
  };
  // The player says for each word the class that it mostly had in the training sentences, and "noun" for a new one.
  const counts = new Map<string, number[]>();
  for (const { tokens, tags } of train)
    tokens.forEach((token, i) => {
      const seen = counts.get(token.toLowerCase()) ?? new Array<number>(wordClasses.length).fill(0);
      seen[wordClassOf(tags[i])]++;
      counts.set(token.toLowerCase(), seen);
    });
  let [right, all] = [0, 0];
  for (const { tokens, tags } of test)
    tokens.forEach((token, i) => {
      const seen = counts.get(token.toLowerCase());
      const said = seen ? seen.indexOf(Math.max(...seen)) : 0;
      right += Number(said === wordClassOf(tags[i]));
      all++;
    });
  return {
    name: "parts of speech",
    classes: wordClasses,
    train: rowsOf(train),
    test: rowsOf(test),
    baseline: right / all,
    player: say({
      en: "says of each word the class that it mostly had in the training sentences",
      ru: "называет для каждого слова тот класс, который чаще всего был у него в обучающих предложениях",
    }),
  };
}

/** A question with its passage as a row, and where in it the answer stands. */
export interface QuestionRows extends Omit<Rows, "labels"> {
  /** (N): the first and the last token of the answer. */
  readonly starts: NDArray;
  readonly ends: NDArray;
  /** Of every row, where the passage begins, and the place behind its last token. */
  readonly passages: readonly { readonly from: number; readonly to: number }[];
  readonly questions: readonly QuestionAnswer[];
}

/** (c) Where in the passage does the answer stand? */
export function questionTask(
  tokenizer: WordPiece,
  encode: EncodePair,
  sizes: TaskSizes,
  generator: Generator,
): { train: QuestionRows; test: QuestionRows } {
  checkTokenizer("questionTask", tokenizer);
  check("questionTask", "encode", encode, "function");
  checkSizes("questionTask", sizes);
  check("questionTask", "generator", generator, "generator");
  const special = { ...idsOf(tokenizer), length: sizes.length };
  const rowsOf = (questions: readonly QuestionAnswer[]): QuestionRows => {
    const rows = questions.map((question) => {
      const asked = plain(tokenizer, question.question);
      const tokens = tokenizer.tokenize(question.passage);
      const from = asked.length + 2;
      const end = question.start + question.answer.length;
      const covers = tokens.flatMap(({ start, end: stop }, i) =>
        start < end && stop > question.start ? [i] : [],
      );
      const row = encode(
        asked,
        tokens.map(({ id }) => id),
        special,
      );
      const to = from + tokens.length;
      return { ...row, from, to, start: from + covers[0], last: from + covers.at(-1)! };
    });
    return {
      ids: int32(rows.map(({ ids }) => ids)),
      segments: int32(rows.map(({ segments }) => segments)),
      mask: int32(rows.map(({ mask }) => mask)),
      starts: int32(rows.map(({ start }) => start)),
      ends: int32(rows.map(({ last }) => last)),
      passages: rows.map(({ from, to }) => ({ from, to: Math.min(to, sizes.length - 1) })),
      questions,
    };
  };
  const fits = ({ question, passage }: QuestionAnswer) =>
    plain(tokenizer, question).length + plain(tokenizer, passage).length + 3 <= sizes.length;
  const sets = makeQuestions(generator, { train: 2 * sizes.train, test: 2 * sizes.test });
  return {
    train: rowsOf(sets.train.filter(fits).slice(0, sizes.train)),
    test: rowsOf(sets.test.filter(fits).slice(0, sizes.test)),
  };
}
