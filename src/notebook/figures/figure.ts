import { checkOptions, nodeModule } from "../../tensor";
import { displaySymbol, type MimeBundle } from "../display";
import { Drawing } from "../drawing";
import { element } from "../markup";
import { liveScript, type PlotlySpec } from "./plotly";
import { svgDataUri } from "./svg";

const crypto = nodeModule("node:crypto");

/** One figure in its forms. */
export interface FigureParts {
  /** One or a few lines for a terminal. */
  readonly text: string;
  /** The static picture: an SVG document. */
  readonly svg: string;
  /** The live plot. */
  readonly plotly: PlotlySpec;
}

/**
 * A picture with two lives: a static SVG that every viewer shows (GitHub, an untrusted notebook, print), and a
 * live Plotly plot that replaces it wherever scripts may run.
 */
export class Figure extends Drawing {
  private readonly svg: string;
  /** Plotly's data and layout, to change and draw in one's own way. */
  readonly plotly: PlotlySpec;
  private png: Uint8Array | null = null;

  constructor(options: FigureParts) {
    checkOptions("Figure", options, "text, svg", { text: "text", svg: "text", plotly: "object" }, [
      "text",
      "svg",
      "plotly",
    ]);
    const { text, svg, plotly } = options;
    super(text, figureHtml(text, svg, plotly));

    this.svg = svg;
    this.plotly = plotly;
  }

  /** The static picture as an SVG document. */
  toSvg(): string {
    return this.svg;
  }

  /** Add a PNG of this figure to what is displayed: some viewers of saved notebooks show nothing else. */
  attachPng(bytes: Uint8Array): this {
    this.png = bytes;
    return this;
  }

  override [displaySymbol](): MimeBundle {
    return {
      ...super[displaySymbol](),
      "application/vnd.plotly.v1+json": { data: this.plotly.data, layout: this.plotly.layout },
      ...(this.png ? { "image/png": Buffer.from(this.png).toString("base64") } : {}),
    };
  }
}

/** The static picture, and the script that puts the live plot in its place. */
function figureHtml(text: string, svg: string, plotly: PlotlySpec): string {
  const key = crypto.createHash("sha256").update(JSON.stringify(plotly)).digest("hex").slice(0, 16);
  const style = "max-width:800px;overflow-x:auto";
  const host = element("div", { "data-gradschool-figure": key, style }, { markup: imageOf(svg, text) });
  return host.markup + liveScript(key, plotly);
}

/** An `<img>` that holds an SVG in itself. */
export const imageOf = (svg: string, alt: string): string =>
  element("img", { src: svgDataUri(svg), alt, style: "max-width:100%" }).markup;
