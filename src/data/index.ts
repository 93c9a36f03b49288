export { ByteLevelBPE, type ByteLevelBPETrainOptions } from "./tokenizers/byte-level-bpe";
export { CharTokenizer, type CharTokenizerOptions } from "./tokenizers/char";
export type {
  DecodeOptions,
  EncodeOptions,
  Template,
  TemplatePart,
  Token,
  Tokenizer,
} from "./tokenizers/tokenizer";
