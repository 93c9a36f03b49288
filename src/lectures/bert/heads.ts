import { crossEntropy, type Tensor } from "../../autograd";
import {
  activation,
  activationOf,
  Dropout,
  type Embedding,
  type LabelConfig,
  LayerNorm,
  Linear,
  labelCount,
  labelLoss,
  Module,
  type Parameter,
  parameter,
} from "../../nn";
import { check, checkArray, checkOptions, dims, type NDArray, zeros } from "../../tensor";
import {
  BertBody,
  type BertConfig,
  type BertInputs,
  type BertOutput,
  BertPooler,
  BertPretrained,
  inputKinds,
} from "./model";

/** Four tasks on one body, as in figure 4 of the paper, and the two it was pre-trained on. */

interface Labelled extends BertInputs {
  readonly labels?: NDArray;
}

const labelledKinds = { ...inputKinds, labels: "array" } as const;

type Predicted = BertOutput & { readonly logits: Tensor; readonly loss?: Tensor };

/** Which word stands here? (B, T, C) → (B, T, V): a dense layer, a norm, then the word table itself, turned round. */
class WordPrediction extends Module {
  readonly dense: Linear;
  readonly norm: LayerNorm;
  readonly bias: Parameter;
  readonly bend: (x: Tensor) => Tensor;
  /** Kept out of the walk: the table belongs to the body. */
  readonly #table: () => Embedding;

  constructor(config: Required<BertConfig>, table: () => Embedding) {
    super();
    this.dense = new Linear(config.hidden_size, config.hidden_size);
    this.norm = new LayerNorm(config.hidden_size, { eps: config.layer_norm_eps });
    this.bias = parameter(zeros([config.vocab_size]));
    this.bend = activation(activationOf(config.hidden_act));
    this.#table = table;
  }

  forward(hidden: Tensor): Tensor {
    const x = this.norm.forward(this.bend(this.dense.forward(hidden)));
    return x.matmul(this.#table().weight.transpose()).add(this.bias);
  }
}

/** Guess the masked words. Labels (B, T): the word's id where it was hidden, −100 elsewhere. */
export class BertForMaskedLM extends BertPretrained {
  readonly bert: BertBody;
  readonly words: WordPrediction;

  constructor(config?: BertConfig) {
    super(config);
    this.bert = new BertBody(this.full);
    this.words = new WordPrediction(this.full, () => this.bert.embeddings.words);
  }

  forward(ids: NDArray, options: Labelled = {}): Predicted {
    checkOptions("BertForMaskedLM", options, "labels, attentionMask", labelledKinds);
    const { labels, ...inputs } = options;

    const output = this.bert.forward(ids, inputs);
    const logits = this.words.forward(output.lastHiddenState);
    return {
      ...output,
      logits,
      ...(labels && { loss: crossEntropy(logits.flatten(0, 1), labels.flatten()) }),
    };
  }
}

/** Both tasks of pre-training: masked words, and whether the second sentence follows the first (label 0: it does). */
export class BertForPreTraining extends BertPretrained {
  readonly bert: BertBody;
  readonly pooler: BertPooler;
  readonly words: WordPrediction;
  readonly nextSentence: Linear;

  constructor(config?: BertConfig) {
    super(config);
    this.bert = new BertBody(this.full);
    this.pooler = new BertPooler(this.full.hidden_size);
    this.words = new WordPrediction(this.full, () => this.bert.embeddings.words);
    this.nextSentence = new Linear(this.full.hidden_size, 2);
  }

  forward(ids: NDArray, options: Labelled & { nextSentenceLabel?: NDArray } = {}) {
    checkOptions("BertForPreTraining", options, "labels, attentionMask", {
      ...labelledKinds,
      nextSentenceLabel: "array",
    });
    const { labels, nextSentenceLabel, ...inputs } = options;

    const output = this.bert.forward(ids, inputs);
    const predictionLogits = this.words.forward(output.lastHiddenState);
    const seqRelationshipLogits = this.nextSentence.forward(this.pooler.forward(output.lastHiddenState));
    const loss =
      labels &&
      nextSentenceLabel &&
      crossEntropy(predictionLogits.flatten(0, 1), labels.flatten()).add(
        crossEntropy(seqRelationshipLogits, nextSentenceLabel),
      );
    return { ...output, predictionLogits, seqRelationshipLogits, loss };
  }
}

export interface ClassifierConfig extends BertConfig, LabelConfig {
  readonly classifier_dropout?: number | null;
}

/**
 * One answer for a sentence or a pair of sentences, from the pooled [CLS]. Labels: (B) class ids; (B, L) zeros and
 * ones for several labels at once; (B, L) numbers for regression.
 */
export class BertForSequenceClassification extends BertPretrained {
  readonly bert: BertBody;
  readonly pooler: BertPooler;
  readonly dropout: Dropout;
  readonly classifier: Linear;

