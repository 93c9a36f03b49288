import { checkOptions, expected, type NDArray, showShape, words } from "../../tensor";
import { element, escapeMarkup, fragment } from "../markup";
import { finiteRange, formatNumber, largest } from "../numbers";
import { toNDArray, type Values } from "../values";
import { Figure } from "./figure";
import { baseLayout, type PlotlySpec } from "./plotly";
import { pngDataUri, type Raster } from "./png";
import { label, svgDocument, titleLabel, titleWidth, widest, wrapped } from "./svg";

export interface ImageGridOptions {
  readonly title?: string;
  /** Images side by side; as many as fit unless given. */
  readonly columns?: number;
  /** A text under each image, on up to three lines. */
  readonly labels?: readonly (string | number)[];
  /** Screen pixels per image pixel; so that an image is about 84 wide unless given. */
  readonly scale?: number;
  /** Values shown as black and as white. Unless given: 0 and 1 if all lie between, 0 and 255 for integers, else the extremes. */
  readonly range?: readonly [black: number, white: number];
}

/** More images than this are neither looked at nor worth sending. */
const limit = 256;

interface PlacedImage {
  readonly x: number;
  readonly y: number;
  readonly source: string;
  /** In lines. */
  readonly label: readonly string[];
}

const LABEL = { size: 11, line: 14 };

/**
 * Images in a grid: (N, H, W) in grey, (N, 1, H, W) or (N, 3, H, W), a list of (H, W) or (C, H, W), or one
 * image (H, W). At most 256 are shown.
 */
export function imageGrid(images: Values | readonly Values[], options: ImageGridOptions = {}): Figure {
  checkOptions("imageGrid", options, "title, columns", {
    title: "text",
    columns: "number",
    labels: "list",
    scale: "number",
    range: "numbers",
  });

  const all = toImages(images);
  const [total, C, H, W] = all.shape;
  const { title = "", labels } = options;
  if (labels && labels.length !== total) {
    throw expected("imageGrid", `${total} labels, one for each image`, labels.length);
  }
  const N = Math.min(total, limit);
  const x = all.narrow(0, 0, N);
  const scale = options.scale ?? Math.max(1, Math.min(8, Math.round(84 / Math.max(H, W))));
  const [width, height] = [W * scale, H * scale];
  const gap = 8;
  const fitting = Math.max(1, Math.floor((widest - 20 + gap) / (width + gap)));
  const columns = Math.min(N, options.columns ?? Math.min(fitting, Math.ceil(Math.sqrt(N) * 1.6)));
  const rows = Math.ceil(N / columns);
  const lines = Array.from({ length: N }, (_, i) =>
    labels ? wrapped(String(labels[i]), width + gap - 2, LABEL.size) : [],
  );
  const labelRoom = labels ? 4 + LABEL.line * largest(lines.map(({ length }) => length)) : 0;
  const note = N < total ? `the first ${N} of ${total} images` : "";
  const top = 12 + (title ? 24 : 0) + (note ? 18 : 0);
  const pageWidth = Math.max(200, 24 + columns * (width + gap) - gap, titleWidth(title));
  const pageHeight = top + rows * (height + labelRoom + gap) - gap + 12;

  const range = options.range ?? brightness(all);
  const values = x.flat();
  const placed = Array.from({ length: N }, (_, i): PlacedImage => {
    const raster = toRaster(values, i * C * H * W, C, H, W, range);
    return {
      x: 12 + (i % columns) * (width + gap),
      y: top + Math.floor(i / columns) * (height + labelRoom + gap),
      source: pngDataUri(raster, Math.max(1, Math.round(scale))),
      label: lines[i],
    };
  });
  const svg = svgDocument(
    pageWidth,
    pageHeight,
    title,
    title ? titleLabel(title, pageWidth) : fragment(),
    note ? label(14, title ? 40 : 20, note, { size: 11 }) : fragment(),
    ...placed.map((image) =>
      fragment(
        element("image", {
          x: image.x,
          y: image.y,
          width,
          height,
          style: "image-rendering:pixelated",
          href: image.source,
        }),
        ...image.label.map((line, i) =>
          label(image.x + width / 2, lineY(image, height, i), line, { anchor: "middle", size: LABEL.size }),
        ),
      ),
    ),
  );
  const kind = C === 3 ? "colour" : "grey";
  return new Figure({
    text: `[images]${title ? ` ${title}` : ""}  ${total} ${kind} images of ${H} × ${W}, ${formatNumber(range[0])} to ${formatNumber(range[1])}`,
    svg,
    plotly: gridPlotly(placed, labels ?? [], { title, note, width, height, pageWidth, pageHeight }),
  });
}

