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
export { makeQuestions, type QuestionAnswer, type QuestionSets } from "./questions";
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
