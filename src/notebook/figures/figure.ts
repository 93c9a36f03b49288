import { createHash } from "node:crypto";
import { type Displayable, type DisplayHandle, display, displaySymbol, type MimeBundle } from "../display";
import { element } from "../markup";
import { liveScript, type PlotlySpec } from "./plotly";
import { svgDataUri } from "./svg";

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
 * live Plotly plot that replaces it wherever scripts may run. As a cell's last expression it displays itself;
 * earlier in a cell, call `show()`.
 */
export class Figure implements Displayable {
  private png: Uint8Array | null = null;

  constructor(private readonly parts: FigureParts) {}

  /** Plotly's data and layout, to change and draw in one's own way. */
  get plotly(): PlotlySpec {
    return this.parts.plotly;
  }

  /** The static picture as an SVG document. */
  toSvg(): string {
    return this.parts.svg;
  }

  /** A fragment for any page: the static picture, and the script that makes it live. */
  toHtml(): string {
    const key = createHash("sha256").update(JSON.stringify(this.parts.plotly)).digest("hex").slice(0, 16);
    const picture = imageOf(this.parts.svg, this.parts.text);
    const host = element(
      "div",
      { "data-gradschool-figure": key, style: "max-width:800px;overflow-x:auto" },
      { markup: picture },
    );
    return host.markup + liveScript(key, this.parts.plotly);
  }

  /** Add a PNG of this figure to what is displayed: some viewers of saved notebooks show nothing else. */
  attachPng(bytes: Uint8Array): this {
    this.png = bytes;
    return this;
  }

  /** Display the figure now. */
  show(): DisplayHandle {
    return display(this);
  }

  /** What a terminal shows. */
  toString(): string {
    return this.parts.text;
  }

  [displaySymbol](): MimeBundle {
    return {
      "text/html": this.toHtml(),
      "application/vnd.plotly.v1+json": { data: this.plotly.data, layout: this.plotly.layout },
      ...(this.png ? { "image/png": Buffer.from(this.png).toString("base64") } : {}),
      "text/plain": this.parts.text,
    };
  }
}

/** An `<img>` that holds an SVG in itself. */
export const imageOf = (svg: string, alt: string): string =>
  element("img", { src: svgDataUri(svg), alt, style: "max-width:100%" }).markup;
