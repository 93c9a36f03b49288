/**
 * The course: its nine lectures, in order. From this table come the names of the notebooks, the links between them, and
 * every list of lectures. Points are not in it: they are the sum over a lecture's exercises.
 */
import type { Localized } from "../notebook";

export interface Lecture {
  /** Where it stands in the course. */
  readonly number: number;
  /** Its folder in `src/lectures`, and the name by which commands call it. */
  readonly name: string;
  /** Its notebook's file, without `.ipynb`. */
  readonly notebook: string;
  readonly title: Localized;
  /** How long a student needs, exercises included. */
  readonly minutes: number;
  readonly youWrite: Localized;
  readonly data: Localized;
  /** Names of the lectures that it builds on. */
  readonly needs: readonly string[];
}

export const course: readonly Lecture[] = [
  {
    number: 0,
    name: "start",
    notebook: "00-start-here",
    title: { en: "Start here", ru: "Начните здесь" },
    minutes: 15,
    youWrite: { en: "your first two lines", ru: "первые две строки" },
    data: { en: "none", ru: "не нужны" },
    needs: [],
  },
  {
    number: 1,
    name: "tensors",
    notebook: "01-tensors",
    title: { en: "Tensors", ru: "Тензоры" },
    minutes: 150,
    youWrite: {
      en: "strides, broadcasting, distances, a stable softmax, GPU kernels for matmul and softmax",
      ru: "шаги, бродкастинг, расстояния, устойчивый softmax, ядра matmul и softmax для GPU",
    },
    data: { en: "handwritten digits, drawings", ru: "рукописные цифры, рисунки" },
    needs: ["start"],
  },
  {
    number: 2,
    name: "autograd",
    notebook: "02-autograd",
    title: { en: "Autograd", ru: "Автоград" },
    minutes: 180,
    youWrite: {
      en: "the engine itself: pullbacks, the order of the backward walk, an optimiser's step",
      ru: "сам движок: pullback каждого шага, порядок обратного прохода, шаг оптимизатора",
    },
    data: { en: "a spiral, handwritten digits", ru: "спираль, рукописные цифры" },
    needs: ["tensors"],
  },
  {
    number: 3,
    name: "transformer",
    notebook: "03-transformer",
    title: { en: "The transformer", ru: "Трансформер" },
    minutes: 180,
    youWrite: {
      en: "attention, heads, masks, positions, an encoder block, beam search",
      ru: "внимание, головы, маски, позиции, блок энкодера, лучевой поиск",
    },
    data: {
      en: "number words, emoji names in two languages",
      ru: "числительные, названия эмодзи на двух языках",
    },
    needs: ["autograd"],
  },
  {
    number: 4,
    name: "bert",
    notebook: "04-bert",
    title: { en: "BERT: read in both directions", ru: "BERT: читать в обе стороны" },
    minutes: 180,
    youWrite: {
      en: "WordPiece, masking, the masked loss, pairs, spans, labels of pieces, mean pooling",
      ru: "WordPiece, маскирование, лосс на спрятанных словах, пары, отрезки, метки кусочков, усреднение",
    },
    data: {
      en: "the Brown Corpus, reviews, WordNet, tables of facts",
      ru: "Брауновский корпус, отзывы, WordNet, таблицы фактов",
    },
    needs: ["transformer"],
  },
  {
    number: 5,
    name: "gpt",
    notebook: "05-gpt",
    title: { en: "GPT: say what comes next", ru: "GPT: что дальше?" },
    minutes: 180,
    youWrite: {
      en: "merges, next-token pairs, causal attention, sampling, a cure for circles, a KV cache",
      ru: "слияния, пары для предсказания, каузальное внимание, выбор следующего токена, лекарство от зацикливания, KV-кэш",
    },
    data: {
      en: "the Brown Corpus, names in two languages",
      ru: "Брауновский корпус, названия на двух языках",
    },
    needs: ["transformer"],
  },
  {
    number: 6,
    name: "vit",
    notebook: "06-vit",
    title: {
      en: "ViT: an image is a sentence of patches",
      ru: "ViT: изображение как предложение из патчей",
    },
    minutes: 180,
    youWrite: {
      en: "patches and back, their embedding, class token and places, the size of any ViT, rollout, reach, larger grids",
      ru: "патчи и обратно, их эмбеддинг, токен класса и позиции, размер любого ViT, развёртка внимания, дальность голов, большие сетки",
    },
    data: {
      en: "handwritten digits, drawings in four styles",
      ru: "рукописные цифры, рисунки в четырёх стилях",
    },
    needs: ["transformer"],
  },
  {
    number: 7,
    name: "clip",
    notebook: "07-clip",
    title: {
      en: "CLIP: images and texts in one space",
      ru: "CLIP: изображения и тексты в одном пространстве",
    },
    minutes: 180,
    youWrite: {
      en: "a bag of words, cosines, a learned temperature, the symmetric loss, recall, zero-shot, a linear probe",
      ru: "мешок слов, косинусы, обучаемая температура, симметричный лосс, recall@k, zero-shot, линейная проба",
    },
    data: {
      en: "composed scenes with captions, emoji in four styles, handwritten digits",
      ru: "составные сцены с подписями, эмодзи в четырёх стилях, рукописные цифры",
    },
    needs: ["gpt", "vit"],
  },
  {
    number: 8,
    name: "beyond",
    notebook: "08-beyond",
    title: {
      en: "Beyond: pictures, words and sounds in one model",
      ru: "Дальше: картинки, слова и звуки в одной модели",
    },
    minutes: 180,
    youWrite: {
      en: "prefix masks, exact match, a VQ codebook, routing by modality; windows, mIoU, matching",
      ru: "маски с префиксом, точное совпадение, кодовая книга VQ, выбор модальности; окна, mIoU, сопоставление",
    },
    data: { en: "composed scenes, sound effects", ru: "составные сцены, звуковые эффекты" },
    needs: ["clip"],
  },
];
