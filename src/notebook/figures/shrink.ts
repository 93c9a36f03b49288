import type { Panel } from "./matrix-layout";

/** More cells than this along an axis are neither seen nor worth sending. */
const limit = 256;

/** `panel` with at most 256 rows and columns: means over blocks, and a note that says which. */
export function shrink(panel: Panel): { panel: Panel; note: string } {
  const { rows, columns, values } = panel;
  const [tall, wide] = [Math.ceil(rows / limit), Math.ceil(columns / limit)];
  if (tall === 1 && wide === 1) return { panel, note: "" };
  const [newRows, newColumns] = [Math.ceil(rows / tall), Math.ceil(columns / wide)];
  const means = new Float64Array(newRows * newColumns);
  for (let row = 0; row < newRows; row++) {
    for (let column = 0; column < newColumns; column++) {
      let [sum, count] = [0, 0];
      for (let r = row * tall; r < Math.min(rows, (row + 1) * tall); r++) {
        for (let c = column * wide; c < Math.min(columns, (column + 1) * wide); c++) {
          sum += values[r * columns + c];
          count++;
        }
      }
      means[row * newColumns + column] = sum / count;
    }
  }
  const firstOf = (labels: readonly string[] | undefined, length: number, block: number) =>
    Array.from({ length }, (_, i) => labels?.[i * block] ?? String(i * block));
  return {
    panel: {
      ...panel,
      rows: newRows,
      columns: newColumns,
      values: means,
      rowLabels: firstOf(panel.rowLabels, newRows, tall),
      columnLabels: firstOf(panel.columnLabels, newColumns, wide),
    },
    note: `${rows} × ${columns} values; each cell is the mean of ${tall} × ${wide}`,
  };
}
