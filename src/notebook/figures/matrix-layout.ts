import { formatNumber, largest } from "../numbers";
import { shortened, textWidth, titleWidth, widest } from "./svg";

/** A matrix to be drawn as coloured cells. */
export interface Panel {
  readonly title: string;
  readonly rows: number;
  readonly columns: number;
  /** Row-major, `rows × columns`. */
  readonly values: ArrayLike<number>;
  readonly rowLabels?: readonly string[];
  readonly columnLabels?: readonly string[];
}

/** Names of the two axes and how many panels stand side by side. */
export interface MatrixLayoutOptions {
  readonly title: string;
  readonly note: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly panelColumns: number;
  /** Numbers beside the colour bar, to leave room for them. */
  readonly barLabels: readonly string[];
}

/** Where a label stands: at the middle of a cell. */
export interface CellLabel {
  readonly cell: number;
  readonly label: string;
}

/** A panel in place, in pixels. */
export interface PlacedPanel {
  readonly panel: Panel;
  readonly x: number;
  readonly y: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly rowLabels: readonly CellLabel[];
  readonly columnLabels: readonly CellLabel[];
  readonly turned: boolean;
}

export interface MatrixLayout {
  readonly width: number;
  readonly height: number;
  readonly panels: readonly PlacedPanel[];
  readonly bar: { readonly x: number; readonly y: number; readonly height: number };
}

export const labelSize = 11;
const gap = 18;

/**
 * Places panels in a grid not wider than a notebook's column. Cells are squares, unless the matrix is so long
 * that squares would be threads.
 */
export function layoutMatrix(panels: readonly Panel[], options: MatrixLayoutOptions): MatrixLayout {
  const across = Math.min(options.panelColumns, panels.length);
  const down = Math.ceil(panels.length / across);
  const [first] = panels;
  const rowNames = labelsOf(first.rowLabels, first.rows, 30);
  const columnNames = labelsOf(first.columnLabels, first.columns, 16);
  const rowRoom = largest(rowNames.map((name) => textWidth(name, labelSize))) + 10;
  const barRoom = 40 + largest(options.barLabels.map((one) => textWidth(one, 10)));
  const left = 12 + (options.yTitle ? 18 : 0) + rowRoom;
  const top = 12 + (options.title ? 24 : 0) + (options.note ? 18 : 0);
  const panelTitle = panels.some(({ title }) => title) ? 20 : 0;

  const roomAcross = (widest - left - barRoom - (across - 1) * gap) / across;
  const tallest = down === 1 ? 500 : 380;
  let cellWidth = Math.min(40, roomAcross / first.columns);
  let cellHeight = Math.min(40, tallest / first.rows);
  if (Math.max(cellWidth, cellHeight) <= 4 * Math.min(cellWidth, cellHeight)) {
    cellWidth = cellHeight = Math.min(cellWidth, cellHeight);
  }
  cellWidth = Math.max(cellWidth, 48 / first.columns);
  cellHeight = Math.max(cellHeight, 24 / first.rows);

  const widestName = largest(columnNames.map((name) => textWidth(name, labelSize)));
  const turned = first.columnLabels !== undefined && widestName > cellWidth - 2;
  const columnRoom = turned ? 10 + widestName * 0.75 : 18;
  const panelWidth = cellWidth * first.columns;
  const panelHeight = cellHeight * first.rows;
  // Tokens are written under every row of panels only if a row of panels would else end without them.
  const placed = panels.map((panel, index): PlacedPanel => {
    const [row, column] = [Math.floor(index / across), index % across];
    const lowest = index + across >= panels.length;
    return {
      panel,
      x: left + column * (panelWidth + gap),
      y: top + panelTitle + row * (panelHeight + panelTitle + gap),
      cellWidth,
      cellHeight,
      turned,
      rowLabels: column === 0 ? cellLabels(rowNames, cellHeight, labelSize + 2) : [],
      columnLabels: lowest ? cellLabels(columnNames, cellWidth, turned ? labelSize + 2 : widestName + 6) : [],
    };
  });
  const gridHeight = down * (panelHeight + panelTitle) + (down - 1) * gap;
  const gridWidth = across * panelWidth + (across - 1) * gap;
  return {
    width: Math.max(
      left + gridWidth + barRoom,
      textWidth(options.note, 11) + 28,
      titleWidth(options.title),
      220,
    ),
    height: top + gridHeight + columnRoom + (options.xTitle ? 20 : 0) + 10,
    panels: placed,
    bar: {
      x: left + gridWidth + 14,
      y: top + panelTitle,
      height: Math.max(60, Math.min(gridHeight - panelTitle, 260)),
    },
  };
}

function labelsOf(names: readonly string[] | undefined, length: number, most: number): string[] {
  if (names) return names.map((name) => shortened(name, most));
  return Array.from({ length }, (_, i) => formatNumber(i));
}

/** As many of `names` as fit when each needs `room` pixels: every one, or every 2nd, 5th, 10th, … */
function cellLabels(names: readonly string[], cell: number, room: number): CellLabel[] {
  const steps = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500];
  const every = steps.find((step) => step * cell >= room) ?? names.length;
  return names.flatMap((label, i) => (i % every === 0 ? [{ cell: i, label }] : []));
}
