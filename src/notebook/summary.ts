import { noGrad } from "../autograd";
import type { Module } from "../nn";
import { checkMethods, during, NDArray, showShape } from "../tensor";
import { Drawing } from "./drawing";
import { element, type Markup } from "./markup";
import { formatBytes, formatCount, largest } from "./numbers";
import { isTensor } from "./values";

/** One module of the table. */
interface Row {
  readonly depth: number;
  readonly name: string;
  readonly kind: string;
  readonly output: string;
  /** Own parameters, not those of the modules inside: `weight (3, 4), bias (4,)`. */
  readonly shapes: string;
  readonly count: number;
  readonly frozen: boolean;
}

/**
 * What a model is made of: every module with its class, its own parameters and their number, then the totals
 * and the memory they take. Equal neighbours in a list (the blocks of a transformer) are told once.
 *
 * Given the arguments of a `forward`, the model is run on them (in evaluation mode, without gradients), and
 * the table also says what shape comes out of every module: `summary(model, tokens)`.
 */
export function summary(model: Module, ...example: unknown[]): Drawing {
  checkMethods("summary", "a Module", model, ["namedModules", "namedParameters", "evaluating"]);

  const outputs = example.length > 0 ? outputShapes(model, example) : null;
  const rows = collectRows(model, outputs);
  const facts = totals(model);
  const columns = outputs
    ? ["module", "class", "output", "parameters", "count"]
    : ["module", "class", "parameters", "count"];
  const cells = rows.map((row) => {
    const count = row.count > 0 ? `${formatCount(row.count)}${row.frozen ? " frozen" : ""}` : "";
    const name = `${"  ".repeat(row.depth)}${row.name}`;
    return outputs ? [name, row.kind, row.output, row.shapes, count] : [name, row.kind, row.shapes, count];
  });
  return new Drawing(textTable(columns, cells, facts), htmlTable(columns, cells, facts));
}

function collectRows(model: Module, outputs: ReadonlyMap<Module, string> | null): Row[] {
  const rows: Row[] = [];
  const owned = ownParameters(model);
  const seen = new Set<Module>();
  const visit = (module: Module, name: string, depth: number, times: string): void => {
    const again = seen.has(module);
    seen.add(module);
    const parameters = again ? [] : (owned.get(module) ?? []);
    rows.push({
      depth,
      name: name + times,
      kind: module.constructor.name + (again ? " (shared)" : ""),
      output: outputs?.get(module) ?? "",
      shapes: parameters.map(({ name: own, shape }) => `${own} ${showShape(shape)}`).join(", "),
      count: parameters.reduce((sum, { size }) => sum + size, 0),
      frozen: parameters.length > 0 && parameters.every(({ trainable }) => !trainable),
    });
    if (again) return;
    const children = module.namedChildren();
    for (let i = 0; i < children.length; ) {
      const end = endOfEquals(children, i);
      const [childName, child] = children[i];
      const last = children[end - 1][0];
      visit(child, childName, depth + 1, end - i > 1 ? ` … ${last} (${end - i} alike)` : "");
      i = end;
    }
  };
  visit(model, model.constructor.name, 0, "");
  return rows;
}

/** Index after the last of the children that stand in one list with child `start` and are built like it. */
function endOfEquals(children: readonly [string, Module][], start: number): number {
  const [name, module] = children[start];
  const list = name.match(/^(.*\.)\d+$/)?.[1];
  let end = start + 1;
  if (list === undefined) return end;
  const print = likeness(module);
  while (end < children.length && children[end][0].startsWith(list) && likeness(children[end][1]) === print)
    end++;
  return end;
}

/** Equal for modules of the same classes, parameter shapes and frozen parts. */
const likeness = (module: Module): string =>
  `${module}${module.namedParameters().map(([name, { shape, requiresGrad }]) => `${name}${showShape(shape)}${requiresGrad}`)}`;

interface OwnParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly trainable: boolean;
}

/** The parameters that sit directly in each module: those with the longest path in common with it. */
function ownParameters(model: Module): Map<Module, OwnParameter[]> {
  const modules = new Map(model.namedModules());
  const owned = new Map<Module, OwnParameter[]>();
  for (const [path, parameter] of model.namedParameters()) {
    let end = path.length;
    let owner: Module | undefined;
    while (!owner && end > 0) {
      end = path.lastIndexOf(".", end - 1);
      owner = modules.get(end < 0 ? "" : path.slice(0, end));
      if (end < 0) break;
    }
    if (!owner) continue;
    const list = owned.get(owner) ?? [];
    const { shape, size, requiresGrad } = parameter;
    list.push({ name: path.slice(end + 1), shape, size, trainable: requiresGrad });
    owned.set(owner, list);
  }
  return owned;
}

