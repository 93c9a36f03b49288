export {
  BROWN_GENRES,
  type BrownDocument,
  type BrownGenre,
  type BrownOptions,
  type BrownSentence,
  readBrown,
} from "./brown";
export { brownText, documentText } from "./brown-text";
export { type Collated, collate, type PadOptions, padSequences } from "./collate";
export { ConcatDataset } from "./concat";
export { type OptionalName, optional } from "./course/optional";
export {
  type Metric,
  type Pretrained,
  type Pretraining,
  pretrained,
  type Trained,
} from "./course/pretrained";
export { type RecordedRun, type Recording, recorded } from "./course/recorded";
export {
  type Dataset,
  type DatasetLike,
  randomSplit,
  type SplitOptions,
  Subset,
  splitDocuments,
  TensorDataset,
  type TrainValidation,
} from "./dataset";
export {
  EMOJI_GROUPS,
  type Emoji,
  type EmojiGroup,
  type EmojiOptions,
  emojiSvg,
  type RenderEmojiOptions,
  readEmoji,
  renderEmoji,
  splitEmoji,
} from "./emoji";
export { cutOutEmoji } from "./emoji-cut-out";
export { EMOJI_STYLES, type EmojiStyle } from "./emoji-drawings";
export { type EmojiName, readEmojiNames } from "./emoji-names";
export { type ChemicalElement, type Country, readCountries, readElements } from "./facts";
export { FASHION_CLASSES, type FashionOptions, readFashion } from "./fashion";
export { DataLoader, type DataLoaderOptions, type LoaderState, type Sampler } from "./loader";
export { type LabelledImages, type MnistOptions, readMnist } from "./mnist";
export {
  type EncodeDocumentsOptions,
  encodeDocuments,
  NextTokenDataset,
  type NextTokenOptions,
  type NextTokenSample,
} from "./next-token";
export { type NumberLanguage, numberWords } from "./number-words";
export { WeightedRandomSampler } from "./sampler";
export {
  SCENE_LIGHTS,
  SCENE_RELATIONS,
  type SceneGroupSpec,
  type SceneLight,
  type SceneRelation,
  type SceneSpec,
  sceneCaption,
  sceneKey,
} from "./scene-words";
export {
  type RandomSceneOptions,
  type ReadScenesOptions,
  readScenes,
  type Scene,
  type SceneGroup,
  type SceneObject,
  type SceneSource,
} from "./scenes";
export { type OpinionSentence, readOpinions } from "./sentiment";
export { SOUND_KINDS, SOUND_RATE, type SoundKind, type SoundOptions, soundEffect } from "./sounds";
export { ByteLevelBPE, type ByteLevelBPETrainOptions } from "./tokenizers/byte-level-bpe";
export { CharTokenizer, type CharTokenizerOptions } from "./tokenizers/char";
export { CLIP_TEMPLATE, ClipBPE, type ClipBPETrainOptions } from "./tokenizers/clip-bpe";
export {
  type EncodedBatch,
  type Encoding,
  encodeBatch,
  encodeInput,
  type PaddingOptions,
  padEncodings,
  type TextInput,
  type TruncateOptions,
} from "./tokenizers/encoding";
export type {
  DecodeOptions,
  EncodeOptions,
  Template,
  TemplatePart,
  Token,
  TokenizeOptions,
  Tokenizer,
} from "./tokenizers/tokenizer";
export { loadTokenizer, parseTokenizer } from "./tokenizers/tokenizer-json";
export {
  BERT_SPECIAL_TOKENS,
  BERT_TEMPLATE,
  WordPiece,
  type WordPieceOptions,
  type WordPieceTrainOptions,
} from "./tokenizers/wordpiece";
export { type NounConcept, readNouns } from "./wordnet";
