import { SaxesParser } from "saxes";

/** What holds no numbers: a word, and the base64 of a picture, in which any letters may come together. */
const TEXT = ["title", "href"];

/** Throws where a piece of markup is not well-formed XML, or an attribute holds no number. Returns the element names. */
export function parseXml(source: string): string[] {
  const names: string[] = [];
  const parser = new SaxesParser({ fragment: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    names.push(name);
    for (const [attribute, value] of Object.entries(attributes))
      if (/NaN|Infinity|undefined/.test(value) && !TEXT.includes(attribute))
        throw new Error(`XML: <${name}> has ${attribute}="${value}"`);
  });
  parser.write(source).close();
  return names;
}
