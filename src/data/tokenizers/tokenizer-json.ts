/**
 * `tokenizer.json`, the one file in which Hugging Face keeps a whole tokenizer. We read the three kinds this library
 * has, and refuse what we would get wrong.
 */
import { brief, check, quoted, readText, refusal } from "../../tensor";
import { ByteLevelBPE } from "./byte-level-bpe";
import { CLIP_SPECIAL_TOKENS, ClipBPE } from "./clip-bpe";
import { PLAIN_TEMPLATE, type Template, type TemplatePart, type Tokenizer } from "./tokenizer";
import { checkTokenizerJson } from "./tokenizer-schema";
import { parseJson, parseMerge } from "./vocab-files";
import { WordPiece } from "./wordpiece";

/** A normalizer, pre-tokenizer, post-processor or decoder; {@link checkTokenizerJson} has seen to its entries. */
interface Component {
  type: string;
  normalizers?: Component[];
  pretokenizers?: Component[];
  lowercase?: boolean;
  strip_accents?: boolean | null;
  clean_text?: boolean;
  handle_chinese_chars?: boolean;
  add_prefix_space?: boolean;
  use_regex?: boolean;
  pattern?: { Regex: string };
  content?: string;
  behavior?: string;
  invert?: boolean;
  single?: JsonPart[];
  pair?: JsonPart[];
  special_tokens?: { readonly [token: string]: unknown };
  cls?: [string, number];
  sep?: [string, number];
  prefix?: string;
  suffix?: string;
  cleanup?: boolean;
}

type JsonPart =
  | { SpecialToken: { id: string; type_id: number } }
  | { Sequence: { id: "A" | "B"; type_id: number } };

interface TokenizerJson {
  added_tokens?: {
    id: number;
    content: string;
    special: boolean;
    lstrip: boolean;
    rstrip: boolean;
    single_word: boolean;
  }[];
  normalizer?: Component | null;
  pre_tokenizer?: Component | null;
  post_processor?: Component | null;
  decoder?: Component | null;
  model: {
    type?: string;
    vocab: { readonly [token: string]: number };
    merges?: (string | [string, string])[];
    dropout?: number | null;
    unk_token?: string | null;
    continuing_subword_prefix?: string | null;
    end_of_word_suffix?: string | null;
    max_input_chars_per_word?: number;
    byte_fallback?: boolean;
    ignore_merges?: boolean;
  };
}

/** Load a `tokenizer.json`: BERT's WordPiece, GPT-2's byte-level BPE, or CLIP's BPE. */
export const loadTokenizer = (file: string): Tokenizer => {
  check("loadTokenizer", "file", file, "text");
  return parseTokenizer(readText(file), file);
};

/** Says what of a file this library does not do. */
type Refuse = (what: string) => never;

/** The tokenizer that the text of a `tokenizer.json` describes. Throws on whatever it would get wrong. */
export function parseTokenizer(text: string, name = "tokenizer.json"): Tokenizer {
  check("parseTokenizer", "text", text, "text");
  check("parseTokenizer", "name", name, "text");
  const json = parseJson(text, name) as TokenizerJson;
  checkTokenizerJson(name, json);
  const refuse: Refuse = (what) => {
    throw refusal(
      name,
      `${what} is not supported`,
      "this library reads BERT's WordPiece, GPT-2's byte-level BPE and CLIP's BPE",
    );
  };
  const { model } = json;
  const vocab = new Map(Object.entries(model.vocab));
  const specialTokens: string[] = [];
  for (const { content, id, special, lstrip, rstrip, single_word } of json.added_tokens ?? []) {
    if (!special) refuse(`the added token ${quoted(content)} that is not special`);
    if (lstrip || rstrip || single_word)
      refuse(`the token ${quoted(content)} with lstrip, rstrip or single_word`);
    const known = vocab.get(content);
    if (specialTokens.includes(content) || (known !== undefined && known !== id))
      throw refusal(name, `the added token ${quoted(content)} has two ids, or stands there twice`);
    vocab.set(content, id);
    specialTokens.push(content);
  }
  const template = templateOf(json.post_processor, vocab, name);
  const normalizers = parts(json.normalizer);
  const preTokenizers = parts(json.pre_tokenizer);
  const decoder = json.decoder ?? undefined;

  if (model.type === "WordPiece") {
    const [normalizer] = normalizers;
    const isBert =
      normalizers.length === 1 &&
      normalizer?.type === "BertNormalizer" &&
      normalizer.clean_text &&
      normalizer.handle_chinese_chars;
    if (!isBert) refuse("WordPiece without the BertNormalizer, or with parts of it switched off");
    if (preTokenizers.length !== 1 || preTokenizers[0]?.type !== "BertPreTokenizer")
      refuse("WordPiece without the BertPreTokenizer");
    if (model.continuing_subword_prefix !== "##") refuse("a prefix other than ##");
    const isUsual = decoder?.type === "WordPiece" && decoder.prefix === "##" && decoder.cleanup;
    if (decoder && !isUsual) refuse("WordPiece with another decoder than its own");
    const lowercase = normalizer!.lowercase!;
    return new WordPiece(vocab, {
      lowercase,
      stripAccents: normalizer!.strip_accents ?? lowercase,
      specialTokens,
      template,
      unkToken: model.unk_token!,
      longestWord: model.max_input_chars_per_word!,
    });
  }
  if (model.byte_fallback || model.ignore_merges || typeof model.dropout === "number")
    refuse("byte_fallback, ignore_merges or dropout");
  const byteLevel = preTokenizers.at(-1);
  if (byteLevel?.type !== "ByteLevel") return refuse("BPE without the ByteLevel pre-tokenizer");
  if (byteLevel.add_prefix_space || byteLevel.use_regex === false)
    refuse("add_prefix_space, or ByteLevel without use_regex,");
  const merges = model.merges!.map((merge, rank) =>
    typeof merge === "string" ? parseMerge(merge, `${name}, merge ${rank}`) : merge,
  );
  if (model.end_of_word_suffix === "</w>") {
    if (!isClip(normalizers, preTokenizers)) refuse("</w> without the normalizer and the splitting of CLIP");
    if (model.continuing_subword_prefix) refuse("a prefix besides CLIP's </w>");
    const others = specialTokens.filter((token) => !CLIP_SPECIAL_TOKENS.includes(token));
    if (others.length > 0) refuse(`the added token ${quoted(others[0]!)} in CLIP's BPE`);
    if (model.unk_token != null && model.unk_token !== CLIP_SPECIAL_TOKENS[1])
      refuse(`the unk_token ${quoted(model.unk_token)} in CLIP's BPE`);
    const isUsual =
      decoder?.type === "ByteLevel" || (decoder?.type === "BPEDecoder" && decoder.suffix === "</w>");
    if (decoder && !isUsual) refuse("CLIP's BPE with another decoder than its own");
    return new ClipBPE(vocab, merges, { template });
  }
  if (model.end_of_word_suffix || model.continuing_subword_prefix)
    refuse("a prefix or suffix other than CLIP's </w>");
  if (normalizers.length > 0 || preTokenizers.length > 1) refuse("a normalizer before byte-level BPE");
  if (decoder && decoder.type !== "ByteLevel") refuse("byte-level BPE with another decoder than its own");
  return new ByteLevelBPE(vocab, merges, { specialTokens, template });
}

