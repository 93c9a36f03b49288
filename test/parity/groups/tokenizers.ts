import { join } from "node:path";
import {
  ByteLevelBPE,
  ClipBPE,
  type Encoding,
  encodeInput,
  loadTokenizer,
  padEncodings,
  type TextInput,
  type Tokenizer,
  WordPiece,
} from "../../../src/data";
import type { Mismatch } from "../compare";
import { type CaseResult, readJson, runCase } from "../fixture";

/** One text or pair; which field means what, the manifest explains. */
interface TokenizerCase {
  readonly tag: string;
  readonly text: string;
  readonly pair?: string;
  readonly ids: readonly number[];
  readonly [field: string]: unknown;
}

interface Shown {
  readonly ids: readonly number[];
  readonly type_ids: readonly number[];
  readonly attention_mask: readonly number[];
  readonly overflowing?: readonly Shown[];
}

interface Batch {
  readonly inputs: readonly (string | [string, string])[];
  readonly truncation: {
    readonly max_length: number;
    readonly strategy?: keyof typeof strategies;
    readonly stride?: number;
  } | null;
  readonly padding: {
    readonly pad_token: string;
    readonly length?: number;
    readonly pad_to_multiple_of?: number;
    readonly direction?: "left" | "right";
  } | null;
  readonly encodings: readonly Shown[];
}

interface Manifest {
  readonly versions: { readonly tokenizers: string };
  readonly tokenizers: Readonly<
    Record<
      string,
      {
        readonly folder: string;
        readonly cases_file: string;
        readonly vocab_size: number;
        readonly special_ids: Readonly<Record<string, number>>;
        readonly config: { readonly lowercase?: boolean };
      }
    >
  >;
}

const strategies = {
  longest_first: "longestFirst",
  only_first: "onlyFirst",
  only_second: "onlySecond",
} as const;

/** How each kind is made from its vocabulary files. */
const fromFiles: Readonly<Record<string, (folder: string, config: { lowercase?: boolean }) => Tokenizer>> = {
  wordpiece: (folder, { lowercase }) => WordPiece.fromFile(join(folder, "vocab.txt"), { lowercase }),
  bytelevel_bpe: (folder) => ByteLevelBPE.fromFiles(join(folder, "vocab.json"), join(folder, "merges.txt")),
  clip_bpe: (folder) => ClipBPE.fromFiles(join(folder, "vocab.json"), join(folder, "merges.txt")),
};

/** Every text and batch, once with the tokenizer of `tokenizer.json` and once with that of the vocabulary files. */
export function runTokenizers(folder: string): CaseResult[] {
  const { tokenizers, versions } = readJson<Manifest>(folder, "manifest.json");
  return Object.entries(tokenizers).flatMap(([kind, about]) => {
    const group = `tokenizers/${kind}`;
    const make = fromFiles[kind];
    if (!make) {
      const error = `expected a tokenizer of ${Object.keys(fromFiles).join(", ")}, got "${kind}"`;
      return [{ group, id: "all", mismatches: [], error }];
    }
    const { cases, batches } = readJson<{ cases: TokenizerCase[]; batches: Batch[] }>(
      folder,
      about.cases_file,
    );
    const both: [string, () => Tokenizer][] = [
      ["tokenizer.json", once(() => loadTokenizer(join(folder, about.folder, "tokenizer.json")))],
      ["vocabulary files", once(() => make(join(folder, about.folder), about.config))],
    ];
    const withBoth = (id: string, differ: (tokenizer: Tokenizer) => (Mismatch | null)[]) =>
      runCase(group, id, () =>
        both.flatMap(([from, tokenizer]) =>
          differ(tokenizer()).map((m) => m && { ...m, tensor: `${m.tensor} (from ${from})` }),
        ),
      );
    return [
      withBoth("vocabulary", (tokenizer) => [
        same("vocab_size", tokenizer.vocabSize, about.vocab_size),
        ...Object.entries(about.special_ids).map(([token, id]) =>
          same(token, tokenizer.specialTokens.get(token), id),
        ),
      ]),
      ...cases.map((c, i) => withBoth(`${i} ${c.tag}`, (tokenizer) => compareCase(tokenizer, c))),
      ...batches.map((b, i) =>
        withBoth(`batch ${i}`, (tokenizer) => compareBatch(tokenizer, b, versions.tokenizers)),
      ),
    ];
  });
}

