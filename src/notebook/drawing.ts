import { type Displayable, display, displaySymbol, type MimeBundle } from "./display";
import { element } from "./markup";

/** What Node's console.log asks an object for; by its name, so that the library loads in a browser too. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/**
 * Something to look at: markup for a notebook, text for a terminal. As a cell's last expression it displays
 * itself; earlier in a cell, call `show()`.
 */
export class Drawing implements Displayable {
  constructor(
    private readonly text: string,
    private readonly html: string = element("div", {}, text).markup,
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
  [inspect](): string {
    return this.text;
  }
}
