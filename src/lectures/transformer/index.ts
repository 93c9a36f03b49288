export { exercises } from "./exercises";
export type { Hypothesis } from "./exercises/beam-search";
export type { BlockParts } from "./exercises/encoder-block";
export type { TranslationScores } from "./recorded/translation";
export { Translator, type TranslatorOptions } from "./translator";
