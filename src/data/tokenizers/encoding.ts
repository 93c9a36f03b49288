import {
  check,
  checkMethods,
  checkOptions,
  expected,
  expectedKind,
  fromStorage,
  isList,
  type NDArray,
  refusal,
  words,
} from "../../tensor";
import type { Template, Token, Tokenizer } from "./tokenizer";

/** A text, or a pair such as question and passage. */
export type TextInput = string | readonly [first: string, second: string];

/** Everything a model wants to know about one text or pair; all lists have the same length. */
export interface Encoding {
  ids: number[];
  /** 0 for the first text, 1 for the second (BERT's segments). */
  typeIds: number[];
  /** 1 for a token, 0 for padding. */
  attentionMask: number[];
  /** 1 for what the template or the padding added. */
  specialTokensMask: number[];
  /** The token with its place in its text; null for what was added. */
  tokens: (Token | null)[];
  /** Further windows of a text that did not fit. */
  overflowing: Encoding[];
}

export interface TruncateOptions {
  /** Tokens that may remain, special tokens included. Default: no limit. */
  maxLength?: number;
  /** Where a pair loses tokens. Default "longestFirst". */
  truncation?: "longestFirst" | "onlyFirst" | "onlySecond";
  /** Tokens that neighbouring windows of a long text share. Default 0. */
  stride?: number;
  /** Default true. */
  addSpecialTokens?: boolean;
  /**
   * Read no further in a text than the word that reaches this many tokens, so `overflowing` covers only that much.
   * Default: everything. (Hugging Face's tokenizers 0.23.2 reads at most `maxLength`; 0.22 and 0.23.3 read everything.)
   */
  readAtMost?: number;
}

export interface PaddingOptions {
  /** "longest": as long as the longest of the batch; a number: this long. Longer ones stay as they are. Default "longest". */
  padding?: "longest" | number;
  padToMultipleOf?: number;
  /** Default "right". */
  paddingSide?: "left" | "right";
  /** Default: the first of `[PAD]`, `<pad>` and `<|endoftext|>` that the tokenizer has. */
  padToken?: string;
}

/** What the options of this file may be; a batch hands all of them on. */
const optionKinds = {
  maxLength: "count",
  truncation: ["longestFirst", "onlyFirst", "onlySecond"],
  stride: "count",
  addSpecialTokens: "boolean",
  readAtMost: "number",
  padding: "any",
  padToMultipleOf: "size",
  paddingSide: ["left", "right"],
  padToken: "text",
} as const;

const encodingKinds = {
  ids: "numbers",
  typeIds: "numbers",
  attentionMask: "numbers",
  specialTokensMask: "numbers",
  tokens: "list",
  overflowing: "objects",
} as const;
const lists = Object.keys(encodingKinds);

const checkTokenizer = (op: string, tokenizer: unknown): void =>
  checkMethods(op, "a tokenizer", tokenizer, ["tokenize", "tokenToId"]);

/** One text or pair with its masks, cut to `maxLength`. */
export function encodeInput(tokenizer: Tokenizer, input: TextInput, options: TruncateOptions = {}): Encoding {
  checkTokenizer("encodeInput", tokenizer);
  checkOptions("encodeInput", options, "maxLength: 128", optionKinds);

  const { addSpecialTokens = true, maxLength } = options;
  const texts = typeof input === "string" ? [input] : input;
  const isInput = isList(texts) && (texts.length === 1 || texts.length === 2);
  if (!isInput || !texts.every((text) => typeof text === "string"))
    throw expectedKind("encodeInput", "a text, or a pair of texts", input);
  const sequences = texts.map((text) => tokenizer.tokenize(text, options));
  const parts = sequences.length === 1 ? tokenizer.template.single : tokenizer.template.pair;
  const template = addSpecialTokens ? parts : parts.filter((part) => "text" in part);
  const added = template.filter((part) => "token" in part).length;
  const limits = lengthsWithin(sequences, maxLength === undefined ? undefined : maxLength - added, options);
  const [first, second = [[]]] = sequences.map((tokens, i) =>
    windows(tokens, limits[i]!, options.stride ?? 0),
  );
  const fill = (a: Token[], b: Token[]) => fillTemplate(tokenizer, template, [a, b]);
  const result = fill(first![0]!, second[0]!);
  for (const a of first!.slice(1)) for (const b of second) result.overflowing.push(fill(a, b));
  for (const b of second.slice(1)) result.overflowing.push(fill(first![0]!, b));
  return result;
}

/** How many tokens of each sequence may stay. */
function lengthsWithin(
  sequences: readonly Token[][],
  room: number | undefined,
  { truncation = "longestFirst" }: TruncateOptions,
): number[] {
  const lengths = sequences.map((tokens) => tokens.length);
  if (room === undefined) return lengths;
  if (room < 0) throw refusal("encodeInput", "maxLength leaves no room for the special tokens", "raise it");
  const excess = lengths.reduce((sum, length) => sum + length, 0) - room;
  if (excess <= 0) return lengths;
  if (truncation !== "longestFirst") {
    const target = truncation === "onlyFirst" ? 0 : 1;
    if ((lengths[target] ?? 0) <= excess) {
      throw refusal(
        "encodeInput",
        `${truncation} would have to drop ${excess} tokens of a text with ${lengths[target] ?? 0}`,
        'raise maxLength or use truncation "longestFirst"',
      );
    }
    return lengths.map((length, i) => (i === target ? length - excess : length));
  }
  if (lengths.length === 1) return [room];
  const short = Math.min(...lengths);
  const half = Math.floor(room / 2);
  // The longer text gives first; when both are too long they share the room, and the longer gets the odd token.
  const [least, most] = 2 * short > room ? [half, room - half] : [short, room - short];
  return lengths[0]! > lengths[1]! ? [most, least] : [least, most];
}

