export { exercises } from "./exercises";
export {
  BertForMaskedLM,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  type ClassifierConfig,
} from "./heads";
export { type BertConfig, type BertInputs, BertModel, type BertOutput, bertBase } from "./model";
export { makeQuestions, type QuestionAnswer, type QuestionSets } from "./questions";
