import { describe, expected, expectedKind, frozenCopy, isList, quoted, refusal, words } from "../../tensor";
import { cutSpecial, specialPattern } from "./special";

/** A piece of text that is one token, and where it stood. */
export interface Token {
  id: number;
  token: string;
  /** `text.slice(start, end)` is what the token was made from (UTF-16 units, as all JavaScript strings count). */
  start: number;
  end: number;
}

export interface EncodeOptions {
  /** Put the model's special tokens around the text, e.g. `[CLS] ... [SEP]`. Default true. */
  addSpecialTokens?: boolean;
}

export interface DecodeOptions {
  /** Leave special tokens out of the text. Default false, so that `decode(encode(text))` keeps everything. */
  skipSpecialTokens?: boolean;
}

export interface TokenizeOptions {
  /** Read no further than the word that reaches this many tokens: the start of a book need not cost a book. */
  readAtMost?: number;
}

/** Text to ids and back. Special tokens written in a text are recognised as such. */
export interface Tokenizer {
  /** One more than the largest id: the number of rows an embedding needs. */
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  /** What the model wants around one text, and around a pair. */
  readonly template: Template;
  encode(text: string, options?: EncodeOptions): number[];
  /** The tokens of `text` with their places; nothing is added around them. */
  tokenize(text: string, options?: TokenizeOptions): Token[];
  decode(ids: Iterable<number>, options?: DecodeOptions): string;
  /** The text as the vocabulary sees it: cleaned, lower-cased, or unchanged. Special tokens in it are text here. */
  normalize(text: string): string;
  /** The normalized text cut into words, each of which becomes tokens by itself. */
  words(text: string): string[];
  tokenToId(token: string): number | undefined;
  idToToken(id: number): string | undefined;
}

/** A place in a template: a special token by name, or the first (0) or second (1) text; and its type id. */
export type TemplatePart = { token: string; type: number } | { text: 0 | 1; type: number };

export interface Template {
  single: readonly TemplatePart[];
  pair: readonly TemplatePart[];
}

/** Nothing around the text; a second text follows the first. */
export const PLAIN_TEMPLATE: Template = {
  single: [{ text: 0, type: 0 }],
  pair: [
    { text: 0, type: 0 },
    { text: 1, type: 1 },
  ],
};

/** A run of ids together with the places of their tokens, if anyone asked for the places. */
export class TokenSink {
  readonly ids: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  /** `origin` is where the segment being tokenized starts; `start` and `end` count from there. */
  origin = 0;

  constructor(
    readonly wantsPlaces: boolean,
    private readonly limit: number,
  ) {}

  /** To be asked before each word. */
  get isFull(): boolean {
    return this.ids.length >= this.limit;
  }

  push(id: number, start: number, end: number): void {
    this.ids.push(id);
    if (!this.wantsPlaces) return;
    this.starts.push(this.origin + start);
    this.ends.push(this.origin + end);
  }
}

/** Ids that no token has, beyond as many as there are tokens: an id of 4 billion is not a vocabulary of 4 billion. */
const MOST_UNUSED = 1000;

/** The vocabulary; throws when it is no Map. */
export function checkVocab(vocab: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const isMap: boolean = vocab instanceof Map; // not narrowed, or what came could not be described
  if (!isMap) throw expectedKind("tokenizer", "a Map from tokens to ids", vocab);
  return vocab;
}

/** What all tokenizers share: the vocabulary, cutting out special tokens, the template, checking ids. */
export abstract class VocabularyTokenizer implements Tokenizer {
  readonly vocab: ReadonlyMap<string, number>;
  readonly template: Template;
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  private readonly tokens: (string | undefined)[] = [];
  private readonly pattern: RegExp | undefined;
  private readonly specialIds: ReadonlySet<number>;

