/** A small strict reader of XML: throws where a document is not well-formed. Returns the element names. */
export function parseXml(source: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  let rest = source;
  const take = (pattern: RegExp): RegExpMatchArray | null => {
    const match = rest.match(pattern);
    if (match) rest = rest.slice(match[0].length);
    return match;
  };
  const fail = (why: string): never => {
    throw new Error(`XML: ${why} at …${rest.slice(0, 60)}`);
  };
  const checkText = (text: string) => {
    if (/[<>]/.test(text)) fail("bare angle bracket in text");
    if (/&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/.test(text)) fail(`bare ampersand in "${text}"`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them.
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) fail("control character");
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text))
      fail("lone surrogate");
  };
  while (rest) {
    const text = take(/^[^<]+/);
    if (text) checkText(text[0]);
    if (!rest) break;
    const close = take(/^<\/([\w:-]+)>/);
    if (close) {
      if (open.pop() !== close[1]) fail(`unexpected </${close[1]}>`);
      continue;
    }
    const start = take(/^<([A-Za-z][\w:-]*)/) ?? fail("expected an element");
    const seen = new Set<string>();
    for (;;) {
      const attribute = take(/^\s+([\w:-]+)="([^"<]*)"/);
      if (!attribute) break;
      if (seen.has(attribute[1])) fail(`attribute ${attribute[1]} twice`);
      seen.add(attribute[1]);
      checkText(attribute[2]);
      if (/NaN|Infinity|undefined/.test(attribute[2]) && attribute[1] !== "title")
        fail(`value ${attribute[2]}`);
    }
    const end = take(/^(\/?)>/) ?? fail(`unfinished <${start[1]}`);
    names.push(start[1]);
    if (!end[1]) open.push(start[1]);
  }
  if (open.length > 0) fail(`unclosed ${open.join(", ")}`);
  return names;
}