  declare readonly config: ClassifierConfig;

  constructor(config: ClassifierConfig = {}) {
    super(config);
    this.bert = new BertBody(this.full);
    this.pooler = new BertPooler(this.full.hidden_size);
    this.dropout = new Dropout(config.classifier_dropout ?? this.full.hidden_dropout_prob);
    this.classifier = new Linear(this.full.hidden_size, labelCount(config));
  }

  forward(ids: NDArray, options: Labelled = {}): Predicted {
    checkArray("BertForSequenceClassification", ids);

    checkOptions("BertForSequenceClassification", options, "labels, attentionMask", labelledKinds);
    const { labels, ...inputs } = options;

    const output = this.bert.forward(ids, inputs);
    const logits = this.classifier.forward(this.dropout.forward(this.pooler.forward(output.lastHiddenState)));
    return { ...output, logits, ...(labels && { loss: labelLoss(this.config, logits, labels) }) };
  }
}

/** A label for every token (B, T): names, parts of speech. −100 counts for nothing. */
export class BertForTokenClassification extends BertPretrained {
  readonly bert: BertBody;
  readonly dropout: Dropout;
  readonly classifier: Linear;

  declare readonly config: ClassifierConfig;

  constructor(config: ClassifierConfig = {}) {
    super(config);
    this.bert = new BertBody(this.full);
    this.dropout = new Dropout(config.classifier_dropout ?? this.full.hidden_dropout_prob);
    this.classifier = new Linear(this.full.hidden_size, labelCount(config));
  }

  forward(ids: NDArray, options: Labelled = {}): Predicted {
    checkArray("BertForTokenClassification", ids);

    checkOptions("BertForTokenClassification", options, "labels, attentionMask", labelledKinds);
    const { labels, ...inputs } = options;

    const output = this.bert.forward(ids, inputs);
    const logits = this.classifier.forward(this.dropout.forward(output.lastHiddenState));
    return {
      ...output,
      logits,
      ...(labels && { loss: crossEntropy(logits.flatten(0, 1), labels.flatten()) }),
    };
  }
}

/** Where in the text does the answer start and end? Two scores per token; positions (B) beyond the text are left out. */
export class BertForQuestionAnswering extends BertPretrained {
  readonly bert: BertBody;
  readonly span: Linear;

  constructor(config?: BertConfig) {
    super(config);
    check("BertForQuestionAnswering", "config", config, "object");

    this.bert = new BertBody(this.full);
    this.span = new Linear(this.full.hidden_size, 2);
  }

  forward(ids: NDArray, options: BertInputs & { startPositions?: NDArray; endPositions?: NDArray } = {}) {
    checkOptions("BertForQuestionAnswering", options, "attentionMask, tokenTypeIds", {
      ...inputKinds,
      startPositions: "array",
      endPositions: "array",
    });
    const { startPositions, endPositions, ...inputs } = options;

    const { T } = dims("BertForQuestionAnswering", ids.shape, "B T");
    const output = this.bert.forward(ids, inputs);
    const scores = this.span.forward(output.lastHiddenState);
    const startLogits = scores.select(2, 0);
    const endLogits = scores.select(2, 1);
    const at = (positions: NDArray) => positions.clamp(0, T);
    const loss =
      startPositions &&
      endPositions &&
      crossEntropy(startLogits, at(startPositions), { ignoreIndex: T })
        .add(crossEntropy(endLogits, at(endPositions), { ignoreIndex: T }))
        .div(2);
    return { ...output, startLogits, endLogits, loss };
  }
}
