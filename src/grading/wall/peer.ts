import { grad, isGradEnabled, noGrad, record, Tensor } from "../../autograd";
import type { NDArray } from "../../tensor";
import { Halted } from "../time-limit";
import { applyChanges } from "./changes";
import { type Links, type Past, text, wholeNumber } from "./codec";
import { Decoder } from "./decoder";
import { Encoder } from "./encoder";
import { type Frame, ProtocolError, TooMuch } from "./frames";

/** Frames to the other side and from it, in turn. */
export interface Transport {
  send(frame: Frame): void;
  /** The next frame, waited for. Throws when there will be none. */
  receive(): Frame;
  /** So many milliseconds of computing it took to read what came. */
  spent?(milliseconds: number): void;
  /** The other side has sent what it should not: ends the line, and gives the error that says so. */
  broken?(error: ProtocolError): Error;
}

export interface PeerOptions {
  /**
   * On the side of the checks: the other one may call the functions that it was given, and nothing else of ours.
   */
  readonly guards: boolean;
  /** Around each call of a function of ours for the other side. */
  around?<T>(run: () => T): T;
  /** Around each question to the other side. */
  pause?<T>(run: () => T): T;
  /** What is sent with an answer besides; and what came so. */
  extras?(): Readonly<Record<string, unknown>>;
  took?(extras: unknown): void;
}

/** Calls within calls: deeper than this nothing sensible goes. */
const MOST_DEEP = 100;
/** Objects of one side that the other one may hold. */
const MOST_HELD = 200_000;
/** What no object gives away about how it was made. */
const CLOSED: ReadonlySet<string> = new Set([
  "constructor",
  "__proto__",
  "prototype",
  "caller",
  "arguments",
  "callee",
]);

/**
 * One side of the wall: it calls functions of the other, answers calls of its own functions meanwhile, and keeps what stays on its
 * side. Both sides are alike, so that calls may be nested: a check calls a student's function, which calls a function that
 * it was given.
 *
 * Tensors that want a gradient stay differentiable. What is computed here from tensors of the other side is there the result of one
 * recorded operation on those tensors, whose pullback asks this side.
 */
export class Peer {
  private readonly held = new Map<number, object>();
  private readonly numbers = new WeakMap<object, number>();
  private next = 1;
  /** Stand-ins, and what each stands for. */
  private readonly standIns = new Map<string, object>();
  private readonly meant = new WeakMap<object, number>();
  /** Tensors of ours that stand for one of the other side. */
  private readonly foreign = new WeakMap<Tensor, number>();
  private readonly past = new WeakMap<Tensor, Past>();
  private readonly roots = new Map<number, readonly Tensor[]>();
  private depth = 0;
  private readonly undo: (() => void)[] = [];

  constructor(
    private readonly transport: Transport,
    private readonly options: PeerOptions,
  ) {}

  /** Let the other side call `fn` as number 0. */
  open(fn: (...args: never[]) => unknown): void {
    this.held.set(0, fn);
  }

  /** Call function `id` of the other side. */
  call(id: number, self: unknown, args: readonly unknown[], isNew = false): unknown {
    return this.ask((encoder) => ({
      ask: "call",
      id,
      self: encoder.value(
        typeof self === "object" && self !== null && this.meant.has(self) ? self : undefined,
      ),
      args: args.map((arg) => encoder.value(arg)),
      ...(isNew ? { new: true } : {}),
      ...(isGradEnabled() ? {} : { noGrad: true }),
    }));
  }

  /** Put back all that the other side has changed of what it was lent: others will be lent the same. */
  putBack(): void {
    for (const undo of this.undo.splice(0).reverse()) undo();
  }

  /** Answer what the other side asks, until it is gone. */
  serve(): void {
    for (;;) this.step();
  }

  /** Answer the next question. */
  step(): void {
    this.answer(this.transport.receive());
  }

  private ask(build: (encoder: Encoder) => Record<string, unknown>): unknown {
    const { pause = (run) => run() } = this.options;
    return pause(() => this.asked(build));
  }

  private asked(build: (encoder: Encoder) => Record<string, unknown>): unknown {
    if (this.depth > MOST_DEEP) throw new RangeError("Maximum call stack size exceeded");
    const encoder = new Encoder(this.links);
    const head = build(encoder);
    this.depth++;
    try {
      this.transport.send({ head: { ...head, nodes: encoder.finish() }, bytes: encoder.bytes });
      for (;;) {
        const frame = this.transport.receive();
        if (frame.head.ask !== undefined) {
          this.answer(frame);
          continue;
        }
        const { spent } = this.transport;
        const start = spent && process.cpuUsage();
        const result = this.result(frame, encoder);
        if (start) {
          const { user, system } = process.cpuUsage(start);
          this.transport.spent?.((user + system) / 1000);
        }
        return result;
      }
    } catch (error) {
      throw error instanceof ProtocolError && this.transport.broken ? this.transport.broken(error) : error;
    } finally {
      this.depth--;
    }
  }