/** Runs the model once, and notes what every module's `forward` returns. */
function outputShapes(model: Module, example: unknown[]): Map<Module, string> {
  const shapes = new Map<Module, string>();
  const modules = model.namedModules().map(([, module]) => module);
  const own = modules.map((module) => Object.getOwnPropertyDescriptor(module, "forward"));
  const run = () => {
    for (const module of modules) {
      const forward = module.forward as (...inputs: unknown[]) => unknown;
      // An own property hides the class's method, or the module's own, until it is taken back below.
      Object.defineProperty(module, "forward", {
        configurable: true,
        enumerable: false,
        value: (...inputs: unknown[]) => {
          const output = forward.apply(module, inputs);
          if (!shapes.has(module)) shapes.set(module, shapeOf(output));
          return output;
        },
      });
    }
    model.evaluating(() => noGrad(() => (model.forward as (...inputs: unknown[]) => unknown)(...example)));
  };
  during("summary", run, () => {
    modules.forEach((module, i) => {
      const before = own[i];
      if (before) Object.defineProperty(module, "forward", before);
      else Reflect.deleteProperty(module, "forward");
    });
  });
  return shapes;
}

/** `(2, 3)` of an array, or those of an object's or list's arrays. */
function shapeOf(value: unknown): string {
  if (value instanceof NDArray || isTensor(value))
    return showShape(value instanceof NDArray ? value.shape : value.data.shape);
  if (Array.isArray(value)) return value.map(shapeOf).filter(Boolean).slice(0, 4).join(", ");
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value)
    .map(([name, one]) => [name, one instanceof NDArray || isTensor(one) ? shapeOf(one) : ""])
    .flatMap(([name, shape]) => (shape ? [`${name} ${shape}`] : []))
    .join(", ");
}

function totals(model: Module): string[] {
  const total = model.parameterCount();
  const trainable = model.parameterCount({ trainableOnly: true });
  const names = new Set(model.namedParameters().map(([, parameter]) => parameter.data));
  const arrays = new Set([...model.stateDict().values()]);
  const buffers = [...arrays].filter((one) => !names.has(one)).reduce((sum, { size }) => sum + size, 0);
  const bytes = [...arrays].reduce((sum, { size, data }) => sum + size * data.BYTES_PER_ELEMENT, 0);
  return [
    `${formatCount(total)} parameters`,
    ...(trainable < total
      ? [`${formatCount(trainable)} trainable`, `${formatCount(total - trainable)} frozen`]
      : ["all trainable"]),
    ...(buffers > 0 ? [`${formatCount(buffers)} in buffers`] : []),
    formatBytes(bytes),
  ];
}

function textTable(columns: readonly string[], rows: readonly string[][], facts: readonly string[]): string {
  const widths = columns.map((column, i) =>
    Math.max(column.length, largest(rows.map((row) => row[i].length))),
  );
  const right = columns.length - 1;
  const write = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === right ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [write(columns), rule, ...rows.map(write), rule, facts.join(" · ")].join("\n");
}

function htmlTable(columns: readonly string[], rows: readonly string[][], facts: readonly string[]): string {
  const right = columns.length - 1;
  const cell = (kind: "td" | "th", content: string, i: number): Markup => {
    const text = content.trimStart();
    const indent = i === 0 ? 8 + 8 * (content.length - text.length) : 8;
    const align = i === right ? "right" : "left";
    const font = kind === "td" && i !== 1 ? ";font-family:monospace" : "";
    return element(kind, { style: `padding:2px 8px 2px ${indent}px;text-align:${align}${font}` }, text);
  };
  const line = (kind: "td" | "th", row: readonly string[]) =>
    element("tr", {}, ...row.map((content, i) => cell(kind, content, i)));
  return element(
    "div",
    { style: "max-width:800px;overflow-x:auto" },
    element(
      "table",
      { style: "border-collapse:collapse;font-size:12px" },
      line("th", columns),
      rows.map((row) => line("td", row)),
    ),
    element("div", { style: "font-size:13px;font-weight:bold;margin:6px 8px" }, facts.join(" · ")),
  ).markup;
}
