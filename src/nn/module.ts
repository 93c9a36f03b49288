import {
  check,
  checkOptions,
  type DType,
  during,
  expected,
  expectedKind,
  isFloat,
  type NDArray,
  nearest,
  refusal,
  suggestMembers,
} from "../tensor";
import { addHook, type ForwardHook, type ForwardPreHook, type HookHandle } from "./hooks";
import { BufferTensor, Parameter } from "./parameter";
import { printModule } from "./print-module";
import { type LoadReport, loadInto, moduleFaults } from "./state-dict";

/** What Node's console.log and notebooks ask an object for. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/**
 * Something with parameters and a `forward`. Assign parameters, buffers and other modules (or arrays and plain
 * objects of them) to properties, and they are found by walking the properties in order; a name is the path that
 * leads there:
 * `blocks.0.attention.query.weight`.
 *
 * ```ts
 * class Classifier extends Module {
 *   hidden = new Linear(4, 8);
 *   output = new Linear(8, 3);
 *   forward(x: Tensor): Tensor {
 *     return this.output.forward(relu(this.hidden.forward(x)));
 *   }
 * }
 * ```
 * What lies behind a #private name, or in a Map, cannot be found: use `private` properties, arrays and objects.
 */
export abstract class Module {
  /** Set by train() and eval(); dropout and batch norm behave differently. */
  training = true;

  abstract forward(...inputs: never[]): unknown;

  /** The named properties that are walked. */
  protected members(): [name: string, value: unknown][] {
    return Object.entries(this);
  }

  /** What stands between the brackets when this module is printed. */
  extraRepr(): string {
    return "";
  }

  // What it is made of

  /** The modules directly inside, with their names. */
  namedChildren(): [name: string, module: Module][] {
    return this.#owned().filter((entry): entry is [string, Module] => entry[1] instanceof Module);
  }

  children(): Module[] {
    return this.namedChildren().map(([, module]) => module);
  }

