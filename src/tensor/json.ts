const [QUOTE, BACKSLASH, COLON] = ['"', "\\", ":"].map((char) => char.charCodeAt(0));
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = ["{", "}", "[", "]"].map((char) => char.charCodeAt(0));
const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

/**
 * A key that an object in `text` has twice, or undefined. JSON.parse silently keeps the last of the two, and what the
 * first one said is lost. Expects valid JSON, of any depth and length.
 * @internal
 */
export function duplicateKey(text: string): string | undefined {
  // Of every object that is open, its keys: the first one bare, since most deep nests have no other. null is a list.
  const open: (string | Set<string> | null | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === OPEN) open.push(undefined);
    else if (code === OPEN_LIST) open.push(null);
    else if (code === CLOSE || code === CLOSE_LIST) open.pop();
    else if (code === QUOTE) {
      let end = at + 1;
      for (; text.charCodeAt(end) !== QUOTE; end++) if (text.charCodeAt(end) === BACKSLASH) end++;
      const start = at;
      at = end;
      let next = end + 1;
      while (isSpace(text.charCodeAt(next))) next++;
      if (text.charCodeAt(next) !== COLON) continue;
      const key = JSON.parse(text.slice(start, end + 1)) as string;
      const keys = open[open.length - 1];
      if (keys === undefined) open[open.length - 1] = key;
      else if (keys === key || (keys instanceof Set && keys.has(key))) return key;
      else if (keys instanceof Set) keys.add(key);
      else open[open.length - 1] = new Set([keys as string, key]);
    }
  }
  return undefined;
}
