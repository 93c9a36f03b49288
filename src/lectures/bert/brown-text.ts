import { type BrownDocument, type BrownSentence, readBrown, splitDocuments, WordPiece } from "../../data";
import { array, check, expected, type NDArray } from "../../tensor";
import { checkDocuments, checkSentence, checkTokenizer } from "./check";

/** The Brown Corpus as the lecture reads it: nine tenths of the documents to learn from, the rest to be judged by. */
export function brownDocuments(): { train: BrownDocument[]; test: BrownDocument[] } {
  const { train, validation } = splitDocuments(readBrown(), { validation: 0.1 });
  return { train, test: validation };
}

/** A sentence as it is printed, but with a blank before every stop: WordPiece cuts there anyway. */
export function sentenceText(sentence: Pick<BrownSentence, "tokens">): string {
  checkSentence("sentenceText", sentence);
  return sentence.tokens.join(" ").replace(/``|''/g, '"');
}

/** The lecture's vocabulary: 2,500 pieces, learned from the training documents. */
export function brownTokenizer(documents: readonly BrownDocument[]): WordPiece {
  checkDocuments("brownTokenizer", "documents", documents);
  const texts = documents.flatMap(({ sentences }) => sentences.map(sentenceText));
  return WordPiece.train(texts, { vocabSize: 2500, minFrequency: 20 });
}

/**
 * Running text as rows of T ids, (N, T): [CLS], then sentence after sentence, each with [SEP] behind it. The end of a
 * document is filled up with [PAD]; what is shorter than a quarter of a row is left out.
 */
export function textRows(tokenizer: WordPiece, documents: readonly BrownDocument[], T: number): NDArray {
  checkTokenizer("textRows", tokenizer);
  checkDocuments("textRows", "documents", documents);
  check("textRows", "T", T, "size");
  if (T < 4) throw expected("textRows", "rows of 4 tokens or more", T);
  const [cls, sep, pad] = ["[CLS]", "[SEP]", "[PAD]"].map((token) => tokenizer.tokenToId(token)!);
  const rows: number[][] = [];
  for (const { sentences } of documents) {
    const stream = sentences.flatMap((sentence) => [
      ...tokenizer.encode(sentenceText(sentence), { addSpecialTokens: false }),
      sep,
    ]);
    for (let start = 0; start < stream.length; start += T - 1) {
      const row = [cls, ...stream.slice(start, start + T - 1)];
      if (row.length > T / 4) rows.push([...row, ...new Array<number>(T - row.length).fill(pad)]);
    }
  }
  return array(rows, { dtype: "int32" });
}
