import { check, checkMethods, readable } from "../tensor";

/**
 * How a value reaches the reader's eye.
 *
 * A notebook front end is sent a *bundle*: the same content in several MIME types, of which it draws the
 * richest that it knows. Inside the kernel a bundle becomes a Jupyter message; in a plain Node program there
 * is no front end, so the bundle's `text/plain` goes to standard output.
 */

/** One content in several formats: MIME type → text, or a JSON object for `…+json` types. */
export type MimeBundle = Record<string, string | object>;

/** Key of the method that gives a value its rich form when it is a cell's last expression. */
export const displaySymbol: unique symbol = Symbol.for("gradschool.display");

/** A value that can draw itself. An empty bundle draws nothing. */
export interface Displayable {
  [displaySymbol](): MimeBundle;
}

/** What has been displayed and can be replaced in place. */
export interface DisplayUpdater {
  update(bundle: MimeBundle): void;
}

/** What our kernel offers to code that runs inside it. */
export interface NotebookKernel {
  display(bundle: MimeBundle): DisplayUpdater;
}

/** In place of the kernel while {@link captureOutput} listens. */
let capturing: NotebookKernel | null = null;

const kernelSymbol = Symbol.for("gradschool.kernel");

/** The kernel this code runs in, or `null` in a plain Node program. */
export function notebookKernel(): NotebookKernel | null {
  if (capturing) return capturing;
  return (globalThis as { [kernelSymbol]?: NotebookKernel })[kernelSymbol] ?? null;
}

export function isDisplayable(value: unknown): value is Displayable {
  const draws = (x: Partial<Displayable>) => typeof x === "object" && typeof x[displaySymbol] === "function";
  return readable(draws, value);
}

/** A displayed output. As a cell's last expression it draws nothing: its content is on the page already. */
export class DisplayHandle implements Displayable {
  constructor(private readonly updater: DisplayUpdater | null) {
    if (updater !== null) checkMethods("DisplayHandle", "null or an updater", updater, ["update"]);
  }

  /** Replace what was displayed. In a terminal the new text follows the old. */
  update(value: Displayable): void {
    const bundle = bundleOf("DisplayHandle.update", value);
    if (this.updater) this.updater.update(bundle);
    else printPlain(bundle);
  }

  [displaySymbol](): MimeBundle {
    return {};
  }
}

function bundleOf(op: string, value: Displayable): MimeBundle {
  const hint = "show(value) takes any value";
  checkMethods(op, "something that draws itself, such as a figure", value, [displaySymbol], hint);
  const bundle = value[displaySymbol]();
  check(op, "what it draws", bundle, "object");
  return bundle;
}

/** Display `value` now, wherever in the cell (or program) this is called. */
export function display(value: Displayable): DisplayHandle {
  const bundle = bundleOf("display", value);
  const kernel = notebookKernel();
  if (kernel) return new DisplayHandle(kernel.display(bundle));
  printPlain(bundle);
  return new DisplayHandle(null);
}

function printPlain(bundle: MimeBundle): void {
  const plain = bundle["text/plain"];
  if (typeof plain === "string") process.stdout.write(`${plain}\n`);
}

/**
 * From here on what is printed or displayed goes to `write` as text and not to the page, until the function that is
 * returned is called.
 */
export function captureOutput(write: (text: string) => void): () => void {
  const outer = capturing;
  const update = (bundle: MimeBundle) => {
    const plain = bundle["text/plain"];
    if (typeof plain === "string") write(`${plain}\n`);
  };
  const display = (bundle: MimeBundle) => {
    update(bundle);
    return { update };
  };
  capturing = { display };
  const ends = typeof process === "undefined" ? [] : [process.stdout, process.stderr].map(redirect(write));
  return () => {
    capturing = outer;
    for (const end of ends) end();
  };
}

/** `console` writes to these streams, in the kernel too. */
const redirect = (write: (text: string) => void) => (stream: NodeJS.WriteStream) => {
  const own = Object.getOwnPropertyDescriptor(stream, "write");
  stream.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
    write(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
    const done = typeof encoding === "function" ? encoding : callback;
    if (typeof done === "function") process.nextTick(done);
    return true;
  }) as typeof stream.write;
  return () => {
    if (own) Object.defineProperty(stream, "write", own);
    else Reflect.deleteProperty(stream, "write");
  };
};
