/** A notebook that was handed in → the student's answers, each as code that stands alone. */
import type ts from "typescript";
import { say } from "../../notebook";
import {
  type Cell,
  exerciseIn,
  House,
  isPlaceholder,
  lastDeclaring,
  type Module,
  moduleOf,
  namesIn,
  type Provided,
  type Segment,
  slice,
  type Unit,
} from "../slicing";
import type { Compiler } from "./compiler";
import type { Read } from "./read";

/** An exercise as far as it matters here. */
export interface Asked {
  readonly id: string;
  readonly lecture: string;
}

/** What was found of one exercise in a notebook. */
export interface Answer {
  readonly id: string;
  /**
   * `found`: there is code to run, which may be an untouched hole. `missing`: no cell has an answer. `syntax`: a cell that it needs
   * is no TypeScript, or the notebook's compiler finds an error in it. `forbidden`: it calls what it should write itself.
   */
  readonly status: "found" | "missing" | "syntax" | "forbidden";
  /** Why it is not found. */
  readonly reason: string | null;
  /** What an instructor should know of how it was found. */
  readonly notes: readonly string[];
  /** The student's TypeScript: the answer and what it needs. */
  readonly source: string;
  /** The same as CommonJS, which leaves the answer in `exports`; empty unless found. */
  readonly code: string;
  /** The name of the answer. */
  readonly name: string;
  /** Other exercises whose functions the code reads as free identifiers. */
  readonly uses: readonly string[];
}

export interface Extracted {
  readonly lecture: string;
  readonly notes: readonly string[];
  readonly answers: readonly Answer[];
}

/** The course, as far as it matters here. */
export interface CourseNotebooks {
  /** All exercises. */
  readonly exercises: readonly Asked[];
  /** The cells of a lecture's notebook as students get it, in any language; from these come cells that a student has deleted. */
  cells(lecture: string): readonly Cell[];
  /** The lecture to which a notebook of that file name belongs, or null. */
  lectureOf(file: string): string | null;
}

/** An answer that is ready to be compiled. */
interface Draft extends Answer {
  readonly module: Module | null;
}

/** `attention` → `myAttention`. */
const studentName = (id: string): string => `my${id[0].toUpperCase()}${id.slice(1)}`;

/** How long the code of one answer may be: more is a table of numbers, or an attack on the compiler. */
const LONGEST = 500_000;

/**
 * The answers in a notebook, to all exercises of its lecture. A notebook that is none of the course's has the lecture "".
 * @param read what `readNotebook` gave
 * @param file its name, which tells its lecture where its cells do not
 * @param only look at this exercise alone
 */
export function extract(
  { cells, notes }: Read,
  file: string,
  course: CourseNotebooks,
  compiler: Compiler,
  only: string | null = null,
): Extracted {
  const lecture = lectureOf(cells, file, course);
  if (lecture === null) {
    const foreign = say({ en: "no notebook of this course", ru: "это не тетрадь этого курса" });
    return { lecture: "", notes: [...notes, foreign], answers: [] };
  }
  const asked = course.exercises.filter((one) => one.lecture === lecture);
  const provided: Provided = new Map(course.exercises.map(({ id, lecture: of }) => [id, { lecture: of }]));
  const ours = course.cells(lecture);
  const house = new House(compiler.ts, withRetyped(cells, asked), missingCells(cells, ours));
  const given = new Set(ours.map(({ text }) => text.trim()));
  const wanted = asked.filter(({ id }) => only === null || id === only);
  const drafts = wanted.map(({ id }) => draftOf(house, cells, id, { provided, given }));
  return { lecture, notes: [...notes, ...tampered(cells, asked)], answers: compiled(drafts, compiler) };
}

/** The lecture most of whose exercises the cells name; else what the file's name says. */
export function lectureOf(
  cells: readonly Cell[],
  file: string,
  course: Pick<CourseNotebooks, "exercises" | "lectureOf">,
): string | null {
  const counts = new Map<string, number>();
  const ids = new Set(cells.flatMap((cell) => cell.ids));
  const words = new Set(
    cells.flatMap(({ type, text }) => (type === "code" ? (text.match(/\bmy[A-Z]\w*/g) ?? []) : [])),
  );
  for (const { id, lecture } of course.exercises) {
    const named = ["task", "answer", "check"].filter((role) => ids.has(`${id}-${role}`)).length;
    const count = named + (words.has(studentName(id)) ? 1 : 0);
    counts.set(lecture, (counts.get(lecture) ?? 0) + count);
  }
  const best = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a)[0];
  return best?.[0] ?? course.lectureOf(file);
}

/** Cells of an exercise's id that are no code any more count as what they were. */
function withRetyped(cells: readonly Cell[], asked: readonly Asked[]): Cell[] {
  const isAnswer = (cell: Cell) => asked.some(({ id }) => cell.ids.includes(`${id}-answer`));
  return cells.flatMap((cell) => {
    if (cell.type === "code") return [cell];
    return isAnswer(cell) ? [{ ...cell, type: "code", text: withoutFence(cell.text) }] : [];
  });
}

