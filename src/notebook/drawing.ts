import { inspect } from "node:util";
import { type Displayable, display, displaySymbol, type MimeBundle } from "./display";

/**
 * Something to look at: markup for a notebook, text for a terminal. As a cell's last expression it displays
 * itself; earlier in a cell, call `show()`.
 */
export class Drawing implements Displayable {
  constructor(
    private readonly text: string,
    private readonly html: string,
  ) {}

  /** Display it now. */
  show(): void {
    display(this);
  }

  /** A fragment for any page. */
  toHtml(): string {
    return this.html;
  }

  /** What a terminal shows. */
  toString(): string {
    return this.text;
  }

  [displaySymbol](): MimeBundle {
    return { "text/html": this.toHtml(), "text/plain": this.text };
  }

  /** `console.log` shows the text too, not the fields of this object. */
  [inspect.custom](): string {
    return this.text;
  }
}
