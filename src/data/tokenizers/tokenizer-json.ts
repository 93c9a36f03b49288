/**
 * `tokenizer.json`, the one file in which Hugging Face keeps a whole tokenizer. We read the three kinds this library
 * has, and refuse what we would get wrong.
 */
import { readText } from "../../tensor";
import { ByteLevelBPE } from "./byte-level-bpe";
import { ClipBPE } from "./clip-bpe";
import { PLAIN_TEMPLATE, type Template, type TemplatePart, type Tokenizer } from "./tokenizer";
import { parseMerge } from "./vocab-files";
import { WordPiece } from "./wordpiece";

interface Component {
  type: string;
  normalizers?: Component[];
  pretokenizers?: Component[];
  lowercase?: boolean;
  strip_accents?: boolean | null;
  clean_text?: boolean;
  handle_chinese_chars?: boolean;
  add_prefix_space?: boolean;
  single?: JsonPart[];
  pair?: JsonPart[];
  cls?: [string, number];
  sep?: [string, number];
}

type JsonPart =
  | { SpecialToken: { id: string; type_id: number } }
  | { Sequence: { id: "A" | "B"; type_id: number } };

interface TokenizerJson {
  added_tokens?: {
    id: number;
    content: string;
    special: boolean;
    lstrip?: boolean;
    rstrip?: boolean;
    single_word?: boolean;
  }[];
  normalizer?: Component | null;
  pre_tokenizer?: Component | null;
  post_processor?: Component | null;
  model?: {
    type?: string;
    vocab: { readonly [token: string]: number };
    merges?: (string | [string, string])[];
    unk_token?: string | null;
    continuing_subword_prefix?: string | null;
    end_of_word_suffix?: string | null;
    max_input_chars_per_word?: number;
    byte_fallback?: boolean;
    ignore_merges?: boolean;
  };
}

/** Load a `tokenizer.json`: BERT's WordPiece, GPT-2's byte-level BPE, or CLIP's BPE. */
export const loadTokenizer = (file: string): Tokenizer => parseTokenizer(readText(file), file);

/** The tokenizer that the text of a `tokenizer.json` describes. */
export function parseTokenizer(text: string, name = "tokenizer.json"): Tokenizer {
  let json: TokenizerJson;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `${name}: expected JSON, got ${JSON.stringify(text.slice(0, 40))}: ${(error as Error).message}`,
    );
  }
  const model = json?.model;
  if (typeof model?.vocab !== "object" || model.vocab === null) {
    throw new Error(`${name}: expected a tokenizer with a model and its vocab; is this another JSON file?`);
  }
  const refuse = (what: string): never => {
    throw new Error(
      `${name}: ${what} is not supported; this library reads BERT's WordPiece, GPT-2's byte-level BPE and CLIP's BPE`,
    );
  };
  const vocab = new Map(Object.entries(model.vocab));
  const specialTokens: string[] = [];
  for (const added of json.added_tokens ?? []) {
    if (!added.special) refuse(`the added token ${JSON.stringify(added.content)} that is not special`);
    if (added.lstrip || added.rstrip || added.single_word) {
      refuse(`the token ${JSON.stringify(added.content)} with lstrip, rstrip or single_word`);
    }
    vocab.set(added.content, added.id);
    specialTokens.push(added.content);
  }
  const template = templateOf(json.post_processor, refuse);
  const preTokenizers = parts(json.pre_tokenizer);

  if (model.type === "WordPiece") {
    const [normalizer] = parts(json.normalizer);
    const isBert =
      normalizer?.type === "BertNormalizer" && normalizer.clean_text && normalizer.handle_chinese_chars;
    if (!isBert) refuse("WordPiece without the BertNormalizer, or with parts of it switched off");
    if (preTokenizers[0]?.type !== "BertPreTokenizer") refuse("WordPiece without the BertPreTokenizer");
    if ((model.continuing_subword_prefix ?? "##") !== "##") refuse("a prefix other than ##");
    const lowercase = normalizer!.lowercase ?? true;
    return new WordPiece(vocab, {
      lowercase,
      stripAccents: normalizer!.strip_accents ?? lowercase,
      specialTokens,
      template,
      unkToken: model.unk_token ?? "[UNK]",
      longestWord: model.max_input_chars_per_word ?? 100,
    });
  }
  if ((model.type ?? "BPE") !== "BPE" || model.merges === undefined) refuse(`a model of type ${model.type}`);
  if (model.byte_fallback || model.ignore_merges) refuse("byte_fallback or ignore_merges");
  if (preTokenizers.at(-1)?.type !== "ByteLevel") refuse("BPE without the ByteLevel pre-tokenizer");
  if (preTokenizers.some((part) => part.add_prefix_space)) refuse("add_prefix_space");
  const merges = model.merges!.map((merge, rank) =>
    typeof merge === "string" ? parseMerge(merge, `${name}, merge ${rank}`) : merge,
  );
  if (model.end_of_word_suffix === "</w>") return new ClipBPE(vocab, merges, { template });
  if (model.end_of_word_suffix || model.continuing_subword_prefix)
    refuse("a prefix or suffix other than CLIP's </w>");
  if (parts(json.normalizer).length > 0 || preTokenizers.length > 1)
    refuse("a normalizer before byte-level BPE");
  return new ByteLevelBPE(vocab, merges, { specialTokens, template });
}

/** A component, or the components of a sequence of them. */
const parts = (component: Component | null | undefined): Component[] =>
  component == null ? [] : (component.normalizers ?? component.pretokenizers ?? [component]);

function templateOf(processor: Component | null | undefined, refuse: (what: string) => never): Template {
  if (processor == null || processor.type === "ByteLevel") return PLAIN_TEMPLATE;
  if (processor.type === "TemplateProcessing") {
    return { single: processor.single!.map(partOf), pair: processor.pair!.map(partOf) };
  }
  const isRoberta = processor.type === "RobertaProcessing";
  if (!isRoberta && processor.type !== "BertProcessing")
    return refuse(`the post-processor ${processor.type}`);
  const cls = { token: processor.cls![0], type: 0 };
  const sep = { token: processor.sep![0], type: 0 };
  const a = { text: 0, type: 0 } as const;
  return {
    single: [cls, a, sep],
    pair: isRoberta
      ? [cls, a, sep, sep, { text: 1, type: 0 }, sep]
      : [cls, a, sep, { text: 1, type: 1 }, { ...sep, type: 1 }],
  };
}

const partOf = (part: JsonPart): TemplatePart =>
  "SpecialToken" in part
    ? { token: part.SpecialToken.id, type: part.SpecialToken.type_id }
    : { text: part.Sequence.id === "A" ? 0 : 1, type: part.Sequence.type_id };