/** The code between the fences of a Markdown cell. */
const withoutFence = (text: string): string => /^```\w*\n([\s\S]*?)\n```\s*$/.exec(text.trim())?.[1] ?? text;

/** Code of the course that the student's notebook has no cell of. Answers and checks are the student's own. */
function missingCells(cells: readonly Cell[], given: readonly Cell[]): Cell[] {
  const ids = new Set(cells.flatMap((cell) => cell.ids));
  return given.filter(
    (cell) => cell.type === "code" && !cell.ids.some((id) => ids.has(id) || /-answer$/.test(id)),
  );
}

/** What of the notebook's own checks is not as the course gave it. */
function tampered(cells: readonly Cell[], asked: readonly Asked[]): string[] {
  const notes: string[] = [];
  for (const { id } of asked) {
    const checks = cells.filter((cell) => cell.ids.includes(`${id}-check`));
    if (checks.length === 0)
      notes.push(
        say({
          en: `${id}: its check is not there; the course's own was run`,
          ru: `${id}: его проверки в тетради нет; запущена проверка курса`,
        }),
      );
    else if (!checks.every(({ text }) => text.includes(`check(exercises.${id}, ${studentName(id)})`)))
      notes.push(
        say({
          en: `${id}: its check was edited; the course's own was run`,
          ru: `${id}: его проверка изменена; запущена проверка курса`,
        }),
      );
  }
  return notes;
}

function draftOf(
  house: House,
  cells: readonly Cell[],
  id: string,
  { provided, given: ours }: { readonly provided: Provided; readonly given: ReadonlySet<string> },
): Draft {
  const { ts } = house;
  const nothing = { id, notes: [], source: "", code: "", name: studentName(id), uses: [], module: null };
  const found = find(house, id);
  if ("status" in found) return { ...nothing, ...found };
  const { unit, given, name } = found;
  const checked = cells.findLast(({ ids }) => ids.includes(`${id}-check`));
  const until = Math.max(unit.cell.index, checked?.index ?? 0);
  const needed = slice(house, { unit, given }, until, provided);
  const notes = [...found.notes];
  const answer = { ...nothing, name, notes };
  const [broken] = needed.broken;
  if (broken) return { ...answer, status: "syntax", reason: brokenReason(broken) };
  if ([...needed.uses.values()].includes(id))
    return {
      ...answer,
      status: "forbidden",
      reason: say({
        en: `it calls ${id}, which is the reference as long as your own does not pass; call ${name}, or write it out`,
        ru: `решение вызывает ${id}, а это эталон, пока ваше не прошло проверку; вызовите ${name} или напишите сами`,
      }),
    };
  const restored = [...needed.taken.keys()].filter((one) => one.given);
  if (restored.length > 0)
    notes.push(
      say({
        en: "cells of the course that it needs were deleted; they were put back",
        ru: "нужные решению ячейки курса были удалены; они возвращены",
      }),
    );
  const below = [...needed.taken.keys()].filter((one) => !one.given && one.cell.index > until);
  if (below.length > 0)
    notes.push(
      say({
        en: "it uses a cell that stands below its check",
        ru: "решению нужна ячейка, которая стоит ниже его проверки",
      }),
    );
  const module = moduleOf(house, needed, name, provided);
  const draft: Draft = {
    ...answer,
    ...{ status: "found", reason: null, module, uses: [...new Set(needed.uses.values())] },
    source: module.segments.map(({ start, end }) => module.text.slice(start, end)).join("\n\n"),
  };
  if (module.awaits)
    return {
      ...draft,
      status: "syntax",
      reason: say({
        en: "it needs the value of an `await` at the top of a cell; at grading there is nothing to wait for",
        ru: "решению нужно значение `await` с верхнего уровня ячейки; при оценивании ждать нечего",
      }),
    };
  if (module.text.length > LONGEST)
    return {
      ...draft,
      status: "syntax",
      source: "",
      reason: say({
        en: `with all it needs it has ${module.text.length} characters`,
        ru: `вместе со всем, что ему нужно, в решении ${module.text.length} символов`,
      }),
    };
  return draft;

  function find(house: House, id: string): Found | Pick<Answer, "status" | "reason"> {
    const name = studentName(id);
    const all = house.units.filter(
      (unit) => !unit.given && unit.declared.get(name)?.some((one) => !isPlaceholder(ts, one, name)),
    );
    const cut = house.units.filter(
      (unit) =>
        !unit.given &&
        unit.broken &&
        (namesIn(unit.text).includes(name) || (unit.cell.ids.includes(`${id}-answer`) && all.length === 0)),
    );
    const filled = all.filter((unit) => !unit.declared.get(name)!.some((one) => isHole(one)));
    const last = filled.at(-1) ?? all.at(-1);
    const lastCut = cut.at(-1);
    if (lastCut && (!last || isAfter(lastCut, last)))
      return { status: "syntax", reason: brokenReason(lastCut) };
    if (last) {
      const notes = [];
      if (all.length > 1)
        notes.push(
          say({
            en: `${name} is written ${all.length} times; the last one counts (cell ${last.cell.index + 1})`,
            ru: `${name} написана несколько раз (${all.length}); считается последняя (ячейка ${last.cell.index + 1})`,
          }),
        );
      if (cells.find(({ index }) => index === last.cell.index)?.type !== "code")
        notes.push(
          say({
            en: "its cell was turned into text; it was read as code",
            ru: "ячейка превращена в текст; она прочитана как код",
          }),
        );
      return { unit: last, given: last.declared.get(name)!.at(-1)!, name, notes };
    }
    const reason = say({ en: `no cell declares ${name}`, ru: `ни одна ячейка не объявляет ${name}` });
    return assigned(house, name) ?? inCheck(house, id) ?? { status: "missing", reason };
  }

  /** `myAnswer = …`, of the name that the notebook's head declares. */
  function assigned(house: House, name: string): Found | null {
    const unit = lastDeclaring(house, name, Number.POSITIVE_INFINITY);
    if (!unit || unit.broken) return null;
    const isSet = house.units.some(
      ({ given, file }) => !given && new RegExp(`^\\s*${name}\\s*=[^=]`, "m").test(file.text),
    );
    return isSet ? { unit, given: unit.declared.get(name)!.at(-1)!, name, notes: [] } : null;
  }

  /** A function under another name, given to the check. */
  function inCheck(house: House, id: string): Found | null {
    let found: Found | null = null;
    for (const unit of house.units) {
      if (unit.given || unit.broken) continue;
      const visit = (node: ts.Node): void => {
        if (
          ts.isCallExpression(node) &&
          node.expression.getText() === "check" &&
          exerciseIn(ts, node) === id
        ) {
          const mine = node.arguments[1];
          if (mine && ts.isIdentifier(mine)) {
            const declaring = lastDeclaring(house, mine.text, unit.cell.index);
            const statement = declaring?.declared.get(mine.text)?.at(-1);
            // What the course shows as a mistake is nobody's answer.
            const isOurs = !declaring || declaring.given || ours.has(declaring.cell.text.trim());
            if (statement && !isOurs && !ts.isImportDeclaration(statement))
              if (!isPlaceholder(ts, statement, mine.text))
                found = {
                  ...{ unit: declaring, given: statement, name: mine.text },
                  notes: [
                    say({
                      en: `the answer goes by the name ${mine.text}`,
                      ru: `решение носит имя ${mine.text}`,
                    }),
                  ],
                };
          }
        }
        ts.forEachChild(node, visit);
      };
      visit(unit.file);
    }
    return found;
  }
}

