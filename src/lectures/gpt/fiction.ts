import {
  ByteLevelBPE,
  collate,
  documentText,
  encodeDocuments,
  NextTokenDataset,
  type NextTokenSample,
  readBrown,
  splitDocuments,
} from "../../data";

/** What the lecture's notebook reads: the fiction of the Brown Corpus, with the same books set aside for validation. */
const GENRES = ["fiction", "mystery", "science_fiction", "adventure", "romance", "humor"] as const;
const SPECIAL = { bos: "<bos>", eos: "<eos>" };

/** Paragraphs of the books to train on, and of those that are set aside; headings are left out. */
export function fiction(): { train: string[]; validation: string[] } {
  const paragraphs = (documents: ReturnType<typeof readBrown>) =>
    documents.flatMap((document) => documentText(document).split("\n\n")).filter((text) => text.length > 40);
  const { train, validation } = splitDocuments(readBrown({ genres: GENRES }), { validation: 0.05 });
  return { train: paragraphs(train), validation: paragraphs(validation) };
}

/** Paragraphs of all other genres: essays, news, religion, science. */
export const otherProse = (): string[] =>
  readBrown()
    .filter(({ genre }) => !GENRES.some((one) => one === genre))
    .flatMap((document) => documentText(document).split("\n\n"))
    .filter((text) => text.length > 40);

/** The notebook's tokenizer: byte pairs of the fiction to train on. */
export const fictionTokenizer = (train: readonly string[]): ByteLevelBPE =>
  ByteLevelBPE.train(train, { vocabSize: 2048, specialTokens: Object.values(SPECIAL) });

/** Windows of T tokens: the target of each is the next. */
export const windowsOf = (
  tokenizer: ByteLevelBPE,
  paragraphs: readonly string[],
  T: number,
): NextTokenDataset =>
  new NextTokenDataset(encodeDocuments(tokenizer, paragraphs, SPECIAL), { blockSize: T });

/** So many windows, evenly spread: the same ones every time. Inputs and targets (count, T). */
export function evenly({ ids, blockSize }: NextTokenDataset, count: number): NextTokenSample {
  const all = new NextTokenDataset(ids, { blockSize });
  const every = Math.floor(all.length / count);
  return collate(Array.from({ length: count }, (_, i) => all.get(i * every)));
}
