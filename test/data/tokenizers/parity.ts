/** Hugging Face `tokenizers` reference cases; see test/parity/golden/tokenizers/manifest.json for their fields. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Tokenizer } from "../../../src/data";

export interface ParityCase {
  tag: string;
  text: string;
  pair?: string;
  tokens: string[];
  ids: number[];
  type_ids: number[];
  special_tokens_mask: number[];
  offsets: [number, number][];
  decoded: string;
  decoded_with_special: string;
  ids_no_special?: number[];
}

export interface ParityEncoding {
  ids: number[];
  type_ids: number[];
  attention_mask: number[];
  overflowing?: ParityEncoding[];
}

export interface ParityBatch {
  inputs: (string | [string, string])[];
  truncation: { max_length: number; strategy?: string; stride?: number } | null;
  padding: {
    pad_id: number;
    pad_token: string;
    pad_type_id?: number;
    length?: number;
    pad_to_multiple_of?: number;
    direction?: string;
  } | null;
  encodings: ParityEncoding[];
}

export const parityFile = (name: string): string =>
  fileURLToPath(new URL(`../../parity/golden/tokenizers/${name}`, import.meta.url));

export function parityCases(kind: string): { cases: ParityCase[]; batches: ParityBatch[] } {
  return JSON.parse(readFileSync(parityFile(`${kind}/cases.json`), "utf8"));
}

/** Our places count UTF-16 units, Hugging Face's count code points. */
const codePoints = (text: string, at: number): number => [...text.slice(0, at)].length;

/** Everything a single text must agree on. */
export function expectSameAs(reference: ParityCase, tokenizer: Tokenizer): void {
  const { text, tag } = reference;
  const plain = reference.ids_no_special!;
  expect(tokenizer.encode(text), tag).toEqual(reference.ids);
  expect(tokenizer.encode(text, { addSpecialTokens: false }), tag).toEqual(plain);
  const inner = reference.special_tokens_mask.map((mask) => mask === 0);
  const tokens = tokenizer.tokenize(text);
  expect(
    tokens.map((token) => token.token),
    tag,
  ).toEqual(reference.tokens.filter((_, i) => inner[i]));
  expect(
    tokens.map(({ start, end }) => [codePoints(text, start), codePoints(text, end)]),
    tag,
  ).toEqual(reference.offsets.filter((_, i) => inner[i]));
  expect(tokenizer.decode(reference.ids, { skipSpecialTokens: true }), tag).toBe(reference.decoded);
  expect(tokenizer.decode(reference.ids), tag).toBe(reference.decoded_with_special);
}