  private result({ head, bytes }: Frame, { objects, copies }: Encoder): unknown {
    const lent = objects.length;
    const decoder = new Decoder(this.links, head.nodes, bytes, objects);
    const undo = applyChanges(head.changes, decoder, bytes, lent, copies);
    if (this.options.guards) this.undo.push(...undo);
    this.options.took?.(head.extras);
    const value = decoder.value(head.value);
    if (head.reply === "value") return value;
    if (head.reply === "error") throw value;
    if (head.reply === "unreadable")
      return {
        get result() {
          throw value;
        },
      };
    throw new ProtocolError("an answer of no known kind");
  }

  private answer({ head, bytes }: Frame): void {
    const { guards } = this.options;
    const decoder = new Decoder(this.links, head.nodes, bytes);
    let reply = "value";
    let value: unknown;
    try {
      value = this.perform(head, decoder);
    } catch (error) {
      if (guards && isFatal(error)) throw error;
      [reply, value] = ["error", error];
    }
    let extras: Readonly<Record<string, unknown>> | undefined;
    const tell = (reply: string, value: unknown, changed: Decoder | null): void => {
      const encoder = new Encoder(this.links, decoder.objects);
      const written = write(encoder, value, changed);
      extras ??= this.options.extras?.();
      this.transport.send({ head: { reply, ...written, ...(extras && { extras }) }, bytes: encoder.bytes });
    };
    try {
      tell(reply, value, decoder);
    } catch (error) {
      if (guards && isFatal(error)) throw error;
      const kind = reply === "value" && !guards ? "unreadable" : "error";
      try {
        tell(kind, plainError(error), decoder);
      } catch (more) {
        // What was made of the arguments is too much already.
        if (!(more instanceof TooMuch)) throw more;
        tell(kind, plainError(more), null);
      }
    }
  }

  private perform(head: Frame["head"], decoder: Decoder): unknown {
    const id = wholeNumber(head.id);
    if (head.ask === "pull") return this.pull(id, decoder.value(head.g) as NDArray);
    const object = this.links.resolve(id);
    if (head.ask === "call") {
      if (typeof object !== "function" || !Array.isArray(head.args))
        throw new ProtocolError("a call of no function");
      const args = head.args.map((arg) => decoder.value(arg));
      const self = decoder.value(head.self);
      const call = () =>
        head.new === true ? Reflect.construct(object, args) : Reflect.apply(object, self, args);
      const { around = (run) => run() } = this.options;
      return around(head.noGrad === true ? () => noGrad(call) : call);
    }
    const key = head.key;
    if (head.ask === "keys") return this.options.guards ? [] : Reflect.ownKeys(object).filter(isText);
    if (typeof key !== "string") throw new ProtocolError("no name of a field");
    if (head.ask === "get") return this.options.guards ? shown(object, key) : Reflect.get(object, key);
    if (head.ask === "has")
      return this.options.guards ? shown(object, key) !== undefined : Reflect.has(object, key);
    if (head.ask === "set" && !this.options.guards) return Reflect.set(object, key, decoder.value(head.to));
    throw new ProtocolError("a question of no known kind");
  }

  /** The gradient that tensor `id` of ours pulls back to each tensor of the other side that it was computed from. */
  private pull(id: number, g: NDArray): (NDArray | null)[] {
    const tensor = this.held.get(id);
    const leaves = this.roots.get(id);
    if (!(tensor instanceof Tensor) || !leaves) throw new ProtocolError("the gradient of no tensor");
    return grad(tensor, leaves, { gradOutput: g, retainGraph: true, allowUnused: true });
  }

  private readonly links: Links = {
    theirs: (value) => this.meant.get(value),
    ours: (value) => this.hold(value),
    resolve: (id) => {
      const object = this.held.get(id);
      if (!object) throw new ProtocolError("the number of no object");
      return object;
    },
    adopt: (value, id) => void this.meant.set(value, id),
    standIn: (what, id, name) => this.standIn(what, id, name),
    pastOf: (tensor) => this.pastOf(tensor),
    recall: (data, past) => this.recall(data, past),
  };

  private hold(value: object): number {
    const known = this.numbers.get(value);
    if (known !== undefined) return known;
    if (this.options.guards) refuseToLend(value);
    if (this.held.size >= MOST_HELD) throw new RangeError("too many objects are held across the wall");
    const id = this.next++;
    this.held.set(id, value);
    this.numbers.set(value, id);
    return id;
  }