  constructor(
    vocab: ReadonlyMap<string, number>,
    specialTokens: readonly string[],
    template: Template = PLAIN_TEMPLATE,
  ) {
    this.vocab = new Map(checkVocab(vocab));
    this.template = frozenCopy(template);
    const limit = 2 * vocab.size + MOST_UNUSED;
    for (const [token, id] of vocab) {
      if (typeof token !== "string" || !Number.isInteger(id) || id < 0) {
        throw expected("tokenizer", "ids 0, 1, 2, ...", words(`${describe(id)} for ${describe(token)}`));
      }
      if (id >= limit) {
        throw expected(
          "tokenizer",
          `ids 0, 1, 2, ... with few gaps for ${vocab.size} tokens`,
          words(`${id} for ${quoted(token)}`),
        );
      }
      if (this.tokens[id] !== undefined) {
        const both = `${quoted(this.tokens[id]!)} and ${quoted(token)}`;
        throw refusal("tokenizer", `${both} have the same id ${id}`, "every token needs its own");
      }
      this.tokens[id] = token;
    }
    this.vocabSize = this.tokens.length;
    this.specialTokens = new Map(
      specialTokens.map((token) => {
        const id = vocab.get(token);
        if (id === undefined || token === "") {
          throw refusal("tokenizer", `the special token ${describe(token)} is not in the vocabulary`);
        }
        return [token, id];
      }),
    );
    this.specialIds = new Set(this.specialTokens.values());
    this.pattern = specialPattern(specialTokens);
  }

  encode(text: string, { addSpecialTokens = true }: EncodeOptions = {}): number[] {
    const { ids } = this.run("encode", text, new TokenSink(false, Number.POSITIVE_INFINITY));
    if (!addSpecialTokens) return ids;
    return this.template.single.flatMap((part) => ("token" in part ? [this.idOfSpecial(part.token)] : ids));
  }

  tokenize(text: string, { readAtMost = Number.POSITIVE_INFINITY }: TokenizeOptions = {}): Token[] {
    const { ids, starts, ends } = this.run("tokenize", text, new TokenSink(true, readAtMost));
    return ids.map((id, i) => ({ id, token: this.tokens[id]!, start: starts[i]!, end: ends[i]! }));
  }

  decode(ids: Iterable<number>, { skipSpecialTokens = false }: DecodeOptions = {}): string {
    if (typeof ids !== "object" || ids === null || !(Symbol.iterator in ids)) {
      const hint =
        typeof ids === "object" && ids !== null && "toArray" in ids ? "its flat() is one" : undefined;
      throw expectedKind("decode", "a list of ids", ids, hint);
    }
    const kept: number[] = [];
    for (const id of ids) {
      if (this.tokens[id] === undefined) {
        throw expected("decode", `ids below ${this.vocabSize}, the size of the vocabulary`, id);
      }
      if (!(skipSpecialTokens && this.specialIds.has(id))) kept.push(id);
    }
    return this.join(kept);
  }

  tokenToId(token: string): number | undefined {
    return this.vocab.get(token);
  }

  idToToken(id: number): string | undefined {
    return this.tokens[id];
  }

  normalize(text: string): string {
    return text;
  }

  abstract words(text: string): string[];

  /** Tokenize text without special tokens in it, into `sink`. */
  protected abstract encodeSegment(text: string, sink: TokenSink): void;

  /** The text of ids that are known to be valid. */
  protected abstract join(ids: readonly number[]): string;

  protected isSpecial(id: number): boolean {
    return this.specialIds.has(id);
  }

  private idOfSpecial(token: string): number {
    const id = this.vocab.get(token);
    if (id === undefined)
      throw refusal("encode", `the template needs ${token}, which is not in the vocabulary`);
    return id;
  }

  private run(caller: string, text: string, sink: TokenSink): TokenSink {
    if (typeof text !== "string") {
      const remedy = isList(text) ? "encode the texts one by one, or use encodeBatch" : undefined;
      throw expectedKind(caller, "a string", words(isList(text) ? "an array" : typeof text), remedy);
    }
    for (const segment of cutSpecial(text, this.pattern)) {
      if (sink.isFull) break;
      sink.origin = segment.start;
      if (segment.special) sink.push(this.specialTokens.get(segment.text)!, 0, segment.text.length);
      else this.encodeSegment(segment.text, sink);
    }
    return sink;
  }
}
