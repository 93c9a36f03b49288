import { expected, nodeModule, readText } from "../tensor";
import { packageFolder } from "./packages";

export interface EmojiName {
  /** The character itself, such as "🦛". */
  symbol: string;
  /** "hippopotamus" */
  en: string;
  /** "гиппопотам" */
  ru: string;
  /** What else it is found by: "animal", "hippo". */
  keywordsEn: string[];
  keywordsRu: string[];
}

/**
 * The names of 1,966 emoji and symbols, English and Russian, as the Unicode Consortium keeps them: the same picture,
 * named by speakers of both languages. Skin tones and flags of countries are not among them.
 *
 * Common Locale Data Repository, from the npm package `cldr-annotations-full` (Unicode licence). Reads from disk, only
 * when called, and only in Node.
 */
export function readEmojiNames(): EmojiName[] {
  const folder = packageFolder("readEmojiNames", "cldr-annotations-full");
  const [en, ru] = ["en", "ru"].map((language) => annotations(folder, language));
  return Object.entries(en).flatMap(([symbol, { tts, default: keywordsEn = [] }]) => {
    const [name, russian] = [tts?.[0], ru[symbol]?.tts?.[0]];
    if (name === undefined || russian === undefined) return [];
    return [{ symbol, en: name, ru: russian, keywordsEn, keywordsRu: ru[symbol].default ?? [] }];
  });
}

/** What the files hold for a symbol: its name ("text to speech"), and keywords. */
type Annotations = Record<string, { readonly tts?: string[]; readonly default?: string[] }>;

function annotations(folder: string, language: string): Annotations {
  const path = nodeModule("node:path").join(folder, "annotations", language, "annotations.json");
  const found = JSON.parse(readText(path))?.annotations?.annotations;
  if (typeof found !== "object" || found === null)
    throw expected("readEmojiNames", `annotations.annotations in ${path}`, found);
  return found;
}