/** A sequence in windows of `length` tokens, neighbours sharing `stride` of them. */
function windows(tokens: Token[], length: number, stride: number): Token[][] {
  if (tokens.length <= length) return [tokens];
  if (length === 0) return [[], tokens];
  if (!Number.isInteger(stride) || stride < 0 || stride >= length) {
    throw expected("encodeInput", `a stride from 0 to ${length - 1}, below the window's length`, stride);
  }
  const result: Token[][] = [];
  for (let start = 0; ; start += length - stride) {
    result.push(tokens.slice(start, start + length));
    if (start + length >= tokens.length) return result;
  }
}

function fillTemplate(
  tokenizer: Tokenizer,
  template: Template["single"],
  texts: readonly Token[][],
): Encoding {
  const out: Encoding = {
    ids: [],
    typeIds: [],
    attentionMask: [],
    specialTokensMask: [],
    tokens: [],
    overflowing: [],
  };
  const push = (id: number, type: number, token: Token | null): void => {
    out.ids.push(id);
    out.typeIds.push(type);
    out.attentionMask.push(1);
    out.specialTokensMask.push(token === null ? 1 : 0);
    out.tokens.push(token);
  };
  for (const part of template) {
    if ("token" in part) {
      const id = tokenizer.tokenToId(part.token);
      if (id === undefined)
        throw refusal("encode", `the template needs ${part.token}, which is not in the vocabulary`);
      push(id, part.type, null);
    } else for (const token of texts[part.text]!) push(token.id, part.type, token);
  }
  return out;
}

/** Encodings of equal length; the padding has attention 0. */
export function padEncodings(
  tokenizer: Tokenizer,
  encodings: readonly Encoding[],
  options: PaddingOptions = {},
): Encoding[] {
  checkTokenizer("padEncodings", tokenizer);
  check("padEncodings", "encodings", encodings, "objects");
  for (const encoding of encodings)
    checkOptions("padEncodings", encoding, "ids, attentionMask", encodingKinds, lists);
  checkOptions("padEncodings", options, 'padding: "longest"', optionKinds);

  const { padding = "longest", padToMultipleOf = 1, paddingSide = "right" } = options;
  const longest =
    padding === "longest" ? encodings.reduce((most, { ids }) => Math.max(most, ids.length), 0) : padding;
  if (padding !== "longest") check("padEncodings", "padding", padding, "count", 'or "longest"');
  const length = Math.ceil(longest / padToMultipleOf) * padToMultipleOf;
  const everything = encodings.flatMap((encoding) => [encoding, ...encoding.overflowing]);
  const padId = everything.some(({ ids }) => ids.length < length) ? padIdOf(tokenizer, options.padToken) : 0;
  const padList = <T>(list: readonly T[], value: T): T[] => {
    const gap = new Array<T>(Math.max(0, length - list.length)).fill(value);
    return paddingSide === "left" ? [...gap, ...list] : [...list, ...gap];
  };
  const pad = (encoding: Encoding): Encoding => ({
    ids: padList(encoding.ids, padId),
    typeIds: padList(encoding.typeIds, 0),
    attentionMask: padList(encoding.attentionMask, 0),
    specialTokensMask: padList(encoding.specialTokensMask, 1),
    tokens: padList(encoding.tokens, null),
    overflowing: encoding.overflowing.map(pad),
  });
  return encodings.map(pad);
}

function padIdOf(tokenizer: Tokenizer, padToken: string | undefined): number {
  const names = padToken === undefined ? ["[PAD]", "<pad>", "<|endoftext|>"] : [padToken];
  for (const name of names) {
    const id = tokenizer.tokenToId(name);
    if (id !== undefined) return id;
  }
  throw refusal(
    "padEncodings",
    `the tokenizer has no token ${names.join(" or ")}`,
    "name one of its tokens as padToken",
  );
}

export interface EncodedBatch {
  /** (B, T), int32. */
  ids: NDArray;
  /** (B, T), int32. */
  typeIds: NDArray;
  /** (B, T), int32: 1 for a token, 0 for padding. */
  attentionMask: NDArray;
  /** The rows, with the places of their tokens. */
  encodings: Encoding[];
}

/** Several texts or pairs as a model takes them: cut, padded to equal length, stacked. */
export function encodeBatch(
  tokenizer: Tokenizer,
  inputs: readonly TextInput[],
  options: TruncateOptions & PaddingOptions = {},
): EncodedBatch {
  checkTokenizer("encodeBatch", tokenizer);
  check("encodeBatch", "inputs", inputs, "list");

  if (inputs.length === 0) throw expected("encodeBatch", "at least one text", words("none"));
  const encodings = padEncodings(
    tokenizer,
    inputs.map((input) => encodeInput(tokenizer, input, options)),
    options,
  );
  const T = encodings[0]!.ids.length;
  const odd = encodings.find(({ ids }) => ids.length !== T);
  if (odd !== undefined) {
    throw refusal(
      "encodeBatch",
      `rows of ${T} and ${odd.ids.length} tokens make no array`,
      'set maxLength, or use padding "longest"',
    );
  }
  const rows = (field: "ids" | "typeIds" | "attentionMask"): NDArray =>
    fromStorage(Int32Array.from(encodings.flatMap((encoding) => encoding[field])), [encodings.length, T]);
  return { ids: rows("ids"), typeIds: rows("typeIds"), attentionMask: rows("attentionMask"), encodings };
}
