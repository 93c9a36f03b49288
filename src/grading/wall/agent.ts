/**
 * The walled-off process: it runs one student's answer to one exercise, and answers calls of it. It knows no check, no
 * hidden input and no mark. Started with two numbers: the descriptors to read from and to write to.
 */
import { Tensor } from "../../autograd";
import { NDArray, nodeModule, setDevice } from "../../tensor";
import { type Patch, reapply, restore } from "../intact";
import { openPipe } from "./frames";
import { guardExports, guardMethods, lectureStub, STUDENT_FILE } from "./library";
import { Peer } from "./peer";

/** What is to be run: the answer, and of the earlier functions that it uses the student's own. */
export interface Work {
  readonly code: string;
  readonly name: string;
  /** Names that the code has free, and what they stand for: the student's own code, or a function to call. */
  readonly uses: Readonly<Record<string, Answer | Callable>>;
  readonly forbids: readonly string[];
  /** Where the library lies. */
  readonly library: string;
}

export interface Answer {
  readonly code: string;
  readonly name: string;
  readonly uses: Readonly<Record<string, Answer | Callable>>;
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
function run({ code, name, uses }: Answer, required: (name: string) => unknown): Started {
  const names = Object.keys(uses);
  let look: () => unknown = () => undefined;
  let compiled: Callable;
  try {
    // The answer is looked for even where the cells have thrown in the end.
    const head = `(function (exports, require, module, $look, ${names.join(", ")}) { $look(() => typeof ${name} === "undefined" ? exports[${JSON.stringify(name)}] : ${name});`;
    compiled = runInThisContext(`${head} ${code}\n})`, { filename: STUDENT_FILE }) as Callable;
  } catch (error) {
    return { kind: "syntax", answer: undefined, error };
  }
  const module = { exports: {} as Record<string, unknown> };
  let failed: unknown;
  try {
    const given = names.map((one) => {
      const what = uses[one];
      return typeof what === "function" ? what : run(what, required).answer;
    });
    Reflect.apply(compiled, undefined, [
      module.exports,
      required,
      module,
      (get: () => unknown) => (look = get),
      ...given,
    ]);
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

function start(work: Work): Started {
  setDevice("wasm");
  guardMethods(work.forbids, tell);
  const earlier = lazily(work.uses, (one) => (typeof one === "function" ? one : run(one, required).answer));
  const check = Object.assign((exercise: { id: string }, mine: unknown) => earlier[exercise.id] ?? mine, {
    points: () => 0,
    input: () => [],
  });
  let library: object | undefined;
  const required = (name: string): unknown => {
    if (name === "gradschool") {
      if (!library) {
        const whole = load(work.library) as { nd: object };
        const nd = guardExports(whole.nd, work.forbids, tell);
        library = guardExports(whole, work.forbids, tell, { nd, check });
      }
      return library;
    }
    const [, lecture] = /^gradschool\/lectures\/(.*)$/.exec(name) ?? [];
    return lecture === undefined ? load(name) : lectureStub(lecture, earlier);
  };
  return run(work, required);
}

/** Each made when it is first taken. */
function lazily<T>(from: Readonly<Record<string, T>>, make: (one: T) => unknown): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [id, one] of Object.entries(from)) {
    let found: unknown;
    Object.defineProperty(made, id, { enumerable: true, get: () => (found ??= make(one)) });
  }
  return made;
}

// Both classes are here before any of the student's code.
void [NDArray, Tensor];
patches = restore();
peer.open(start as never);
peer.serve();