  /** This module (under the name "") and all below it, each once. */
  namedModules(): [name: string, module: Module][] {
    const seen = new Map<Module, string>();
    this.#walk("", [], (path, item) => {
      if (item instanceof Module && !seen.has(item)) seen.set(item, path);
    });
    return [...seen].map(([module, path]) => [path, module]);
  }

  /** Every parameter once, under the first name that leads to it: tied weights count once. */
  namedParameters(): [name: string, parameter: Parameter][] {
    const seen = new Map<Parameter, string>();
    this.#walk("", [], (path, item) => {
      if (item instanceof Parameter && !seen.has(item)) seen.set(item, path);
    });
    return [...seen].map(([tensor, path]) => [path, tensor]);
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, tensor]) => tensor);
  }

  /** The parameter that this path leads to, `blocks.0.attention.query.weight`. Throws where none is. */
  getParameter(path: string): Parameter {
    const all = new Map(this.#tensors());
    const found = all.get(path);
    if (found instanceof Parameter) return found;
    const names = [...all].flatMap(([name, item]) => (item instanceof Parameter ? [name] : []));
    const near = typeof path === "string" ? nearest(path, names) : undefined;
    const hint = found ? "that is a buffer" : near && `did you mean "${near}"?`;
    throw expected("getParameter", `the path of a parameter of ${this.constructor.name}`, path, hint);
  }

  /** Every buffer once, under the first name that leads to it: what is saved with the module but not trained. */
  namedBuffers(): [name: string, buffer: BufferTensor][] {
    const seen = new Map<BufferTensor, string>();
    this.#walk("", [], (path, item) => {
      if (item instanceof BufferTensor && !seen.has(item)) seen.set(item, path);
    });
    return [...seen].map(([tensor, path]) => [path, tensor]);
  }

  /** The tensors of {@link namedBuffers}. */
  buffers(): BufferTensor[] {
    return this.namedBuffers().map(([, tensor]) => tensor);
  }

  /** Number of numbers in the parameters, tied ones counted once. */
  parameterCount(options: { trainableOnly?: boolean } = {}): number {
    checkOptions("Module.parameterCount", options, "trainableOnly", { trainableOnly: "boolean" });
    const { trainableOnly = false } = options;

    return this.parameters()
      .filter((tensor) => tensor.requiresGrad || !trainableOnly)
      .reduce((total, tensor) => total + tensor.size, 0);
  }

  // Hooks

  /**
   * Call `hook` after each `forward` of this module; what it returns, unless undefined, is the output instead. To look
   * inside a model without changing it:
   * ```ts
   * const handle = model.blocks[3].registerForwardHook((_, inputs, output) => seen.push(output));
   * handle.remove();
   * ```
   * Hooks run in the order in which they were registered, for calls of `forward` alone.
   */
  registerForwardHook<M extends Module>(this: M, hook: ForwardHook<M>): HookHandle {
    return addHook("registerForwardHook", this, "after", hook);
  }

  /**
   * Call `hook` with the inputs before each `forward`; what it returns, unless undefined, are the inputs instead: a list,
   * or the only one.
   */
  registerForwardPreHook<M extends Module>(this: M, hook: ForwardPreHook<M>): HookHandle {
    return addHook("registerForwardPreHook", this, "before", hook);
  }

  // Modes

  /** Training mode, here and below: dropout drops, batch norm uses the batch. */
  train(mode = true): this {
    return this.apply((module) => {
      module.training = mode;
    });
  }

  /** Evaluation mode: the same input gives the same output. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Run `fn` in evaluation mode; when it is over, by a result or an error, every module here and below is in the mode in
   * which it was (a part that was frozen with eval() stays so): `model.evaluating(() => noGrad(() => model.forward(x)))`.
   * `fn` must be synchronous.
   */
  evaluating<T>(fn: () => T): T {
    const modes = this.namedModules().map(([, module]) => ({ module, training: module.training }));
    this.eval();
    return during("evaluating", fn, () => {
      for (const { module, training } of modes) module.training = training;
    });
  }

  /** Run `fn` on every module below, then on this one. */
  apply(fn: (module: Module) => void): this {
    check("Module.apply", "fn", fn, "function");

    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Stop training these parameters; a gradient that waits there is dropped. */
  freeze(): this {
    for (const tensor of this.parameters()) {
      tensor.requiresGrad = false;
      tensor.zeroGrad();
    }
    return this;
  }

  unfreeze(): this {
    for (const tensor of this.parameters()) tensor.requiresGrad = true;
    return this;
  }

  zeroGrad(): void {
    for (const tensor of this.parameters()) tensor.zeroGrad();
  }

  /** In place: float parameters and buffers as float32 or float64. Make the optimiser afterwards. */
  to(dtype: DType): this {
    check("Module.to", "dtype", dtype, "dtype");

    if (!isFloat(dtype)) throw expectedKind("Module.to", '"float32" or "float64"', dtype);
    for (const [, tensor] of this.#tensors()) {
      if (!isFloat(tensor.dtype)) continue;
      tensor.data = tensor.data.to(dtype);
      tensor.zeroGrad();
    }
    return this;
  }

  // State

  /**
   * Every parameter and buffer by name; tied ones under each of their names. The arrays are the model's own memory,
   * so the next training step changes them: `clone()` what must stay.
   */
  stateDict(): Map<string, NDArray> {
    return new Map(this.#tensors().map(([name, tensor]) => [name, tensor.data]));
  }

  /** Everything about `state` that does not fit here, in words; none when loadStateDict() takes it. */
  stateFaults(state: ReadonlyMap<string, unknown>, options: { strict?: boolean } = {}): string[] {
    checkOptions("Module.stateFaults", options, "strict", { strict: "boolean" });
    const { strict = true } = options;
    return moduleFaults(new Map(this.#tensors()), state, strict);
  }

  /**
   * Copy `state` into the parameters and buffers of the same names. Throws one error that lists every missing,
   * unexpected and misshapen name, and then has changed nothing. `strict: false` leaves out names that only one
   * side has, and returns them; shapes must agree all the same.
   */
  loadStateDict(state: ReadonlyMap<string, NDArray>, options: { strict?: boolean } = {}): LoadReport {
    checkOptions("Module.loadStateDict", options, "strict", { strict: "boolean" });
    const { strict = true } = options;

    return loadInto(this.constructor.name, new Map(this.#tensors()), state, strict);
  }

  /** Nested like PyTorch's: equal neighbours in an array are written once, as `(0-11): 12 x Block(…)`. */
  toString(): string {
    return printModule(this.constructor.name, this.extraRepr(), this.namedChildren());
  }
  [inspect](): string {
    return this.toString();
  }

  // The walk

  /** Parameters, buffers and modules held by the properties of this module; arrays and plain objects are looked into. */
  #owned(): [name: string, item: Owned][] {
    const found: [string, Owned][] = [];
    const above: unknown[] = []; // a plain object may contain itself
    const look = (name: string, value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      if (value instanceof Parameter || value instanceof BufferTensor || value instanceof Module) {
        found.push([name, value]);
      } else if (Array.isArray(value) || isPlain(value)) {
        if (above.includes(value)) return;
        above.push(value);
        for (const [key, item] of Object.entries(value)) look(`${name}.${key}`, item);
        above.pop();
      }
    };
    for (const [name, value] of this.members()) look(name, value);
    return found;
  }

  /** Visits all paths to modules, parameters and buffers: this module, then its own tensors, then what its children hold. */
  #walk(path: string, above: Module[], visit: (path: string, item: Owned) => void): void {
    if (above.includes(this)) {
      throw refusal(
        this.constructor.name,
        `a module cannot contain itself, found at "${path}"`,
        "keep a link to a parent out of the properties",
      );
    }
    visit(path, this);
    const owned = this.#owned();
    for (const [name, item] of owned) if (!(item instanceof Module)) visit(join(path, name), item);
    above.push(this);
    for (const [name, item] of owned) if (item instanceof Module) item.#walk(join(path, name), above, visit);
    above.pop();
  }

  /** All paths to parameters and buffers. */
  #tensors(): [path: string, tensor: Parameter | BufferTensor][] {
    const found: [string, Parameter | BufferTensor][] = [];
    this.#walk("", [], (path, item) => {
      if (!(item instanceof Module)) found.push([path, item]);
    });
    return found;
  }
}

suggestMembers(Module, "module");

/** What a module is made of. */
type Owned = Parameter | BufferTensor | Module;

const isPlain = (x: object): boolean => Object.getPrototypeOf(x) === Object.prototype;

const join = (path: string, name: string): string => (path ? `${path}.${name}` : name);
