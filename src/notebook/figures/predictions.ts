import { check, checkOptions, expected, showShape, words } from "../../tensor";
import { displaySymbol, type MimeBundle } from "../display";
import { Drawing } from "../drawing";
import { element, fragment, type Markup } from "../markup";
import { toNDArray, type Values } from "../values";
import { imageOf } from "./figure";
import { brightness, toImages, toRaster } from "./image-grid";
import { pngDataUri } from "./png";
import { ink, label, shortened, svgDocument, titleLabel, titleWidth } from "./svg";

export interface PredictionsOptions {
  /** Names of the classes, K. */
  readonly classes: readonly string[];
  /** The right class of each image, (N). */
  readonly targets: Values;
  readonly title?: string;
  /** How many of the best classes are drawn. Default: 5. */
  readonly top?: number;
  /** Cards side by side. Default: 3. */
  readonly columns?: number;
}

/** What {@link predictions} draws. */
class Predictions extends Drawing {
  constructor(
    text: string,
    private readonly svg: string,
  ) {
    super(text, element("div", { style: "max-width:800px" }, { markup: imageOf(svg, text) }).markup);
  }

  override [displaySymbol](): MimeBundle {
    return { ...super[displaySymbol](), "image/svg+xml": this.svg };
  }
}

const [CARD, SIDE, ROW, MARGIN] = [248, 88, 17, 12];
const RIGHT = "#009e73";
const WRONG = "#d55e00";
const OTHER = "#b9cbd9";

/**
 * What a classifier says about pictures: each one with its right class, the rank and the probability that it got, and the
 * best classes as bars, ✓ where the right one is first. images (N, H, W) or (N, C, H, W), probabilities (N, K). The form of
 * figure 1 in Radford et al., 2021, appendix A.
 */
export function predictions(
  images: Values | readonly Values[],
  probabilities: Values,
  options: PredictionsOptions,
): Drawing {
  checkOptions(
    "predictions",
    options,
    "classes, targets",
    { classes: "texts", targets: "any", title: "text", top: "size", columns: "size" },
    ["classes", "targets"],
  );
  const { classes, title = "", top = 5, columns = 3 } = options;
  const pictures = toImages(images);
  const chances = toNDArray("predictions", probabilities);
  const targets = toNDArray("predictions", options.targets);
  const [N, C, H, W] = pictures.shape;
  const K = classes.length;
  if (chances.ndim !== 2 || chances.shape[0] !== N || chances.shape[1] !== K)
    throw expected("predictions", `probabilities (${N}, ${K})`, words(showShape(chances.shape)));
  if (targets.ndim !== 1 || targets.shape[0] !== N)
    throw expected("predictions", `targets (${N})`, words(showShape(targets.shape)));
  const right = Array.from(targets.flat());
  for (const target of right)
    if (!classes[target]) check("predictions", "a target among the classes", target, []);

  const range = brightness(pictures);
  const values = pictures.flat();
  const height = 40 + Math.max(SIDE, Math.min(top, K) * ROW);
  const start = MARGIN + (title ? 26 : 0);
  const cards = right.map((target, i): { markup: Markup; isRight: boolean } => {
    const row = Array.from(chances.select(0, i).flat());
    const order = row.map((_, k) => k).sort((a, b) => row[b] - row[a]);
    const rank = 1 + order.indexOf(target);
    const isRight = rank === 1;
    const x = MARGIN + (i % columns) * (CARD + MARGIN);
    const y = start + Math.floor(i / columns) * (height + MARGIN);
    const raster = toRaster(values, i * C * H * W, C, H, W, range);
    const bars = order.slice(0, top).map((k, place) => {
      const line = y + 40 + place * ROW + ROW / 2;
      const left = x + SIDE + 10;
      const width = CARD - SIDE - 10;
      return fragment(
        element("rect", {
          x: left,
          y: line - 7,
          width: Math.max(1, Math.round(width * Math.min(1, Math.max(0, row[k] || 0)))),
          height: 14,
          fill: k === target ? RIGHT : place === 0 ? WRONG : OTHER,
          "fill-opacity": 0.55,
        }),
        label(left + 4, line, shortened(classes[k], 24), { anchor: "start", size: 11 }),
      );
    });
    const percent = `${(100 * row[target]).toFixed(1)} %`;
    return {
      isRight,
      markup: fragment(
        label(x, y + 8, `${isRight ? "✓" : "✗"} ${shortened(classes[target], 32)}`, {
          anchor: "start",
          weight: "bold",
          fill: isRight ? RIGHT : WRONG,
        }),
        label(x, y + 25, `rank ${rank} of ${K}, ${percent}`, { anchor: "start", size: 11, fill: ink.muted }),
        element("image", {
          x,
          y: y + 38,
          width: SIDE,
          height: SIDE,
          style: "image-rendering:pixelated",
          href: pngDataUri(raster, Math.max(1, Math.round(SIDE / Math.max(H, W)))),
        }),
        ...bars,
      ),
    };
  });
  const rows = Math.ceil(N / columns);
  const width = Math.max(MARGIN + Math.min(N, columns) * (CARD + MARGIN), titleWidth(title));
  const svg = svgDocument(
    width,
    start + rows * (height + MARGIN),
    title,
    title ? titleLabel(title, width) : fragment(),
    ...cards.map(({ markup }) => markup),
  );
  const found = cards.filter(({ isRight }) => isRight).length;
  return new Predictions(`[predictions]${title ? ` ${title}` : ""}  ${found} of ${N} right`, svg);
}
