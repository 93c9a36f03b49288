/**
 * GPT-2's byte-level alphabet and splitting (Radford et al. 2019, "Language Models are Unsupervised Multitask
 * Learners", section 2.2). Text becomes UTF-8 bytes, so 256 symbols write every text there is; and every byte has
 * a printable character, so that vocabulary files can be read: a space is "Ġ", a line break "Ċ".
 */

/** `BYTE_CHARS[byte]`: bytes that print stand for themselves, the others are moved to U+0100 and up. */
export const BYTE_CHARS: readonly string[] = (() => {
  const prints = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte !== 173);
  let moved = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : 256 + moved++));
})();

/** The 256 characters by code point: the first tokens of GPT-2's vocabulary. */
export const BYTE_ALPHABET: readonly string[] = [...BYTE_CHARS].sort();

const CHAR_BYTES: ReadonlyMap<string, number> = new Map(BYTE_CHARS.map((char, byte) => [char, byte]));

/**
 * GPT-2's splitting: contractions, then letters, numbers or anything else, each with one space before it, then spaces.
 * A run of spaces leaves its last one to the word that follows. `\s` of the original means Unicode's White_Space, and
 * JavaScript's `\s` does not (it takes U+FEFF in and leaves U+0085 out).
 */
export const GPT2_SPLIT =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** UTF-8. A lone surrogate, which no UTF-8 can hold, becomes U+FFFD, as everywhere on the web. */
export const toBytes = (text: string): Uint8Array => encoder.encode(text);

/** Spell a text in the byte-level alphabet. */
export function toByteChars(text: string): string {
  let chars = "";
  for (const byte of toBytes(text)) chars += BYTE_CHARS[byte];
  return chars;
}

/** The text that byte-level tokens spell. Bytes that are no UTF-8 become U+FFFD. */
export function fromByteTokens(tokens: Iterable<string>, isSpecial: (token: string) => boolean): string {
  const bytes: number[] = [];
  for (const token of tokens) {
    const spelled = isSpecial(token) ? undefined : bytesOf(token);
    for (const byte of spelled ?? toBytes(token)) bytes.push(byte);
  }
  return decoder.decode(Uint8Array.from(bytes));
}

function bytesOf(token: string): number[] | undefined {
  const bytes: number[] = [];
  for (const char of token) {
    const byte = CHAR_BYTES.get(char);
    if (byte === undefined) return undefined; // not in the alphabet: the token stands for itself
    bytes.push(byte);
  }
  return bytes;
}

/**
 * For each byte of a text's UTF-8, and for its end, the UTF-16 place where that byte's character starts and ends.
 * A token that holds a part of a character covers the whole character.
 */
export function bytePlaces(text: string): { starts: number[]; ends: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (let i = 0; i < bytes; i++) {
      starts.push(at);
      ends.push(at + char.length);
    }
    at += char.length;
  }
  return { starts, ends };
}
