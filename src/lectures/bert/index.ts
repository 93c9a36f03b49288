export { brownDocuments, brownTokenizer, sentenceText, textRows } from "./brown-text";
export { exercises } from "./exercises";
export { accuracy, type FineTuneOptions, fineTune, predict, rowsAt } from "./finetune";
export {
  BertForMaskedLM,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  type ClassifierConfig,
} from "./heads";
export { type BertConfig, type BertInputs, BertModel, type BertOutput, bertBase } from "./model";
export { smallBert } from "./pretrain";
export { makeQuestions, type QuestionAnswer, type QuestionSets } from "./questions";
export type { HeadResult } from "./recorded/heads";
export { startSmall } from "./start";
export {
  kindTask,
  nextSentenceTask,
  opinionTask,
  pairRows,
  type QuestionRows,
  questionTask,
  type Rows,
  singleRows,
  type Task,
  type TaskSizes,
  taggingTask,
  wordClasses,
  wordClassOf,
} from "./tasks";