/** The middle of a label's line `i`, under an image of this height. */
const lineY = (image: PlacedImage, height: number, i: number) => image.y + height + 9 + i * LABEL.line;

/** Any accepted input as (N, C, H, W) with C = 1 or 3. */
export function toImages(images: Values | readonly Values[]): NDArray {
  const x = toNDArray("imageGrid", images as Values);
  const four = x.ndim === 2 ? x.unsqueeze(0).unsqueeze(1) : x.ndim === 3 ? x.unsqueeze(1) : x;
  if (four.ndim !== 4 || (four.shape[1] !== 1 && four.shape[1] !== 3)) {
    const hint = four.ndim === 4 && four.shape[3] === 3 ? "did you mean .permute([0, 3, 1, 2])?" : undefined;
    const what = "(N, H, W), (N, 1, H, W) or (N, 3, H, W)";
    throw expected("imageGrid", what, words(showShape(x.shape)), hint);
  }
  if (four.size === 0) throw expected("imageGrid", "at least one pixel", words(showShape(x.shape)));
  return four;
}

export function brightness(images: NDArray): [number, number] {
  const [low, high] = finiteRange(images.flat());
  if (low >= 0 && high <= 1) return [0, 1];
  if (low >= 0 && high <= 255 && images.dtype === "int32") return [0, 255];
  return [low, high];
}

/** One image as bytes; NaN is magenta. */
export function toRaster(
  values: ArrayLike<number>,
  start: number,
  C: number,
  H: number,
  W: number,
  [black, white]: readonly [number, number],
): Raster {
  const rgb = new Uint8Array(3 * H * W);
  for (let pixel = 0; pixel < H * W; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = values[start + (C === 3 ? channel * H * W : 0) + pixel];
      const level = white > black ? (value - black) / (white - black) : 0.5;
      rgb[3 * pixel + channel] = Number.isNaN(level)
        ? [214, 39, 190][channel]
        : Math.round(255 * Math.min(1, Math.max(0, level)));
    }
  }
  return { width: W, height: H, rgb };
}

interface GridSizes {
  readonly title: string;
  readonly note: string;
  readonly width: number;
  readonly height: number;
  readonly pageWidth: number;
  readonly pageHeight: number;
}

/** The same grid on axes without marks, for zooming; one unit is one screen pixel. */
function gridPlotly(
  placed: readonly PlacedImage[],
  labels: readonly (string | number)[],
  sizes: GridSizes,
): PlotlySpec {
  const { title, note, width, height, pageWidth, pageHeight } = sizes;
  const text = (content: string, x: number, y: number, xanchor: string) => ({
    text: escapeMarkup(content),
    x,
    y,
    xref: "x",
    yref: "y",
    xanchor,
    yanchor: "middle",
    showarrow: false,
    font: { size: LABEL.size },
  });
  const hidden = { visible: false, fixedrange: false };
  return {
    data: [
      {
        type: "scatter",
        mode: "markers",
        x: placed.map((image) => image.x + width / 2),
        y: placed.map((image) => image.y + height / 2),
        text: placed.map((_, i) => escapeMarkup(String(labels[i] ?? `image ${i}`))),
        hovertemplate: "%{text}<extra></extra>",
        marker: { opacity: 0, size: Math.min(width, height) },
      },
    ],
    layout: {
      ...baseLayout("", pageHeight),
      width: pageWidth,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      showlegend: false,
      xaxis: { ...hidden, range: [0, pageWidth] },
      yaxis: { ...hidden, range: [pageHeight, 0] },
      annotations: [
        ...(title ? [{ ...text(title, 14, 20, "left"), font: { size: 14 } }] : []),
        ...(note ? [text(note, 14, title ? 40 : 20, "left")] : []),
        ...placed.flatMap((image) =>
          image.label.map((line, i) => text(line, image.x + width / 2, lineY(image, height, i), "center")),
        ),
      ],
      images: placed.map((image) => ({
        source: image.source,
        x: image.x,
        y: image.y,
        sizex: width,
        sizey: height,
        xref: "x",
        yref: "y",
        xanchor: "left",
        yanchor: "top",
        sizing: "stretch",
        layer: "below",
      })),
    },
  };
}
