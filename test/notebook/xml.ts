import { SaxesParser } from "saxes";

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
      if (/NaN|Infinity|undefined/.test(value) && attribute !== "title")
        throw new Error(`XML: <${name}> has ${attribute}="${value}"`);
  });
  parser.write(source).close();
  return names;
}