interface Found {
  readonly unit: Unit;
  readonly given: ts.Node;
  readonly name: string;
  readonly notes: string[];
}

const isHole = (statement: ts.Statement): boolean =>
  /throw\s+new\s+NotImplemented\s*\(/.test(statement.getText());

const isAfter = (a: Unit, b: Unit): boolean =>
  a.cell.index > b.cell.index || (a.cell.index === b.cell.index && a.line > b.line);

function brokenReason({ cell, text, line, broken }: Unit): string {
  const { message, line: at } = broken!;
  const place = placeOf(cell, line + at, text.split("\n")[at]);
  return say({
    en: `its cell is no TypeScript: ${message} ${place}`,
    ru: `в ячейке не TypeScript: ${message} ${place}`,
  });
}

/** As a student finds it: numbers of cells are not shown in a notebook, lines can be. */
function placeOf(cell: Cell, line: number, text = ""): string {
  const said = text.trim() ? `: ${text.trim().slice(0, 100)}` : "";
  return say({
    en: `(cell ${cell.index + 1}, line ${line + 1}${said})`,
    ru: `(ячейка ${cell.index + 1}, строка ${line + 1}${said})`,
  });
}

/** Compiles all drafts in one program: what TypeScript learns of the library serves them all. */
function compiled(drafts: readonly Draft[], compiler: Compiler): Answer[] {
  const modules = drafts.map(({ status, module }) => (status === "found" ? module : null));
  const results = compiler.compile(modules.map((one) => one?.text ?? null));
  return drafts.map(({ module, ...answer }, i) => {
    const result = results[i];
    if (!module || !result) return answer;
    if ("javascript" in result) return { ...answer, code: result.javascript };
    return { ...answer, status: "syntax", reason: errorReason(module, result) };
  });
}

function errorReason(
  { segments, text }: Module,
  { message, code, at }: { message: string; code: number; at: number },
): string {
  const segment = segments.find(({ start, end }) => at >= start && at <= end);
  const told = say({
    en: `TypeScript finds an error, so its cell does not run: ${message} (TS${code})`,
    ru: `TypeScript находит ошибку, и ячейка не выполняется: ${message} (TS${code})`,
  });
  return segment ? `${told} ${placeIn(segment, text, at)}` : told;
}

function placeIn({ start, line, unit }: Segment, text: string, at: number): string {
  const before = text.slice(start, at).split("\n").length - 1;
  const from = text.lastIndexOf("\n", at - 1) + 1;
  const to = text.indexOf("\n", at);
  return placeOf(unit.cell, line + before, text.slice(from, to < 0 ? undefined : to));
}
