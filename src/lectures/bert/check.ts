import { check, checkAll, checkMethods, expectedKind } from "../../tensor";

/** What the lecture's functions are given, looked at where it enters. */

export function checkSentence(op: string, sentence: unknown): void {
  check(op, "a sentence", sentence, "object");
  const { tokens, tags } = sentence as { tokens: unknown; tags: unknown };
  check(op, "sentence.tokens", tokens, "texts");
  if (tags !== undefined) check(op, "sentence.tags", tags, "texts");
}

/** Documents as `readBrown` gives them. */
export function checkDocuments(op: string, name: string, documents: unknown): void {
  check(op, name, documents, "objects");
  for (const document of documents as readonly { sentences: unknown }[]) {
    check(op, "document.sentences", document.sentences, "objects");
    for (const sentence of document.sentences as readonly unknown[]) checkSentence(op, sentence);
  }
}

/** Documents to learn from, and to be judged by. */
export function checkSides(op: string, documents: unknown): void {
  check(op, "documents", documents, "object");
  const { train, test } = documents as Record<"train" | "test", unknown>;
  checkDocuments(op, "documents.train", train);
  checkDocuments(op, "documents.test", test);
}

export const checkTokenizer = (op: string, tokenizer: unknown): void =>
  checkMethods(op, "a WordPiece", tokenizer, ["encode", "tokenize", "tokenToId", "idToToken"]);

export function checkSizes(op: string, sizes: unknown): void {
  check(op, "sizes", sizes, "object");
  const { train, test, length } = sizes as Record<"train" | "test" | "length", unknown>;
  checkAll(op, {
    "sizes.train": [train, "size"],
    "sizes.test": [test, "size"],
    "sizes.length": [length, "size"],
  });
  if ((length as number) < 4) throw expectedKind(op, "sizes.length to be 4 or more", length);
}

export const checkModel = (op: string, model: unknown): void =>
  checkMethods(op, "a Module", model, ["parameters", "namedParameters", "train", "eval"]);

/** Rows with ids at least. */
export function checkRows(op: string, rows: unknown, fields: readonly string[] = ["ids"]): void {
  check(op, "rows", rows, "object");
  for (const field of fields) check(op, `rows.${field}`, (rows as Record<string, unknown>)[field], "array");
}
