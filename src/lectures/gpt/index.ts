export { exercises } from "./exercises";
export { type GenerateOptions, GPT, type GPTForwardOptions, type GPTOptions, type GPTOutput } from "./model";
export { type SamplingOptions, sampleToken } from "./sampling";
