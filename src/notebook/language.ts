/** The language in which a reader is told things: English, or Russian (`npm start -- --lang ru`). */
import { check, environment, expectedKind, readable } from "../tensor";

export const LANGUAGES = ["en", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A text in English, with the Russian beside it where there is one. */
export type Localized = string | { readonly en: string; readonly ru?: string };

let chosen: Language | null = null;

/** The reader's language: what `setLanguage` was told, else GRADSCHOOL_LANG, else English. */
export function language(): Language {
  if (chosen) return chosen;
  const asked = environment("GRADSCHOOL_LANG");
  return LANGUAGES.find((one) => one === asked) ?? "en";
}

/** From now on texts come in this language; null: in the one that the settings name. */
export function setLanguage(wanted: Language | null): void {
  if (wanted !== null) check("setLanguage", "language", wanted, LANGUAGES);
  chosen = wanted;
}

/** The text in the given language; English where there is no other. */
export function inLanguage(text: Localized, wanted: Language): string {
  if (typeof text === "string") return text;
  if (!readable((x: { en?: unknown }) => typeof x?.en === "string", text))
    throw expectedKind("inLanguage", "a text, or { en, ru }", text);
  return text[wanted] ?? text.en;
}

/** The text in the reader's language. */
export const say = (text: Localized): string => inLanguage(text, language());
