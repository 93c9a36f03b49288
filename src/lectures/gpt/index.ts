export { exercises } from "./exercises";
export type { Past } from "./exercises/attend-with-cache";
export type { CountedWord } from "./exercises/merge-once";
export { type GPT2Config, type GPT2Inputs, GPT2LMHeadModel, type GPT2Output, gpt2Small } from "./gpt2";
export {
  forbidRepeatedNgrams,
  keepMinP,
  keepTopK,
  keepTopP,
  penalizeRepetition,
  withTemperature,
} from "./logits";
export { type GenerateOptions, GPT, type GPTForwardOptions, type GPTOptions, type GPTOutput } from "./model";
export { pretrainedGPT } from "./pretrain";
export { PROMPT_TASKS, type PromptFact, type PromptTask, PromptWords, promptFacts } from "./prompts";
export type { ScalingPoint } from "./recorded/scaling";
export { type SamplingOptions, sampleToken } from "./sampling";
