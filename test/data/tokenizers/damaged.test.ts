/**
 * Files that came to harm: one character changed, an entry of another type, an entry missing. Each is read, or refused in
 * our words; what is read can be used. `DAMAGE=5000` tries so many of each file.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ByteLevelBPE,
  ClipBPE,
  encodeInput,
  parseTokenizer,
  type Tokenizer,
  WordPiece,
} from "../../../src/data";
import { parseMerges, parseVocab, parseVocabLines } from "../../../src/data/tokenizers/vocab-files";
import { Generator } from "../../../src/tensor";
import { parityFile } from "./parity";

const SHARE = Number(process.env.DAMAGE ?? 150);
const read = (name: string) => readFileSync(parityFile(name), "utf8");
const SAMPLE = "The old man said: <|endoftext|> naïve [MASK] don't, 東京!";

/** Read, then use; whatever is thrown must be in our words. True if it was read. */
function survives(what: string, load: () => Tokenizer): boolean {
  const start = performance.now();
  try {
    const tokenizer = load();
    expect(tokenizer.vocabSize, what).toBeLessThan(5000);
    const { ids } = encodeInput(tokenizer, [SAMPLE, "two"]);
    expect(
      ids.every((id) => Number.isInteger(id)),
      what,
    ).toBe(true);
    tokenizer.decode(ids);
    return true;
  } catch (error) {
    const { message, constructor: kind } = error as Error;
    // Our messages begin with a name and a colon; those of the engine speak of properties, iterables and stacks.
    expect(message, what).toMatch(/^[\w.,[\] -]+: /);
    expect(message, what).not.toMatch(
      /Cannot |is not (a function|iterable|defined|a constructor)|call stack|Invalid (array|string|regular)|Object prototype/,
    );
    expect([Error, TypeError, RangeError], what).toContain(kind);
    expect(message.length, what).toBeLessThan(600);
    return false;
  } finally {
    expect(performance.now() - start, what).toBeLessThan(5000);
  }
}

const files: Record<string, (text: string) => Tokenizer> = {
  "wordpiece/tokenizer.json": (text) => parseTokenizer(text),
  "bytelevel_bpe/tokenizer.json": (text) => parseTokenizer(text),
  "clip_bpe/tokenizer.json": (text) => parseTokenizer(text),
  "wordpiece/vocab.txt": (text) => new WordPiece(parseVocabLines(text)),
  "bytelevel_bpe/vocab.json": (text) =>
    new ByteLevelBPE(parseVocab(text), parseMerges(read("bytelevel_bpe/merges.txt"))),
  "bytelevel_bpe/merges.txt": (text) =>
    new ByteLevelBPE(parseVocab(read("bytelevel_bpe/vocab.json")), parseMerges(text)),
  "clip_bpe/vocab.json": (text) => new ClipBPE(parseVocab(text), parseMerges(read("clip_bpe/merges.txt"))),
  "clip_bpe/merges.txt": (text) => new ClipBPE(parseVocab(read("clip_bpe/vocab.json")), parseMerges(text)),
};

const LETTERS = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  " ",
  "\n",
  "\r",
  "0",
  "9",
  "-",
  "e",
  ".",
  "a",
  "T",
  "\0",
  "ä",
  "\ud800",
];

