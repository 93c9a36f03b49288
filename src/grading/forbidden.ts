/**
 * Whether a student's function uses what its exercise forbids, as far as its own text shows. That is a word between honest
 * people, not a wall: who wants to hide a call can.
 */
import type { AnyFunction } from "./inputs";

/** What the cells of a notebook call by this name, and whether it was imported; undefined where there is nothing. */
export type Lookup = (name: string) => { readonly value: unknown; readonly imported: boolean } | undefined;

/** So many functions of the student's own are read, from the one that is checked on. */
const most = 50;

/**
 * The first of `names` that the function uses, itself or through functions in other cells; or null. A name stands for an
 * export and for a method, `.name` for a method alone.
 */
export function forbiddenUse(fn: AnyFunction, names: readonly string[], lookup: Lookup): string | null {
  try {
    return found(fn, names, lookup);
  } catch {
    return null; // a function so odd that it cannot be read
  }
}

function found(fn: AnyFunction, names: readonly string[], lookup: Lookup): string | null {
  const open: unknown[] = [fn];
  const read = new Set<unknown>();
  while (names.length > 0 && open.length > 0 && read.size < most) {
    const one = open.pop();
    if (typeof one !== "function" || read.has(one)) continue;
    read.add(one);
    const code = codeOf(Function.prototype.toString.call(one));
    const used = names.find((name) => uses(code, name));
    if (used) return used;
    for (const word of new Set(code.match(WORD))) {
      const { value, imported } = lookup(word) ?? {};
      if (typeof value !== "function") continue;
      if (names.includes(value.name)) return value.name; // under another name
      if (!imported) open.push(value); // a function of another cell
    }
  }
  return null;
}

const WORD = /[A-Za-z_$][\w$]*/g;

/** Whether the code speaks of the name: as a word that it has not declared itself, as a method, as `["name"]`. */
export function uses(code: string, forbidden: string): boolean {
  const name = forbidden.split(".").at(-1)!;
  if (new RegExp(`\\[\\s*["'\`]${name}["'\`]\\s*\\]`).test(code)) return true;
  const before = forbidden.includes(".") ? "\\.\\s*" : "(?<![\\w$])";
  for (const { index, 0: found } of code.matchAll(new RegExp(`${before}${name}(?![\\w$])`, "g"))) {
    const isField = found.startsWith(".") || /\.\s*$/.test(code.slice(0, index));
    // `{ softmax: 1 }` is a key of the student's own.
    const isKey = !isField && /^\s*:/.test(code.slice(index + found.length));
    if (!isKey && (isField || !declares(code, name))) return true;
  }
  return false;
}

const declares = (code: string, name: string): boolean =>
  new RegExp(`(?:function|const|let|var|class)\\s+${name}(?![\\w$])`).test(code);

/**
 * The text without comments, and with strings empty but for one word, which may be the name of a field. What a template
 * computes stays.
 */
export function codeOf(text: string): string {
  const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return text.replace(TOKEN, (token) => {
    if (token.startsWith("/")) return " ";
    if (/^.[\w$]*.$/.test(token)) return token.startsWith("`") ? `"${token.slice(1, -1)}"` : token;
    if (!token.startsWith("`")) return '""';
    return [...token.matchAll(/\$\{([^}]*)\}/g)].map(([, computed]) => `(${computed})`).join(" ");
  });
}
