import { brief, expected, quoted, refusal, words } from "../../tensor";

/**
 * What a `tokenizer.json` may hold, entry by entry, for the kinds of tokenizers that this library has. An entry that is
 * not listed here is refused: it may change what the tokenizer does.
 */

/** Throws, naming the place `at`, unless `x` is what it should be. */
type Check = (at: string, x: unknown) => void;

const check =
  (what: string, fits: (x: unknown) => boolean): Check =>
  (at, x) => {
    if (!fits(x)) throw expected(at, what, words(brief(x)));
  };

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && !Array.isArray(x);
const isId = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0;

const flag = check("true or false", (x) => typeof x === "boolean");
const text = check("a text", (x) => typeof x === "string");
const token = check("a token, a text that is not empty", (x) => typeof x === "string" && x !== "");
const id = check("a whole number >= 0", isId);
const record = check("an object", isRecord);
const orNull =
  (inner: Check): Check =>
  (at, x) => {
    if (x !== null) inner(at, x);
  };
/** May be left out. */
const optional = (inner: Check): Check & { optional: true } =>
  Object.assign<Check, { optional: true }>((at, x) => inner(at, x), { optional: true });

const list =
  (inner: Check): Check =>
  (at, x) => {
    if (!Array.isArray(x)) throw expected(at, "a list", words(brief(x)));
    x.forEach((item, i) => {
      inner(`${at}[${i}]`, item);
    });
  };

const pair =
  (first: Check, second: Check): Check =>
  (at, x) => {
    if (!Array.isArray(x) || x.length !== 2) throw expected(at, "a list of two", words(brief(x)));
    first(`${at}[0]`, x[0]);
    second(`${at}[1]`, x[1]);
  };

/** An object with these entries and no others. */
const fields =
  (entries: Readonly<Record<string, Check>>): Check =>
  (at, x) => {
    if (!isRecord(x)) throw expected(at, "an object", words(brief(x)));
    for (const key of Object.keys(x)) {
      if (!Object.hasOwn(entries, key))
        throw refusal(
          at,
          `the entry ${quoted(key)} is not known`,
          `there are ${Object.keys(entries).join(", ")}`,
        );
    }
    for (const [key, inner] of Object.entries(entries)) {
      if (Object.hasOwn(x, key)) inner(`${at}.${key}`, x[key]);
      else if (!("optional" in inner)) throw refusal(at, `the entry ${key} is missing`);
    }
  };

/** An object whose `type` says which entries it has. */
const typed =
  (what: string, kinds: Readonly<Record<string, Readonly<Record<string, Check>>>>): Check =>
  (at, x) => {
    if (!isRecord(x) || typeof x.type !== "string")
      throw expected(at, "an object with a type", words(brief(x)));
    if (!Object.hasOwn(kinds, x.type)) throw refusal(at, `the ${what} ${quoted(x.type)} is not supported`);
    fields({ type: text, ...kinds[x.type] })(at, x);
  };

const byteLevel = { add_prefix_space: flag, trim_offsets: flag, use_regex: optional(flag) };
const pattern = fields({ Regex: text });

// (A sequence within a sequence is none of ours.)
const normalizers = {
  BertNormalizer: {
    clean_text: flag,
    handle_chinese_chars: flag,
    strip_accents: optional(orNull(flag)),
    lowercase: flag,
  },
  NFC: {},
  Lowercase: {},
  Replace: { pattern, content: text },
};
const normalizer = typed("normalizer", {
  ...normalizers,
  Sequence: { normalizers: list(typed("normalizer", normalizers)) },
});

const preTokenizers = {
  BertPreTokenizer: {},
  ByteLevel: byteLevel,
  Split: { pattern, behavior: text, invert: flag },
};
const preTokenizer = typed("pre-tokenizer", {
  ...preTokenizers,
  Sequence: { pretokenizers: list(typed("pre-tokenizer", preTokenizers)) },
});

const templatePart: Check = (at, x) => {
  const kinds = {
    SpecialToken: fields({ id: token, type_id: id }),
    Sequence: fields({ id: check('"A" or "B"', (x) => x === "A" || x === "B"), type_id: id }),
  };
  const [key] = isRecord(x) && Object.keys(x).length === 1 ? Object.keys(x) : [];
  if (key !== "SpecialToken" && key !== "Sequence")
    throw expected(at, "{ SpecialToken } or { Sequence }", words(brief(x)));
  kinds[key](`${at}.${key}`, (x as Record<string, unknown>)[key]);
};

const ends = { cls: pair(token, id), sep: pair(token, id) };
const postProcessor = typed("post-processor", {
  ByteLevel: byteLevel,
  BertProcessing: ends,
  RobertaProcessing: { ...ends, trim_offsets: flag, add_prefix_space: flag },
  TemplateProcessing: { single: list(templatePart), pair: list(templatePart), special_tokens: record },
});

const decoder = typed("decoder", {
  ByteLevel: byteLevel,
  WordPiece: { prefix: text, cleanup: flag },
  BPEDecoder: { suffix: text },
});

const ids: Check = (at, x) => {
  if (!isRecord(x)) throw expected(at, "an object from tokens to ids", words(brief(x)));
  for (const [name, number] of Object.entries(x)) {
    if (!isId(number)) throw expected(at, `a whole number >= 0 for ${quoted(name)}`, words(brief(number)));
  }
};

const merge: Check = (at, x) => {
  if (typeof x !== "string") pair(token, token)(at, x);
};

const models: Readonly<Record<string, Check>> = {
  WordPiece: fields({
    type: text,
    vocab: ids,
    unk_token: token,
    continuing_subword_prefix: text,
    max_input_chars_per_word: check("a whole number >= 1", (x) => isId(x) && (x as number) >= 1),
  }),
  BPE: fields({
    type: optional(text),
    vocab: ids,
    merges: list(merge),
    dropout: optional(orNull(check("a number", (x) => typeof x === "number"))),
    unk_token: optional(orNull(token)),
    continuing_subword_prefix: optional(orNull(text)),
    end_of_word_suffix: optional(orNull(text)),
    fuse_unk: optional(flag),
    byte_fallback: optional(flag),
    ignore_merges: optional(flag),
  }),
};

const tokenizer = fields({
  version: optional(text),
  truncation: optional(orNull(record)),
  padding: optional(orNull(record)),
  added_tokens: optional(
    list(
      fields({
        id,
        content: token,
        single_word: flag,
        lstrip: flag,
        rstrip: flag,
        normalized: flag,
        special: flag,
      }),
    ),
  ),
  normalizer: optional(orNull(normalizer)),
  pre_tokenizer: optional(orNull(preTokenizer)),
  post_processor: optional(orNull(postProcessor)),
  decoder: optional(orNull(decoder)),
  model: record,
});

/** Throws, naming the file and the place in it, unless `json` is a tokenizer of one of our kinds in all its entries. */
export function checkTokenizerJson(name: string, json: unknown): void {
  const model: unknown = isRecord(json) ? json.model : undefined;
  if (!isRecord(model) || !isRecord(model.vocab))
    throw refusal(name, "expected a tokenizer with a model and its vocab", "is this another JSON file?");
  const type = model.type ?? "BPE";
  if (typeof type !== "string" || !Object.hasOwn(models, type))
    throw refusal(name, `a model of type ${typeof type === "string" ? type : brief(type)} is not supported`);
  tokenizer(name, json);
  models[type](`${name}.model`, model);
}
