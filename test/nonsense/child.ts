/**
 * Calls everything with nonsense. Run by nonsense.test.ts in a process of its own, which may die: before each call its
 * name goes to standard output, so that whoever reads knows which one it was.
 *
 * Each job is one callable and one place among its arguments; what stands in the other places is drawn from good values,
 * from a seed of the job, so that a job can be run again alone.
 */
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Callable, Kind, Param } from "./signatures";
import { type Modules, specimens } from "./specimens";
import { nonsense } from "./values";

interface Settings {
  readonly callables: readonly Callable[];
  /** Names of the modules → where they are compiled. */
  readonly modules: Readonly<Record<string, string>>;
  /** One job of this many is run. */
  readonly every: number;
  readonly seed: number;
  /** The job to begin with. */
  readonly from: number;
  /** The last one. */
  readonly to: number;
  readonly only?: string;
}

const settings: Settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const library = Object.fromEntries(
  Object.entries(settings.modules).map(([name, file]) => [name, require(join(__dirname, "../..", file))]),
) as unknown as Modules;
const good = specimens(library);
const bad = nonsense(library[""]);
const tell = (message: object) => writeSync(1, `${JSON.stringify(message)}\n`);

console.log = console.warn = console.error = () => {};
process.stdout.write = () => true;
globalThis.fetch = () => Promise.reject(new Error("nonsense: no network"));

