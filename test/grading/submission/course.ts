/** Notebooks that students might hand in, made of the course's own. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Answer,
  type CourseNotebooks,
  createCompiler,
  type Extracted,
  extract,
  readNotebook,
} from "../../../src/grading/submission";

export const root = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

export interface JsonCell {
  id?: string;
  cell_type: string;
  metadata: Record<string, unknown>;
  source: string | string[];
  outputs?: unknown[];
}
export interface JsonNotebook {
  cells: JsonCell[];
  metadata: object;
  nbformat: number;
  nbformat_minor: number;
}

const read = (file: string): JsonNotebook =>
  JSON.parse(readFileSync(`${root}/notebooks/${file}.ipynb`, "utf8"));

export const textOf = ({ source }: JsonCell): string => (Array.isArray(source) ? source.join("") : source);

/** The lecture's notebook as students get it; `solved`: with the course's own answers. */
export function notebook(name: string, { solved = true } = {}): JsonNotebook {
  const nb = read(name);
  if (!solved) return nb;
  for (const cell of read(`solutions/${name}`).cells)
    if (/-answer$/.test(cell.id ?? "")) cellOf(nb, cell.id!).source = cell.source;
  return nb;
}

export function cellOf(nb: JsonNotebook, id: string): JsonCell {
  const found = nb.cells.find((cell) => cell.id === id);
  if (!found) throw new Error(`there is no cell ${id}`);
  return found;
}

export const code = (source: string, more: Partial<JsonCell> = {}): JsonCell => ({
  ...{ cell_type: "code", metadata: {}, source, outputs: [] },
  ...more,
});

/** Puts cells in front of the one of that id. */
export function insertBefore(nb: JsonNotebook, id: string, ...cells: JsonCell[]): void {
  nb.cells.splice(nb.cells.indexOf(cellOf(nb, id)), 0, ...cells);
}

const ids: Record<string, readonly string[]> = {
  bert: ["wordPieces", "encodePair", "maskTokens", "maskedLoss", "meanPool", "alignLabels", "bestSpan"],
  gpt: [
    "mergeOnce",
    "nextTokenPairs",
    "causalAttention",
    "nextTokenProbabilities",
    "forbidRepeats",
    "attendWithCache",
  ],
  start: ["centre"],
  transformer: ["attention", "padBatch", "splitHeads", "mergeHeads"],
};
const files: Record<string, string> = {
  ...{ bert: "04-bert", gpt: "05-gpt", start: "00-start-here", transformer: "03-transformer" },
};

export const course: CourseNotebooks = {
  exercises: Object.entries(ids).flatMap(([lecture, all]) => all.map((id) => ({ id, lecture }))),
  cells: (lecture) => readNotebook(bytesOf(read(files[lecture]))).cells,
  lectureOf: (file) => Object.keys(files).find((name) => file.includes(files[name])) ?? null,
};

export const bytesOf = (nb: unknown): Uint8Array =>
  new TextEncoder().encode(typeof nb === "string" ? nb : JSON.stringify(nb));

const compiler = createCompiler(root);

export const found = (nb: unknown, file = "04-bert.ipynb"): Extracted =>
  extract(readNotebook(nb instanceof Uint8Array ? nb : bytesOf(nb)), file, course, compiler);

export function answer(nb: unknown, id: string): Answer {
  const read = readNotebook(nb instanceof Uint8Array ? nb : bytesOf(nb));
  const [one] = extract(read, "04-bert.ipynb", course, compiler, id).answers;
  if (!one) throw new Error(`${id} was not looked for`);
  return one;
}

/** What the code leaves under its name, run as it is: no test of the wall. */
export function run(
  { code: javascript, name }: Answer,
  own: Readonly<Record<string, unknown>> = {},
): unknown {
  const exports: Record<string, unknown> = {};
  const modules = (id: string) => {
    if (id === "gradschool") return { NotImplemented: Error };
    throw new Error(`nothing is known of ${id}`);
  };
  new Function("exports", "require", ...Object.keys(own), javascript)(
    exports,
    modules,
    ...Object.values(own),
  );
  return exports[name];
}
