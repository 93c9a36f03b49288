import { crossEntropy } from "../../../autograd";
import { pretrained, type Recording } from "../../../data";
import { Generator, manualSeed } from "../../../tensor";
import { brownDocuments, brownTokenizer } from "../brown-text";
import { alignLabels } from "../exercises/align-labels";
import { bestSpan } from "../exercises/best-span";
import { encodePair } from "../exercises/encode-pair";
import { accuracy, fineTune } from "../finetune";
import {
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
} from "../heads";
import { smallBert } from "../pretrain";
import { startSmall } from "../start";
import {
  kindTask,
  nextSentenceTask,
  opinionTask,
  type QuestionRows,
  questionTask,
  type Rows,
  type Task,
  taggingTask,
} from "../tasks";

/** Shares of right answers on the test of one task. */
export interface HeadResult {
  readonly task: string;
  readonly pretrained: number;
  readonly scratch: number;
  readonly baseline: number;
}

const inputs = ({ mask, segments }: Pick<Rows, "mask" | "segments">) => ({
  attentionMask: mask,
  tokenTypeIds: segments,
});

/** The body of `model`, pretrained or fresh. */
function prepare<
  Model extends BertForQuestionAnswering | BertForSequenceClassification | BertForTokenClassification,
>(model: Model, isPretrained: boolean): Model {
  startSmall(model);
  if (isPretrained) {
    const body = [...pretrained("bert").tensors].flatMap(([name, array]) =>
      name.startsWith("bert.") ? [[name.slice("bert.".length), array] as const] : [],
    );
    model.bert.loadStateDict(new Map(body));
  }
  return model;
}

function classified(task: Task, isPretrained: boolean, seed: number): number {
  manualSeed(seed);
  const config = { ...smallBert, num_labels: task.classes.length };
  const model = prepare(new BertForSequenceClassification(config), isPretrained);
  const logits = (rows: Rows) => model.forward(rows.ids, inputs(rows)).logits;
  fineTune(model, task.train, (rows) => crossEntropy(logits(rows), rows.labels), { steps: 150, seed });
  return accuracy(model, task.test, logits);
}

function tagged(task: Task, isPretrained: boolean, seed: number): number {
  manualSeed(seed);
  const config = { ...smallBert, num_labels: task.classes.length };
  const model = prepare(new BertForTokenClassification(config), isPretrained);
  const logits = (rows: Rows) => model.forward(rows.ids, inputs(rows)).logits;
  const loss = (rows: Rows) => crossEntropy(logits(rows).flatten(0, 1), rows.labels.flatten());
  fineTune(model, task.train, loss, { steps: 200, lr: 1e-3, seed });
  return accuracy(model, task.test, logits);
}

function answered(
  { train, test }: { train: QuestionRows; test: QuestionRows },
  isPretrained: boolean,
  seed: number,
): number {
  manualSeed(seed);
  const model = prepare(new BertForQuestionAnswering(smallBert), isPretrained);
  const loss = (rows: QuestionRows) =>
    model.forward(rows.ids, { ...inputs(rows), startPositions: rows.starts, endPositions: rows.ends }).loss!;
  fineTune(model, train, loss, { steps: 500, lr: 1e-3, seed });
  const { startLogits, endLogits } = model.forward(test.ids, inputs(test));
  const right = test.passages.filter((passage, i) => {
    const [starts, ends] = [startLogits, endLogits].map(({ data }) => data.select(0, i));
    const { start, end } = bestSpan(starts, ends, { ...passage, longest: 12 });
    return start === test.starts.get([i]) && end === test.ends.get([i]);
  });
  return right.length / test.passages.length;
}

/** The lecture's heads, pretrained and from scratch, as `npm run record -- bert-heads` runs them. */
export const recording: Recording<HeadResult[]> = {
  says: "Four heads on the lecture's BERT, pretrained or fresh, and players without a network",
  seeds: [1, 2, 3],
  run(seed, log) {
    const documents = brownDocuments();
    const tokenizer = brownTokenizer(documents.train);
    const pairs = { train: 6000, test: 1000, length: 64 };
    const both = (task: string, baseline: number, run: (isPretrained: boolean) => number): HeadResult => {
      const result = { task, pretrained: run(true), scratch: run(false), baseline };
      log(JSON.stringify(result));
      return result;
    };
    const classifiers = [
      nextSentenceTask(tokenizer, encodePair, documents, pairs, new Generator(seed)),
      kindTask(tokenizer, encodePair, { ...pairs, length: 16 }, new Generator(seed)),
      opinionTask(tokenizer, { train: 2400, test: 600, length: 48 }, new Generator(seed)),
    ];
    const tags = taggingTask(
      tokenizer,
      alignLabels,
      documents,
      { train: 2000, test: 500, length: 48 },
      new Generator(seed),
    );
    const questions = questionTask(
      tokenizer,
      encodePair,
      { train: 12_000, test: 400, length: 64 },
      new Generator(seed),
    );
    return [
      ...classifiers.map((task) =>
        both(task.name, task.baseline, (isPretrained) => classified(task, isPretrained, seed)),
      ),
      both(tags.name, tags.baseline, (isPretrained) => tagged(tags, isPretrained, seed)),
      // Who knows only which kind of answer is asked for has two to choose from.
      both("question answering", 0.5, (isPretrained) => answered(questions, isPretrained, seed)),
    ];
  },
};