/** xorshift; the numbers of a job depend on nothing else. */
class Random {
  constructor(private state: number) {}
  below(n: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % n;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

const numbersFor = (name: string): readonly number[] =>
  /axis/i.test(name)
    ? [0, 1, -1]
    : /^(p|dropout|lr|eps|.*prob.*|momentum|validation)$/i.test(name)
      ? [0.1]
      : [0, 1, 2, 3, 4];
const textsFor: Readonly<Record<string, readonly string[]>> = {
  equation: ["i j -> j i", "i j, k j -> i k"],
  pattern: ["B T", "B T C"],
  op: ["mine"],
  source: ["nowhere"],
};

/** A value that `kind` allows. */
function make(kind: Kind, name: string, random: Random, depth = 0): unknown {
  switch (kind.k) {
    case "number":
      return random.pick(numbersFor(name));
    case "string":
      return random.pick(textsFor[name] ?? ["the cat", "specimen.safetensors", "a"]);
    case "boolean":
      return random.below(2) === 1;
    case "bigint":
      return 3n;
    case "literal":
      return kind.value;
    case "union":
      return make(random.pick(kind.of), name, random, depth + 1);
    case "list": {
      if (kind.of.k === "number" && /shape|size/i.test(name)) return random.pick([[2, 3], [2], [3, 4]]);
      return Array.from({ length: 1 + random.below(2) }, () => make(kind.of, name, random, depth + 1));
    }
    case "tuple":
      return kind.of.map((one) => make(one, name, random, depth + 1));
    case "map":
      return new Map([["weight", make(kind.of, name, random, depth + 1)]]);
    case "named":
      return kind.name in good ? random.pick(good[kind.name])() : undefined;
    case "function": {
      const result = make(kind.returns, name, random, depth + 1);
      return () => result;
    }
    case "object": {
      const fields = Object.entries(kind.fields).filter(() => random.below(3) > 0);
      return Object.fromEntries(fields.map(([key, one]) => [key, make(one, key, random, depth + 1)]));
    }
    default:
      return random.pick([1, "a", undefined, [1, 2]]);
  }
}

/** A place where nonsense can stand: an argument, or a field or an entry of one. */
type Place = readonly [argument: number, ...keys: (string | number)[]];

function placesIn({ params }: Callable): Place[] {
  const found: Place[] = [];
  params.forEach(({ kind }, i) => {
    found.push([i]);
    const fields = fieldsOf(kind);
    for (const key of Object.keys(fields)) found.push([i, key]);
    if (Object.keys(fields).length > 0) found.push([i, "misspelt"]);
    if (kind.k === "list" || kind.k === "tuple" || kind.k === "union") found.push([i, 0]);
  });
  found.push([params.length]);
  return found;
}

function fieldsOf(kind: Kind): Readonly<Record<string, Kind>> {
  if (kind.k === "object") return kind.fields;
  return kind.k === "union" ? Object.assign({}, ...kind.of.map(fieldsOf)) : {};
}

function put(args: unknown[], [argument, ...keys]: Place, value: unknown): void {
  if (keys.length === 0) {
    args[argument] = value;
    return;
  }
  let holder = args[argument];
  const isPlain = Array.isArray(holder) || Object.getPrototypeOf(holder ?? 0) === Object.prototype;
  if (!isPlain || (Array.isArray(holder) && typeof keys[0] === "string"))
    holder = typeof keys[0] === "number" ? [] : {};
  args[argument] = Array.isArray(holder) ? [...holder] : { ...(holder as object) };
  (args[argument] as Record<string | number, unknown>)[keys[0]] = value;
}

interface Job {
  readonly label: string;
  /** A number that depends on the label alone: what is added to the library does not change which calls are made. */
  readonly hash: number;
  run(): unknown;
}

function argumentsOf(params: readonly Param[], random: Random): unknown[] {
  return params.flatMap(({ kind, name, rest }) =>
    rest ? [make(kind, name, random), make(kind, name, random)] : [make(kind, name, random)],
  );
}

const memory = new Map<string, unknown>();
function found(path: readonly string[]): unknown {
  const key = path.join(".");
  if (!memory.has(key)) {
    const [first, ...rest] = path;
    const [start, keys] =
      first in library && first !== "" && rest.length > 0
        ? [library[first as keyof Modules] as unknown, rest]
        : [library[""] as unknown, path];
    memory.set(
      key,
      keys.reduce((at, name) => (at as Record<string, unknown>)[name], start),
    );
  }
  return memory.get(key);
}

function perform(callable: Callable, args: unknown[], random: Random): unknown {
  const { how, path, member = "" } = callable;
  const at = found(path) as Record<string, unknown>;
  if (how === "call") {
    const holder = path.length > 1 ? found(path.slice(0, -1)) : undefined;
    return (at as unknown as (...args: unknown[]) => unknown).apply(holder, args);
  }
  const name = path[path.length - 1];
  if (how === "new") {
    const build = () => new (at as unknown as new (...args: unknown[]) => unknown)(...args);
    // Without memory: what is left out of a configuration is as in a model of 100 million parameters.
    return path.length > 1 && path[0] !== "nd" ? library[""].meta(build) : build();
  }
  if (!(name in good)) throw new Error(`no specimen of ${name} to call ${member} on`);
  const receiver = random.pick(good[name])() as Record<string, unknown>;
  if (how === "get") return receiver[member];
  if (how === "set") {
    receiver[member] = args[0];
    return undefined;
  }
  const result = (receiver[member] as (...args: unknown[]) => unknown)(...args);
  return result;
}

/** FNV-1a, its bits stirred. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** All jobs in a fixed order; each is made only when it is wanted. */
function* jobs(): Generator<Job> {
  for (const callable of settings.callables) {
    const name = [...callable.path, ...(callable.member ? [callable.member] : [])].join(".");
    const title = `${callable.how === "new" ? "new " : callable.how === "set" ? "set " : ""}${name}`;
    const job = (what: string, spoil: (args: unknown[], random: Random) => unknown[]): Job => {
      const label = `${title}: ${what}`;
      const hash = hashOf(`${settings.seed} ${label}`);
      const random = new Random(hash | 1);
      for (let i = 0; i < 8; i++) random.below(2);
      return {
        label,
        hash,
        run: () => perform(callable, spoil(argumentsOf(callable.params, random), random), random),
      };
    };
    if (callable.how === "get") {
      yield job("read", (args) => args);
      continue;
    }
    yield job("good values", (args) => args);
    for (let n = 0; n < callable.params.length; n++) yield job(`${n} arguments`, (args) => args.slice(0, n));
    for (const place of placesIn(callable)) {
      for (const [kind, value] of Object.entries(bad)) {
        const where = `argument ${place[0]}${place
          .slice(1)
          .map((key) => `.${key}`)
          .join("")}`;
        yield job(`${kind} as ${where}`, (args) => {
          put(args, place, value());
          return args;
        });
      }
    }
  }
}

/** What an error of ours looks like: the name of an operation, a colon, a sentence. */
function isOurs(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.message.startsWith("nonsense: ")) return true;
  if (error instanceof library[""].NotImplemented) return true;
  if (/^(E[A-Z]+|Invalid regular expression|The ".*" argument.*|Cannot .*|Class .*): /.test(error.message))
    return false;
  return /^(no memory for an array|[\p{L}\w.$" (),[\]/-]{1,90}: \S)/u.test(error.message);
}

function report(label: string, error: unknown): void {
  if (isOurs(error)) return;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `threw ${typeof error}`;
  const stack = error instanceof Error ? String(error.stack).split("\n") : [];
  const at = stack
    .filter((line) => /nonsense\/src\//.test(line))
    .slice(0, 3)
    .map((line) => line.replace(/^.*nonsense\/src\/(.*?):\d+\)?$/, "$1"));
  tell({ bad: label, message: message.slice(0, 300), at });
}

/** (What was given may be what is answered.) */
function holds(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

/** What a job answers is used as well: functions are called, iterators read, promises awaited. */
async function follow(label: string, result: unknown): Promise<void> {
  if (holds(() => result instanceof Promise)) {
    await Promise.race([result, new Promise((done) => setTimeout(done, 1000))]);
  } else if (typeof result === "function" && !/^class/.test(Function.prototype.toString.call(result))) {
    for (const [kind, value] of Object.entries(bad).slice(0, 12)) {
      try {
        result(value(), value());
      } catch (error) {
        report(`${label}; its result called with ${kind}`, error);
      }
    }
  } else if (holds(() => typeof (result as { next?: unknown } | null)?.next === "function")) {
    for (let i = 0; i < 3; i++) if ((result as Iterator<unknown>).next().done) break;
  }
}

async function main(): Promise<void> {
  let number = 0;
  let done = 0;
  for (const job of jobs()) {
    if (settings.only && !job.label.includes(settings.only)) continue;
    number++;
    if (number < settings.from) continue;
    if (number > settings.to) break;
    if (job.hash % settings.every !== 0) continue;
    tell({ start: job.label, number });
    done++;
    try {
      await follow(job.label, job.run());
    } catch (error) {
      report(job.label, error);
    }
    library[""].setDevice("wasm");
  }
  tell({ done, of: number });
  process.exit(0);
}

void main();