describe("one character changed, left out or doubled", () => {
  it.each(Object.keys(files))("%s", (name) => {
    const text = read(name);
    const luck = new Generator(7);
    const below = (n: number) => luck.integers([1], { high: n }).item();
    // The first and last hundred characters hold the structure, the vocabulary is long: half of the damage goes there.
    const body = /"vocab":\{/.exec(text)?.index ?? 0;
    for (let i = 0; i < SHARE; i++) {
      const at = below(i % 2 && body > 0 ? body + 20 : text.length);
      const kind = below(4);
      const letter = LETTERS[below(LETTERS.length)];
      const changed =
        kind === 0
          ? text.slice(0, at) + text.slice(at + 1)
          : kind === 1
            ? text.slice(0, at) + text[at] + text.slice(at)
            : text.slice(0, at) +
              (kind === 2 ? letter : String.fromCharCode(text.charCodeAt(at) ^ (1 << below(7)))) +
              text.slice(at + 1);
      survives(`${name}: kind ${kind} at ${at}: ${JSON.stringify(changed.slice(at - 20, at + 20))}`, () =>
        files[name](changed),
      );
    }
  });
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const SWAPS: (Json | undefined)[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  4e9,
  "",
  "x",
  [],
  {},
  [null],
  { a: null },
  [[]],
  undefined,
];

/** Paths to all entries, of long lists and vocabularies the first two and the last. */
function paths(json: Json, at: (string | number)[] = []): (string | number)[][] {
  if (typeof json !== "object" || json === null) return [at];
  const keys = Array.isArray(json) ? [...json.keys()] : Object.keys(json);
  const some = keys.length > 20 ? [keys[0], keys[1], keys[keys.length - 1]] : keys;
  return [at, ...some.flatMap((key) => paths((json as Record<string, Json>)[key], [...at, key]))];
}

function swapped(json: Json, path: readonly (string | number)[], value: Json | undefined): Json | undefined {
  if (path.length === 0) return value;
  const copy = structuredClone(json) as Record<string, Json>;
  let parent = copy;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, Json>;
  const last = path[path.length - 1];
  if (value !== undefined) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

/** What may be otherwise without a fault: other tokenizers that are as good, or what does not concern us. */
const FREE =
  /^(version|truncation|padding|added_tokens|decoder|post_processor|normalizer)$|^(truncation|padding)\.|^added_tokens\.\d+$|^added_tokens\.\d+\.(normalized|id|content)$|(trim_offsets|add_prefix_space|use_regex)$|strip_accents$|lowercase$|^model\.(merges|vocab)\.|^model\.(merges|dropout|fuse_unk|byte_fallback|ignore_merges|unk_token|type|continuing_subword_prefix|end_of_word_suffix|max_input_chars_per_word)$|type_id$|^post_processor\.special_tokens\..*(\.id|tokens|tokens\.\d+)$|^post_processor\.(single|pair)\.\d+$|^model\.vocab$/;

describe("an entry of another type, or missing", () => {
  it.each(Object.keys(files).filter((name) => name.endsWith("tokenizer.json")))("%s", (name) => {
    const json = JSON.parse(read(name)) as Json;
    const whole = JSON.stringify(json);
    const all = paths(json).flatMap((path) => SWAPS.map((value) => ({ path, value })));
    const every = Math.max(1, Math.floor(all.length / (SHARE * 2)));
    const odd: string[] = [];
    for (let i = 0; i < all.length; i += every) {
      const { path, value } = all[i];
      const text = JSON.stringify(swapped(json, path, value)) ?? "";
      if (text === whole) continue;
      const what = `${path.join(".")} = ${JSON.stringify(value)}`;
      if (survives(`${name}: ${what}`, () => parseTokenizer(text)) && !FREE.test(path.join(".")))
        odd.push(what);
    }
    expect(odd).toEqual([]);
  });
});

describe("by name", () => {
  const base = JSON.parse(read("wordpiece/tokenizer.json"));
  const bpe = JSON.parse(read("bytelevel_bpe/tokenizer.json"));
  const clip = JSON.parse(read("clip_bpe/tokenizer.json"));
  it.each<[string, object | string, string]>([
    [
      "merges {}",
      { ...bpe, model: { ...bpe.model, merges: {} } },
      "tokenizer.json.model.merges: expected a list, got {}",
    ],
    [
      "a null among added tokens",
      { ...base, added_tokens: [null] },
      "tokenizer.json.added_tokens[0]: expected an object, got null",
    ],
    ["added tokens that are no list", { ...base, added_tokens: {} }, "added_tokens: expected a list"],
    [
      "a vocabulary that is a list",
      { ...base, model: { ...base.model, vocab: ["a"] } },
      "is this another JSON file?",
    ],
    [
      "an id of 4e9",
      { ...base, model: { ...base.model, vocab: { ...base.model.vocab, zz: 4e9 } } },
      "with few gaps for",
    ],
    [
      "an id that is a text",
      { ...base, model: { ...base.model, vocab: { a: "0" } } },
      'expected a whole number >= 0 for "a", got "0"',
    ],
    [
      "three halves of a merge",
      { ...bpe, model: { ...bpe.model, merges: [["a", "b", "c"]] } },
      "merges[0]: expected a list of two",
    ],
    [
      "a misspelt entry",
      { ...clip, model: { ...clip.model, end_of_word_suffiy: "</w>" } },
      'the entry "end_of_word_suffiy" is not known',
    ],
    [
      "lowercase as a text",
      { ...base, normalizer: { ...base.normalizer, lowercase: "true" } },
      'normalizer.lowercase: expected true or false, got "true"',
    ],
    [
      "another splitting than CLIP's",
      { ...clip, pre_tokenizer: bpe.pre_tokenizer },
      "</w> without the normalizer and the splitting of CLIP",
    ],
    [
      "an added token with another id",
      {
        ...base,
        added_tokens: base.added_tokens.map((t: object, i: number) => (i === 1 ? { ...t, id: 9 } : t)),
      },
      'the added token "[UNK]" has two ids',
    ],
    [
      "a template with a token that is not there",
      JSON.stringify(base).replaceAll('{"SpecialToken":{"id":"[SEP]"', '{"SpecialToken":{"id":"[END]"'),
      '"[END]" should have the id undefined of the vocabulary',
    ],
    [
      "a key twice",
      JSON.stringify(base).replace('"[PAD]":0', '"[PAD]":0,"[PAD]":1'),
      'expected every key once, got "[PAD]" twice',
    ],
    [
      "100,000 levels",
      `{"model":{"vocab":{}},"normalizer":${'{"type":"Sequence","normalizers":['.repeat(1e5)}${"]}".repeat(1e5)}}`,
      "is not supported",
    ],
    ["a list of 100,000 levels", "[".repeat(1e5) + "]".repeat(1e5), "is this another JSON file?"],
  ])("%s", (_, json, message) => {
    const text = typeof json === "string" ? json : JSON.stringify(json);
    expect(() => parseTokenizer(text)).toThrow(message);
    survives(message, () => parseTokenizer(text));
  });
  it("what is no text", () => {
    expect(() => parseTokenizer(undefined as unknown as string)).toThrow(
      "parseTokenizer: expected text to be a string, got undefined",
    );
    expect(() => new WordPiece({ "[UNK]": 0 } as never)).toThrow("WordPiece: expected vocab to be a Map");
    expect(() => new ByteLevelBPE(new Map([["a", 0]]), [null] as never)).toThrow(
      "merges: expected two tokens as merge 0, got null",
    );
    expect(() => new ByteLevelBPE(new Map([["a", 4e9]]), [])).toThrow(
      "with few gaps for 1 tokens, got 4000000000",
    );
  });
});
