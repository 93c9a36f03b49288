/** What a configuration says of a classifier's classes. */
export interface LabelConfig {
  readonly num_labels?: number;
  /** Transformers writes the labels' names instead of their number. */
  readonly id2label?: Readonly<Record<string, string>>;
}

/** How many classes a configuration speaks of; 2 when it says nothing, as transformers. */
export const labelCount = ({ num_labels, id2label }: LabelConfig): number =>
  num_labels ?? (id2label ? Object.keys(id2label).length : 2);
