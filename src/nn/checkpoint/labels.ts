import {
  binaryCrossEntropyWithLogits,
  checkTensor,
  crossEntropy,
  mseLoss,
  type Tensor,
} from "../../autograd";
import { check, type NDArray } from "../../tensor";

/** What a configuration says of a classifier's classes. */
export interface LabelConfig {
  readonly num_labels?: number;
  /** Transformers writes the labels' names instead of their number. */
  readonly id2label?: Readonly<Record<string, string>>;
  readonly problem_type?: "single_label_classification" | "multi_label_classification" | "regression" | null;
}

/** How many classes a configuration speaks of; 2 when it says nothing, as transformers. */
export function labelCount(config: LabelConfig): number {
  check("labelCount", "config", config, "object");
  const { num_labels, id2label } = config;
  return num_labels ?? (id2label ? Object.keys(id2label).length : 2);
}

/**
 * The loss of a classifier's logits (B, L), as `problem_type` says: labels are class ids (B), zeros and ones (B, L) for
 * several labels at once, or numbers (B, L) for regression. Where it says nothing, as transformers: regression when
 * there is one label, else by the labels' type, whole numbers or not.
 */
export function labelLoss(config: LabelConfig, logits: Tensor, labels: NDArray): Tensor {
  check("labelLoss", "config", config, "object");
  checkTensor("labelLoss", logits);
  check("labelLoss", "labels", labels, "array");
  const guess = labels.dtype.startsWith("float")
    ? "multi_label_classification"
    : "single_label_classification";
  const kind = config.problem_type ?? (logits.shape[1] === 1 ? "regression" : guess);
  if (kind === "single_label_classification") return crossEntropy(logits, labels);
  const target = labels.to(logits.dtype);
  if (kind === "multi_label_classification") return binaryCrossEntropyWithLogits(logits, target);
  return mseLoss(logits.reshape(target.shape), target);
}
