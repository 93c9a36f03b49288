import { checkList, expected, expectedKind, hasLength, words } from "../tensor";
import { asDataset, checkIndex, type Dataset, type DatasetLike } from "./dataset";

/** The samples of several datasets one after another: `new ConcatDataset([train, more])`. */
export class ConcatDataset<T> implements Dataset<T>, Iterable<T> {
  readonly datasets: readonly Dataset<T>[];
  /** Where each dataset ends. */
  readonly cumulativeSizes: readonly number[];
  readonly length: number;

  constructor(datasets: readonly DatasetLike<T>[]) {
    checkList("ConcatDataset", datasets, "a list of datasets, as in new ConcatDataset([a, b])");
    if (datasets.length === 0)
      throw expected("ConcatDataset", "at least one dataset", words("an empty list"));
    this.datasets = datasets.map((dataset) => {
      if (typeof dataset === "object" && hasLength(dataset) && Number.isInteger(dataset.length))
        return asDataset(dataset);
      throw expectedKind(
        "ConcatDataset",
        "lists of samples, or datasets with length and get(index)",
        dataset,
      );
    });
    let end = 0;
    this.cumulativeSizes = this.datasets.map((dataset) => (end += dataset.length));
    this.length = end;
  }

  get(index: number): T {
    checkIndex("ConcatDataset", index, this.length);
    const which = this.cumulativeSizes.findIndex((end) => index < end);
    return this.datasets[which]!.get(index - (this.cumulativeSizes[which - 1] ?? 0));
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const dataset of this.datasets) for (let i = 0; i < dataset.length; i++) yield dataset.get(i);
  }
}
