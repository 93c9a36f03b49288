import { say } from "../../notebook";
import { isRecord } from "../inputs";
import type { Cell } from "../slicing";

/** A cell of a notebook as it was handed in. */
/** What could be read of a notebook's file, and what an instructor should know of it. */
export interface Read {
  readonly cells: readonly Cell[];
  readonly notes: readonly string[];
}

/** A file that is no notebook, however kindly it is read. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

/** A notebook larger than this is not read: the largest of the course, with all its pictures, has a twentieth of that. */
export const LARGEST = 128 * 1024 * 1024;
/** More cells than this nobody has written. */
const MOST_CELLS = 5000;

/**
 * The cells of a notebook, of whatever format and however damaged in what does not matter here: outputs and metadata are
 * not looked at, cells that are none are left out with a note.
 * @throws Unreadable with the reason as a sentence.
 */
export function readNotebook(bytes: Uint8Array): Read {
  const notes: string[] = [];
  if (bytes.length > LARGEST) throw new Unreadable(tooLarge(bytes.length));
  const text = decoded(bytes, notes);
  if (text.trim() === "") throw new Unreadable(say({ en: "the file is empty", ru: "файл пуст" }));
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    const isCut = !/[\]}]\s*$/.test(text);
    const why = (error as Error).message.split("\n")[0];
    throw new Unreadable(
      say({
        en: `it is no notebook: no valid JSON${isCut ? ", its end is missing" : ""} (${why})`,
        ru: `это не тетрадь: JSON с ошибкой${isCut ? ", конца файла нет" : ""} (${why})`,
      }),
    );
  }
  if (!isRecord(found))
    throw new Unreadable(
      say({
        en: "it is no notebook: the JSON in it is no object",
        ru: "это не тетрадь: JSON в файле — не объект",
      }),
    );
  const list = cellsOf(found);
  if (list === null)
    throw new Unreadable(
      say({
        en: "it is no notebook: it has no list of cells",
        ru: "это не тетрадь: в файле нет списка ячеек",
      }),
    );
  if (list.length > MOST_CELLS)
    throw new Unreadable(
      say({
        en: `it has ${list.length} cells; no notebook has more than ${MOST_CELLS}`,
        ru: `ячеек ${list.length}; больше ${MOST_CELLS} в тетради не бывает`,
      }),
    );
  if (found.nbformat !== 4) notes.push(formatNote(found.nbformat));
  const cells = list.flatMap((one, index) => cellOf(one, index) ?? []);
  const lost = list.length - cells.length;
  if (lost > 0)
    notes.push(
      say({
        en: `${lost} of ${list.length} cells are no cells of a notebook; left out`,
        ru: `не ячейки тетради: ${lost} из ${list.length}; они пропущены`,
      }),
    );
  return { cells, notes };
}

/** Why a file of so many bytes is not read. */
export const tooLarge = (bytes: number): string =>
  say({
    en: `the file has ${Math.round(bytes / 2 ** 20)} MiB, too many to read`,
    ru: `в файле ${Math.round(bytes / 2 ** 20)} МиБ: слишком много, чтобы читать`,
  });

/** UTF-8, or what its byte order mark says. */
function decoded(bytes: Uint8Array, notes: string[]): string {
  const [a, b] = bytes;
  const wide = a === 0xff && b === 0xfe ? "utf-16le" : a === 0xfe && b === 0xff ? "utf-16be" : null;
  if (wide) notes.push(say({ en: "the file is written in UTF-16", ru: "файл записан в UTF-16" }));
  try {
    return new TextDecoder(wide ?? "utf-8", { fatal: true }).decode(bytes);
  } catch {
    notes.push(
      say({ en: "the file holds bytes that are no text", ru: "в файле есть байты, которые не текст" }),
    );
    return new TextDecoder(wide ?? "utf-8").decode(bytes);
  }
}

/** In format 4 under `cells`; before, in sheets. */
function cellsOf({ cells, worksheets }: Record<string, unknown>): readonly unknown[] | null {
  if (Array.isArray(cells)) return cells;
  if (!Array.isArray(worksheets)) return null;
  return worksheets.flatMap((sheet) => (isRecord(sheet) && Array.isArray(sheet.cells) ? sheet.cells : []));
}

function formatNote(format: unknown): string {
  const isKnown = typeof format === "number";
  return say({
    en: `the notebook's format is ${isKnown ? format : "not said, or no number"}; read as it is`,
    ru: `формат тетради ${isKnown ? format : "не назван числом"}; она прочитана как есть`,
  });
}

function cellOf(one: unknown, index: number): Cell | null {
  if (!isRecord(one)) return null;
  const { cell_type: kind, id, metadata } = one;
  // Before format 4 a code cell's text was its input, and a heading was a cell of its own.
  const text = textOf(one.source ?? one.input);
  const type = kind === "heading" ? "markdown" : kind;
  if (text === null || (type !== "code" && type !== "markdown" && type !== "raw")) return null;
  const nbgrader = isRecord(metadata) && isRecord(metadata.nbgrader) ? metadata.nbgrader.grade_id : undefined;
  const ids = [id, nbgrader].filter((name): name is string => typeof name === "string");
  return { index, type, ids, text };
}

function textOf(source: unknown): string | null {
  const text =
    Array.isArray(source) && source.every((line) => typeof line === "string") ? source.join("") : source;
  return typeof text === "string" ? text.replace(/\r\n?/g, "\n").replace(/^\ufeff/, "") : null;
}