  private pastOf(tensor: Tensor): Past {
    const known = this.past.get(tensor);
    if (known) return known;
    const leaves: Tensor[] = [];
    let own = false;
    const seen = new Set([tensor]);
    for (const one of seen) {
      if (this.foreign.has(one)) leaves.push(one);
      else if (!one.node) own = true;
      else for (const input of one.node.inputs) if (input.requiresGrad) seen.add(input);
    }
    const id = this.hold(tensor);
    this.roots.set(id, leaves);
    const past = { id, from: leaves.map((leaf) => this.foreign.get(leaf) as number), own };
    this.past.set(tensor, past);
    return past;
  }

  private recall(data: NDArray, { id, from, own }: Past): Tensor {
    const leaf = () => {
      const made = new Tensor(data, { requiresGrad: true });
      this.foreign.set(made, id);
      return made;
    };
    if (from.length === 0) return leaf();
    const inputs = from.map((number) => {
      const input = this.held.get(number);
      if (!(input instanceof Tensor)) throw new ProtocolError("a result of no tensor");
      return input;
    });
    // What it owes to tensors of the other side goes back there through a leaf that stands for it.
    const all = own ? [...inputs, leaf()] : inputs;
    return record("yours", all, () => [
      data,
      (g) => {
        const grads = this.ask((encoder) => ({ ask: "pull", id, g: encoder.value(g) }));
        if (!Array.isArray(grads) || grads.length !== inputs.length)
          throw new ProtocolError("too few gradients");
        return own ? [...grads, g] : grads;
      },
    ]);
  }

  private standIn(what: "function" | "class" | "object", id: number, name: string): object {
    const key = `${what} ${id}`;
    const known = this.standIns.get(key);
    if (known) return known;
    if (this.standIns.size >= MOST_HELD) throw new ProtocolError("too many objects");
    const made = what === "object" ? this.objectFor(id, name) : this.functionFor(id, name);
    this.standIns.set(key, made);
    this.meant.set(made, id);
    return made;
  }

  private functionFor(id: number, name: string): object {
    const peer = this;
    const made = function (this: unknown, ...args: unknown[]): unknown {
      return peer.call(id, this, args, new.target !== undefined);
    };
    Object.defineProperty(made, "name", { value: name });
    return made;
  }

  /** An object of a class of its own: its fields are asked for. */
  private objectFor(id: number, name: string): object {
    const fieldOf = (ask: string, key: PropertyKey, more?: (encoder: Encoder) => object): unknown =>
      typeof key === "symbol" ? undefined : this.ask((encoder) => ({ ask, id, key, ...more?.(encoder) }));
    const maker = { [name]: class {} }[name];
    return new Proxy(Object.create(maker.prototype) as object, {
      get: (_, key) => (key === "constructor" ? maker : fieldOf("get", key)),
      has: (_, key) => fieldOf("has", key) === true,
      set: (_, key, to) => fieldOf("set", key, (encoder) => ({ to: encoder.value(to) })) === true,
      ownKeys: () => {
        const keys = this.ask(() => ({ ask: "keys", id }));
        return Array.isArray(keys) ? [...new Set(keys.filter(isText))] : [];
      },
      getOwnPropertyDescriptor: (_, key) => {
        if (typeof key === "symbol") return undefined;
        return { value: fieldOf("get", key), writable: true, enumerable: true, configurable: true };
      },
    });
  }
}

const isText = (value: unknown): value is string => typeof value === "string";

function write(encoder: Encoder, value: unknown, changed: Decoder | null) {
  const written = encoder.value(value);
  encoder.finish();
  const changes = changed ? encoder.changes(changed) : [];
  return { value: written, changes, nodes: encoder.finish() };
}

/** The checks' side cannot go on after these. */
const isFatal = (error: unknown): boolean => error instanceof ProtocolError || error instanceof Halted;

function plainError(error: unknown): Error {
  try {
    if (error instanceof Error)
      return Object.assign(new Error(text(error.message, 500)), { name: text(error.name, 50) });
  } catch {
    // it answers nothing
  }
  return new Error("something that cannot be read");
}

/**
 * Only functions that were written for the purpose, and objects of classes that were, leave the side of the checks: what the
 * engine or Node brings (`Function`, `process`) could be used to do anything there.
 */
function refuseToLend(value: object): void {
  const maker: unknown =
    typeof value === "function" ? value : (value as { constructor?: unknown }).constructor;
  if (value instanceof Error || value instanceof Tensor) return;
  if (
    value === globalThis ||
    typeof maker !== "function" ||
    /\{\s*\[native code\]\s*\}\s*$/.test(sourceOf(maker))
  )
    throw new TypeError("what the engine itself brings does not cross the wall");
}

const sourceOf = (fn: unknown): string => Function.prototype.toString.call(fn);

/** A field of an object on the side of the checks, as far as it may be seen. */
function shown(object: object, key: string): unknown {
  if (CLOSED.has(key) || typeof object === "function" || object instanceof Error) return undefined;
  for (let at: object | null = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
    if (Object.hasOwn(at, key)) return Reflect.get(object, key);
  return undefined;
}