/** A component, or the components of a sequence of them. */
const parts = (component: Component | null | undefined): Component[] =>
  component == null ? [] : (component.normalizers ?? component.pretokenizers ?? [component]);

/** Whether text is prepared as ClipBPE does it. */
function isClip(normalizers: readonly Component[], preTokenizers: readonly Component[]): boolean {
  const [, replace] = normalizers;
  const [split] = preTokenizers;
  return (
    normalizers.map(({ type }) => type).join() === "NFC,Replace,Lowercase" &&
    replace?.pattern?.Regex === "\\s+" &&
    replace.content === " " &&
    preTokenizers.map(({ type }) => type).join() === "Split,ByteLevel" &&
    split?.pattern?.Regex.replace("<\\|startoftext\\|>|<\\|endoftext\\|>|", "") ===
      "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" &&
    split.behavior === "Removed" &&
    split.invert === true
  );
}

function templateOf(
  processor: Component | null | undefined,
  vocab: ReadonlyMap<string, number>,
  name: string,
): Template {
  const at = `${name}.post_processor`;
  if (processor == null || processor.type === "ByteLevel") return PLAIN_TEMPLATE;
  /** The token, if the file gives it the id that it has. */
  const known = (token: string, id: unknown): string => {
    if (vocab.has(token) && vocab.get(token) === id) return token;
    throw refusal(
      at,
      `${quoted(token)} should have the id ${vocab.get(token)} of the vocabulary, got ${brief(id)}`,
    );
  };
  if (processor.type === "TemplateProcessing") {
    const partOf = (part: JsonPart): TemplatePart => {
      if ("Sequence" in part) return { text: part.Sequence.id === "A" ? 0 : 1, type: part.Sequence.type_id };
      const { id: token, type_id: type } = part.SpecialToken;
      const specials = processor.special_tokens!;
      const meant = (Object.hasOwn(specials, token) ? specials[token] : undefined) as
        | { ids?: unknown }
        | undefined;
      const ids: unknown = meant?.ids;
      return { token: known(token, Array.isArray(ids) && ids.length === 1 ? ids[0] : ids), type };
    };
    const template = { single: processor.single!.map(partOf), pair: processor.pair!.map(partOf) };
    const texts = (list: readonly TemplatePart[]) =>
      list.flatMap((part) => ("text" in part ? [part.text] : [])).join();
    if (texts(template.single) !== "0" || texts(template.pair) !== "0,1")
      throw refusal(at, "expected A once in single, and A and then B once in pair");
    return template;
  }
  const cls = { token: known(...processor.cls!), type: 0 };
  const sep = { token: known(...processor.sep!), type: 0 };
  const a = { text: 0, type: 0 } as const;
  return {
    single: [cls, a, sep],
    pair:
      processor.type === "RobertaProcessing"
        ? [cls, a, sep, sep, { text: 1, type: 0 }, sep]
        : [cls, a, sep, { text: 1, type: 1 }, { ...sep, type: 1 }],
  };
}
