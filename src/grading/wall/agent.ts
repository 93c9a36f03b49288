/**
 * The walled-off process: it runs one student's answer to one exercise, and answers calls of it. It knows no check, no
 * hidden input and no mark. Started with two numbers: the descriptors to read from and to write to.
 */
import { Tensor } from "../../autograd";
import { findNodeModule, NDArray, nodeModule, refusal, setDevice } from "../../tensor";
import { type Patch, reapply, restore } from "../intact";
import { openPipe } from "./frames";
import { guardExports, guardMethods, isLibrary, lectureStub, STUDENT_FILE } from "./library";
import { Peer } from "./peer";

/** Cells that leave a function under a name; `uses` are names that they have free. */
export interface Cells {
  readonly code: string;
  readonly name: string;
  readonly uses: readonly string[];
}

/** What is to be run. */
export interface Work extends Cells {
  /** Earlier functions by name: the student's own cells, or a function to call. */
  readonly earlier: Readonly<Record<string, Cells | Callable>>;
  readonly forbids: readonly string[];
  /** Where the library lies. */
  readonly library: string;
}

type Callable = (...args: never[]) => unknown;

/** What came of running the cells. */
export interface Started {
  readonly kind: "function" | "class" | "other" | "syntax";
  /** The answer itself. */
  readonly answer: unknown;
  /** What the cells threw, if they did. */
  readonly error: unknown;
}

/** Text that is kept of what a call prints. */
const MOST_PRINTED = 4000;

const fs = nodeModule("node:fs");
const load = nodeModule("node:module").createRequire(__filename);
const { runInThisContext } = nodeModule("node:vm");

let patches: readonly Patch[] = [];
let printed = "";
let forbidden: string | null = null;
const tell = (name: string): void => {
  forbidden ??= name;
};

const [from = 3, to = 3] = process.argv.slice(2).map(Number);
const pipe = openPipe({ readSync: fs.readSync, writeSync: fs.writeSync }, from, to);
const { exit } = process;

const peer = new Peer(
  {
    send: pipe.send,
    receive: () => pipe.receive() ?? exit(0),
  },
  {
    guards: false,
    around(run) {
      reapply(patches);
      try {
        return run();
      } finally {
        patches = restore();
      }
    },
    // A program that has replaced nothing so far costs nothing here.
    pause(run) {
      if (patches.length === 0) return run();
      patches = restore();
      try {
        return run();
      } finally {
        reapply(patches);
      }
    },
    extras() {
      const extras = { printed, forbidden };
      printed = "";
      return extras;
    },
  },
);

for (const stream of [process.stdout, process.stderr])
  stream.write = ((chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    const text = typeof chunk === "string" ? chunk : "";
    if (printed.length < MOST_PRINTED) printed += text.slice(0, MOST_PRINTED - printed.length);
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") process.nextTick(callback as () => void);
    return true;
  }) as typeof stream.write;

/** Runs cells, and gives what they leave under their name. */
function run({ code, name, uses }: Cells, { required, earlier }: Surroundings): Started {
  let look: () => unknown = () => undefined;
  let compiled: Callable;
  try {
    // The answer is looked for even where the cells have thrown in the end; and names of their own hide what they were given.
    const [directive = ""] = /^\s*["']use strict["'];?/.exec(code) ?? [];
    const look = `$look(() => typeof ${name} === "undefined" ? exports[${JSON.stringify(name)}] : ${name});`;
    const head = `(function (${uses.join(", ")}) { return function (exports, require, module, $look) { ${directive.trim()} ${look}`;
    compiled = runInThisContext(`${head} ${code}\n}})`, { filename: STUDENT_FILE }) as Callable;
  } catch (error) {
    return { kind: "syntax", answer: undefined, error };
  }
  const module = { exports: {} as Record<string, unknown> };
  let failed: unknown;
  try {
    const given = uses.map((one) => earlier[one]);
    const cells = Reflect.apply(compiled, undefined, given) as Callable;
    Reflect.apply(cells, undefined, [module.exports, required, module, (get: () => unknown) => (look = get)]);
  } catch (error) {
    failed = error;
  }
  let answer: unknown;
  try {
    answer = look();
  } catch {
    answer = undefined; // it was to be made further down
  }
  return { kind: kindOf(answer), answer, error: failed };
}

function kindOf(answer: unknown): Started["kind"] {
  if (typeof answer !== "function") return "other";
  return /^class\b/.test(Function.prototype.toString.call(answer)) ? "class" : "function";
}

/** What cells can reach. */
interface Surroundings {
  readonly required: (name: string) => unknown;
  readonly earlier: Readonly<Record<string, unknown>>;
}

/** Without work it only says that it is there. */
function start(work: Work | null): Started | null {
  if (work === null) return null;
  setDevice("wasm");
  guardMethods(work.forbids, tell);
  const earlier = {};
  let library: object | undefined;
  const required = (name: string): unknown => {
    library ??= guardedLibrary(work, earlier);
    if (name === "gradschool") return library;
    const [, lecture] = /^gradschool\/lectures\/(.*)$/.exec(name) ?? [];
    if (lecture !== undefined) return lectureStub(lecture, earlier);
    if (isLibrary(load.resolve(name)))
      throw refusal("require", `${name} is a file of the library`, 'import from "gradschool"');
    return load(name);
  };
  const surroundings: Surroundings = { required, earlier };
  for (const [id, one] of Object.entries(work.earlier)) {
    let found: unknown; // made when it is first taken
    const get = () => (found ??= typeof one === "function" ? one : run(one, surroundings).answer);
    Object.defineProperty(earlier, id, { enumerable: true, get });
  }
  return run(work, surroundings);
}

function guardedLibrary({ library, forbids }: Work, earlier: Readonly<Record<string, unknown>>): object {
  const whole = load(library) as { nd: object };
  const check = (exercise: { id: string }, mine: unknown) => earlier[exercise.id] ?? mine;
  const found = Object.assign(check, { points: () => 0, input: () => [] });
  return guardExports(whole, forbids, tell, { nd: guardExports(whole.nd, forbids, tell), check: found });
}

// In a plain process there may be others of the same user.
const refuse = (name: string) => ({
  value: () => {
    throw refusal(name, "there is nothing to be done to other processes at grading");
  },
});
for (const name of ["kill", "_kill", "_debugProcess", "_debugEnd"])
  Object.defineProperty(process, name, refuse(name));
Object.defineProperty(findNodeModule("node:os") ?? {}, "setPriority", refuse("setPriority"));
// Both classes are here before any of the student's code.
void [NDArray, Tensor];
patches = restore();
peer.open(start as never);
peer.serve();