function compareCase(tokenizer: Tokenizer, c: TokenizerCase): (Mismatch | null)[] {
  const { tag, text, pair, ...fields } = c;
  const texts = pair === undefined ? [text] : [text, pair];
  const encoding = encodeInput(tokenizer, pair === undefined ? text : [text, pair]);
  const types = sequenceOf(tokenizer, encoding, texts.length);
  const got: Readonly<Record<string, () => unknown>> = {
    tokens: () => encoding.ids.map((id) => tokenizer.idToToken(id)),
    ids: () => encoding.ids,
    type_ids: () => encoding.typeIds,
    special_tokens_mask: () => encoding.specialTokensMask,
    offsets: () =>
      encoding.tokens.map((token, i) => {
        if (!token) return [0, 0];
        const places = codePoints(texts[types[i]]);
        return [places[token.start], places[token.end]];
      }),
    decoded: () => tokenizer.decode(c.ids, { skipSpecialTokens: true }),
    decoded_with_special: () => tokenizer.decode(c.ids),
    ids_no_special: () => tokenizer.encode(text, { addSpecialTokens: false }),
    normalized: () => tokenizer.normalize(text),
    pre_tokens: () => tokenizer.words(text),
  };
  return Object.entries(fields).map(([field, expected]) => {
    if (!got[field]) throw new Error(`unknown field "${field}"`);
    return same(field, got[field](), expected);
  });
}

function compareBatch(tokenizer: Tokenizer, batch: Batch, version: string): (Mismatch | null)[] {
  const { inputs, truncation, padding, encodings } = batch;
  const { max_length: maxLength, stride = 0, strategy = "longest_first" } = truncation ?? {};
  const cut = truncation && {
    maxLength,
    stride,
    truncation: strategies[strategy],
    // tokenizers 0.23.2 stops reading at the limit, so that it knows fewer further windows; others read on.
    ...(version === "0.23.2" && { readAtMost: maxLength }),
  };
  const single = inputs.map((input) => encodeInput(tokenizer, input as TextInput, cut ?? {}));
  const padded = padding
    ? padEncodings(tokenizer, single, {
        padding: padding.length ?? "longest",
        padToMultipleOf: padding.pad_to_multiple_of ?? 1,
        paddingSide: padding.direction ?? "right",
        padToken: padding.pad_token,
      })
    : single;
  return [same("encodings", padded.map(show), encodings)];
}

const show = (encoding: Encoding): Shown => ({
  ids: encoding.ids,
  type_ids: encoding.typeIds,
  attention_mask: encoding.attentionMask,
  ...(encoding.overflowing.length > 0 && { overflowing: encoding.overflowing.map(show) }),
});

/** For every token of an encoding, which text it came from: the template tells where the first ends. */
function sequenceOf(tokenizer: Tokenizer, { tokens }: Encoding, count: number): number[] {
  const { template } = tokenizer;
  const parts = count === 1 ? template.single : template.pair;
  const before = parts.findIndex((part) => "text" in part && part.text === 1);
  if (count === 1 || before < 0) return tokens.map(() => 0);
  // The second text is what stands between the special tokens of the end.
  const after = parts.length - 1 - before;
  let start = tokens.length - after;
  while (start > 0 && tokens[start - 1] !== null) start--;
  return tokens.map((_, i) => (i >= start ? 1 : 0));
}

/** For every place in UTF-16 units the number of code points before it. */
function codePoints(text: string): number[] {
  const places: number[] = [];
  let count = 0;
  for (const char of text) {
    for (let i = 0; i < char.length; i++) places.push(count);
    count++;
  }
  return [...places, count];
}

/** null if both are equal as JSON, else the first place where they are not. */
function same(
  tensor: string,
  got: unknown,
  expected: unknown,
  index: readonly number[] = [],
): Mismatch | null {
  if (Array.isArray(got) && Array.isArray(expected) && got.length === expected.length) {
    for (let i = 0; i < got.length; i++) {
      const found = same(tensor, got[i], expected[i], [...index, i]);
      if (found) return found;
    }
    return null;
  }
  const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
  if (a === b) return null;
  return {
    tensor,
    index,
    got: a ?? "nothing",
    expected: b,
    maxAbs: Number.NaN,
    maxRel: Number.NaN,
    wrong: "all",
  };
}

/** The same object at every call, made at the first. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
