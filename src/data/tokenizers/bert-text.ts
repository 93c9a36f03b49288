/**
 * How BERT prepares text for WordPiece (Devlin et al. 2018, https://arxiv.org/abs/1810.04805): clean it, set Chinese
 * characters apart, lower-case and strip accents, then split at spaces and punctuation.
 */

export interface BertTextOptions {
  /** Lower-case. Default true: "uncased" models. */
  lowercase?: boolean;
  /** Remove accents. Default: if lower-cased. */
  stripAccents?: boolean;
}

/** A word as the model sees it; `starts[i]` and `ends[i]` are where its i-th code point stood in the text. */
export interface PlacedWord {
  chars: string[];
  starts: number[];
  ends: number[];
}

/** Control, format, surrogate and private characters are dropped; tab and line breaks count as spaces. */
const isDropped = (char: string): boolean =>
  char === "\0" || char === "\ufffd" || (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u.test(char) && !/[\t\n\r]/.test(char));

/** The blocks of Chinese characters; each one is a word by itself. Japanese kana and Korean hangul are not among them. */
const CJK =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/u;

const IS_SPACE = /[\p{White_Space}]/u;
/** Unicode punctuation, and every ASCII sign that is neither letter nor digit, such as $ and ^. */
const IS_PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/u;

/** The words of a text: runs without space; punctuation and Chinese characters one by one. */
export function bertWords(
  text: string,
  { lowercase = true, stripAccents = lowercase }: BertTextOptions = {},
): PlacedWord[] {
  const words: PlacedWord[] = [];
  let word: PlacedWord | undefined;
  let at = 0;
  for (const char of text) {
    const start = at;
    at += char.length;
    if (isDropped(char)) continue;
    const standsAlone = CJK.test(char);
    if (standsAlone) word = undefined;
    for (const normal of normalize(char, lowercase, stripAccents)) {
      if (IS_SPACE.test(normal)) {
        word = undefined;
        continue;
      }
      const isPunctuation = IS_PUNCTUATION.test(normal);
      if (word === undefined || isPunctuation) words.push((word = { chars: [], starts: [], ends: [] }));
      word.chars.push(normal);
      word.starts.push(start);
      word.ends.push(at);
      if (isPunctuation) word = undefined;
    }
    if (standsAlone) word = undefined;
  }
  return words;
}

/** Character by character, so that a final sigma stays an ordinary one. */
function normalize(char: string, lowercase: boolean, stripAccents: boolean): string {
  const bare = stripAccents ? char.normalize("NFD").replace(/\p{Mn}/gu, "") : char;
  return lowercase ? [...bare].map((c) => c.toLowerCase()).join("") : bare;
}
