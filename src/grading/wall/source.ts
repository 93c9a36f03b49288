import { codeOf, uses } from "../forbidden";
import type { Task } from "./mark";

/**
 * The first of `names` that the answer uses, as far as the text of its cells shows: what a notebook reads of functions, read of text,
 * so that no student's code has a say in it.
 */
export function forbiddenInCells({ code, name, own }: Task, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const declared = declarations(code);
  for (const [id, { code: text, name: called }] of Object.entries(own)) {
    if (declared.has(id)) continue;
    declared.set(id, declarations(text).get(called) ?? "");
  }
  const open = [name];
  const read = new Set<string>();
  while (open.length > 0 && read.size < MOST) {
    const one = open.pop() as string;
    const text = declared.get(one);
    if (text === undefined || read.has(one)) continue;
    read.add(one);
    const plain = codeOf(text);
    const used = names.find((forbidden) => uses(plain, forbidden));
    if (used) return used;
    for (const word of plain.match(/[A-Za-z_$][\w$]*/g) ?? []) if (declared.has(word)) open.push(word);
  }
  return null;
}

const MOST = 50;

/** The text of every function, class and variable that stands at the top of the code, by its name. */
function declarations(code: string): Map<string, string> {
  const found = new Map<string, string>();
  const starts = [
    ...code.matchAll(/^(?:async\s+)?(?:function\s*\*?|class|const|let|var)\s+([A-Za-z_$][\w$]*)/gm),
  ];
  for (let i = 0; i < starts.length; i++) {
    const [{ index, 1: name }, end] = [starts[i], starts[i + 1]?.index ?? code.length];
    found.set(name, (found.get(name) ?? "") + code.slice(index, end));
  }
  return found;
}
