import type { Status } from "../../../src/grading/wall";
import { ALL, escapes, reading } from "./escapes";

/** The exercises that the cases answer. */
export type Asked =
  | "centre"
  | "causalAttention"
  | "topologicalOrder"
  | "nextTokenProbabilities"
  | "maskTokens"
  | "stableSoftmax";

/** An answer that means harm, or is broken, and what it may get for it. */
export interface HostileCase {
  readonly name: string;
  readonly exercise?: Asked;
  /** Leaves its answer in `answer`. For `centre`, `right` is a right one. */
  readonly code: string;
  /** Highest mark. */
  readonly most: number;
  /** Lowest mark, where the code earns something: what it does besides must not cost it. */
  readonly least?: number;
  readonly status: readonly Status[];
  /** What the report says; null where there is nothing to say. */
  readonly reason: RegExp | null;
}

const loop = "for (;;) {}";
const fails = ["failed"] as const;
const partial = ["failed", "partial"] as const;

/** It never comes to an end. */
const loops: HostileCase[] = [
  {
    name: "endless loop",
    code: `const answer = () => { ${loop} };`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
  {
    name: "endless loop at the top of the cell",
    code: `${loop} const answer = right;`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
  {
    name: "endless loop after an await",
    code: `const answer = async (x) => { await null; ${loop} };`,
    most: 0,
    status: fails,
    reason: /Promise/,
  },
  {
    name: "endless loop in a getter of the result",
    code: `const answer = () => ({ get shape() { ${loop} } });`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
  {
    name: "endless loop in toJSON of the result",
    code: `const answer = (x) => Object.assign(right(x), { toJSON() { ${loop} } });`,
    most: ALL,
    least: ALL,
    status: ["passed"],
    reason: null,
  },
  {
    name: "endless loop in a trap of a Proxy",
    code: `const answer = (x) => new Proxy(right(x), { get() { ${loop} } });`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
  {
    name: "endless loop in getPrototypeOf",
    code: `const answer = (x) => new Proxy({}, { getPrototypeOf() { ${loop} } });`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
  {
    name: "endless loop in an iterator",
    code: `const answer = () => { const list = [1]; list[Symbol.iterator] = function* () { ${loop} }; return list; };`,
    most: 0,
    status: fails,
    reason: /an array of 1 number/,
  },
  {
    name: "endless microtasks beside a right answer",
    code: `const spin = () => queueMicrotask(spin); const answer = (x) => { spin(); return right(x); };`,
    most: ALL,
    least: ALL,
    status: ["passed"],
    reason: null,
  },
  {
    name: "a timer that loops beside a right answer",
    code: `const answer = (x) => { setTimeout(() => { ${loop} }, 0); setInterval(() => {}, 1); return right(x); };`,
    most: ALL,
    least: ALL,
    status: ["passed"],
    reason: null,
  },
  {
    name: "a regular expression that never ends",
    code: `const answer = () => /^(a+)+$/.test("a".repeat(60) + "b");`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
  {
    name: "one engine call that never looks up",
    code: `const answer = () => new Array(2 ** 27).fill(0).map((_, i) => -i).sort(() => { ${loop} });`,
    most: 0,
    status: ["timeout", "memory", "crashed"],
    reason: /took|ended/,
  },
  {
    name: "waiting for nothing",
    code: `const answer = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
  {
    name: "calling back for ever",
    exercise: "topologicalOrder",
    code: `const answer = (root, inputsOf) => { for (;;) inputsOf(root); };`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
  {
    name: "endless loop in the gradient",
    exercise: "causalAttention",
    code: `const { record } = require("gradschool"); const answer = (q, k, v) => { const y = record("mine", [q, k, v], (a) => [a, () => { ${loop} }]); return { output: y, weights: y }; };`,
    most: 1,
    status: ["failed", "timeout"],
    reason: /./,
  },
  {
    name: "a loop that catches everything",
    code: `const answer = () => { for (;;) { try { for (;;) {} } catch {} finally { continue; } } };`,
    most: 0,
    status: ["timeout"],
    reason: /took longer than/,
  },
];

/** It takes itself away, or others. */
const exits: HostileCase[] = [
  {
    name: "process.exit(0)",
    code: `const answer = () => process.exit(0);`,
    most: 0,
    status: ["crashed"],
    reason: /its process ended \(exit code 0\)/,
  },
  {
    name: "process.exit at the top",
    code: `process.exit(0); const answer = right;`,
    most: 0,
    status: ["crashed"],
    reason: /its process ended/,
  },
  {
    name: "process.exit after the first point",
    code: `let calls = 0; const answer = (x) => { if (calls++ > 2) process.exit(0); return right(x); };`,
    most: 1,
    status: ["crashed"],
    reason: /its process ended/,
  },
  {
    name: "process.abort",
    code: `const answer = () => process.abort();`,
    most: 0,
    status: ["crashed"],
    reason: /its process ended/,
  },
  {
    name: "killing itself",
    code: `const answer = () => process.kill(process.pid, "SIGKILL");`,
    most: 0,
    status: ["crashed", "failed"],
    reason: /ended|threw|is true/,
  },
  {
    name: "killing its parent",
    code: `const answer = (x) => { try { process.kill(process.ppid, "SIGKILL"); } catch {} return right(x); };`,
    most: ALL,
    status: ["crashed", "passed"],
    reason: /ended|^$/,
  },
  {
    name: "killing everything",
    code: `const answer = (x) => { try { process.kill(-1, "SIGKILL"); } catch {} return right(x); };`,
    most: ALL,
    status: ["crashed", "passed"],
    reason: /ended|^$/,
  },
  {
    name: "stopping everything",
    code: `const answer = (x) => { try { process.kill(0, "SIGSTOP"); } catch {} return right(x); };`,
    most: ALL,
    status: ["timeout", "crashed", "passed"],
    reason: /took|ended|^$/,
  },
];

/** What it throws is odd. */
const throws: HostileCase[] = [
  {
    name: "throws null",
    code: `const answer = () => { throw null; };`,
    most: 0,
    status: fails,
    reason: /the function threw null/,
  },
  {
    name: "throws undefined",
    code: `const answer = () => { throw undefined; };`,
    most: 0,
    status: fails,
    reason: /the function threw undefined/,
  },
  {
    name: "throws a Proxy that answers nothing",
    code: `const deny = () => { throw new Error("no"); }; const answer = () => { throw new Proxy({}, { get: deny, has: deny, getPrototypeOf: deny, ownKeys: deny }); };`,
    most: 0,
    status: fails,
    reason: /the function threw/,
  },
  {
    name: "throws an error of 100 MB",
    code: `const answer = () => { throw new Error("x".repeat(1e8)); };`,
    most: 0,
    status: ["failed", "memory", "crashed", "timeout"],
    reason: /./,
  },
  {
    name: "throws an error whose message throws",
    code: `const answer = () => { const e = new Error(); Object.defineProperty(e, "message", { get() { throw e; } }); throw e; };`,
    most: 0,
    status: fails,
    reason: /the function threw/,
  },
  {
    name: "throws NotImplemented after the work",
    code: `const { NotImplemented } = require("gradschool"); const answer = (x) => { right(x); throw new NotImplemented(); };`,
    most: 0,
    status: ["empty"],
    reason: /not written yet/,
  },
  {
    name: "throws an error that is its own cause",
    code: `const answer = () => { const e = new Error("round"); e.cause = e; e.stack = {}; throw e; };`,
    most: 0,
    status: fails,
    reason: /Error: round/,
  },
  {
    name: "throws what the wall itself throws",
    code: `const answer = () => { throw Object.assign(new Error("done"), { name: "Halted", reason: "time", ending: "exit" }); };`,
    most: 0,
    status: fails,
    reason: /Halted: done/,
  },
];

/** It takes more than it needs. */
const greed: HostileCase[] = [
  {
    name: "fork bomb",
    code: `const { spawn } = require("node:child_process"); const answer = (x) => { for (let i = 0; i < 1e4; i++) spawn(process.execPath, ["-e", "for(;;);"]); return right(x); };`,
    most: 0,
    status: ["failed", "crashed", "timeout", "memory"],
    reason: /ERR_ACCESS_DENIED|restricted|ended|took/i,
  },
  {
    name: "worker threads",
    code: `const { Worker } = require("node:worker_threads"); const answer = (x) => { for (;;) new Worker("for(;;);", { eval: true }); };`,
    most: 0,
    status: ["failed", "crashed", "timeout", "memory"],
    reason: /ERR_ACCESS_DENIED|restricted|ended|took/i,
  },
  {
    name: "a list without end",
    code: `const answer = () => { const all = []; for (;;) all.push({ all }); };`,
    most: 0,
    status: ["memory", "crashed", "timeout"],
    reason: /memory|ended|took/,
  },
  {
    name: "buffers without end",
    code: `const answer = () => { const all = []; for (;;) all.push(new Float64Array(1e6).fill(1)); };`,
    most: 0,
    status: ["memory", "failed", "crashed", "timeout"],
    reason: /memory|allocation|ended|took/i,
  },
  {
    name: "a text without end",
    code: `const answer = () => { let s = "x"; for (;;) s += s + s.slice(1); };`,
    most: 0,
    status: ["failed", "memory", "crashed", "timeout"],
    reason: /Invalid string length|memory|ended|took/,
  },
  {
    name: "arrays of the library without end",
    code: `const { nd } = require("gradschool"); const all = []; const answer = () => { for (;;) all.push(nd.ones([1000, 1000])); };`,
    most: 0,
    status: ["memory", "failed", "crashed", "timeout"],
    reason: /memory|ended|took/i,
  },
  {
    name: "stack overflow",
    code: `const answer = (x) => answer(x);`,
    most: 0,
    status: fails,
    reason: /Maximum call stack size exceeded/,
  },
  {
    name: "50 MB printed",
    code: `const answer = (x) => { for (let i = 0; i < 50; i++) console.log("x".repeat(1e6)); return right(x); };`,
    most: ALL,
    least: ALL,
    status: ["passed"],
    reason: null,
  },
  {
    name: "100 MB written past the capture",
    code: `const fs = require("node:fs"); const answer = (x) => { for (let i = 0; i < 100; i++) fs.writeSync(1, "x".repeat(1e6)); return right(x); };`,
    most: 0,
    status: ["output", "failed"],
    reason: /printed more than|EAGAIN/,
  },
  {
    name: "errors without end on stderr",
    code: `const fs = require("node:fs"); const answer = () => { for (;;) fs.writeSync(2, "x".repeat(1e5)); };`,
    most: 0,
    status: ["output", "failed"],
    reason: /printed more than|EAGAIN/,
  },
  {
    name: "a list of 30 million numbers",
    code: `const answer = () => new Array(3e7).fill(1);`,
    most: 0,
    status: ["failed", "memory", "crashed", "timeout"],
    reason: /too long|too much|memory|ended|took/,
  },
  {
    name: "an array that claims 10^12 elements",
    code: `const { nd } = require("gradschool"); const answer = () => nd.zeros([1]).expand([1e6, 1e6]);`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "a result nested 100,000 deep",
    code: `const answer = () => { let list = []; for (let i = 0; i < 1e5; i++) list = [list]; return list; };`,
    most: 0,
    status: ["failed", "timeout"],
    reason: /./,
  },
  {
    name: "a million empty lists",
    code: `const answer = () => Array.from({ length: 1e6 }, () => []);`,
    most: 0,
    status: ["failed", "memory", "timeout", "crashed"],
    reason: /./,
  },
  {
    name: "a result that holds itself",
    code: `const answer = () => { list.push(list, list); return list; };`,
    most: 0,
    status: fails,
    reason: /./,
  },
];

/** It looks where it has no business. */
const looks = (root: string): HostileCase[] => [
  reading(
    `seen = fs.readFileSync("${root}/src/lectures/start/exercises/centre.hidden.ts", "utf8");`,
    "reads the hidden checks",
  ),
  reading(
    `seen = fs.readFileSync("${root}/node_modules/gradschool/dist/lectures/start/exercises/centre.js", "utf8");`,
    "reads the solution through a link",
  ),
  reading(
    `seen = require("${root}/node_modules/gradschool/dist/lectures/exercises.js");`,
    "loads the course through a link",
  ),
  reading(
    `seen = fs.readFileSync("${root}/dist/lectures/start/exercises/centre.js", "utf8");`,
    "reads the solution",
  ),
  reading(`seen = require("${root}/dist/lectures/start/exercises/index.js");`, "loads the solution"),
  reading(`seen = fs.readdirSync("${root}/dist/lectures").join();`, "lists the lectures"),
  reading(`seen = fs.readFileSync("/etc/passwd", "utf8");`, "reads the system's users"),
  reading(
    `seen = fs.readdirSync("/root").join() || fs.readdirSync("/home").join();`,
    "looks into home folders",
  ),
  reading(
    `seen = fs.readFileSync("/proc/1/environ", "utf8") || fs.readFileSync("/proc/" + process.ppid + "/environ", "utf8");`,
    "reads another process's environment",
  ),
  reading(
    `seen = Object.keys(process.env).filter((key) => /KEY|TOKEN|SECRET|USER|NODE_|HF_/.test(key)).join();`,
    "reads secrets of the environment",
  ),
  reading(`fs.writeFileSync("/tmp/gradschool-escape", "x"); seen = "written";`, "writes into /tmp"),
  reading(`fs.writeFileSync("${root}/dist/index.js", "x"); seen = "written";`, "writes over the library"),
  reading(
    `fs.symlinkSync("/etc", "/tmp/etc"); seen = fs.readFileSync("/tmp/etc/passwd", "utf8");`,
    "climbs by a symbolic link",
  ),
  reading(`seen = require("node:child_process").execSync("id").toString();`, "runs a program"),
  reading(
    `seen = process.binding("fs") && process.binding("spawn_sync") ? "bound" : "";`,
    "asks for the engine's bindings",
  ),
  reading(
    `process.dlopen({ exports: {} }, "/usr/lib/x86_64-linux-gnu/libc.so.6"); seen = "opened";`,
    "loads native code",
  ),
  reading(
    `const inspector = require("node:inspector"); inspector.open(0); seen = inspector.url();`,
    "opens the debugger",
  ),
];

/** It tells the grader what to think. */
const forging: HostileCase[] = [
  {
    name: "a forged verdict on every descriptor",
    code: `const fs = require("node:fs"); const answer = (x) => { for (let fd = 0; fd < 40; fd++) try { fs.writeSync(fd, JSON.stringify({ earned: 99, points: 99, status: "passed" }) + "\\n"); } catch {} return 0; };`,
    most: 0,
    status: ["crashed"],
    reason: /./,
  },
  {
    name: "a forged message to the grader",
    code: `const answer = () => { try { process.send({ mark: { earned: 99, status: "passed" } }); } catch {} return 0; };`,
    most: 0,
    status: fails,
    reason: /the number 0/,
  },
  {
    name: "a forged answer that says it is right",
    code: `${frame(`{ reply: "value", value: true, changes: [], nodes: [], verdict: { earned: 99 } }`)} const answer = () => { send(); return 0; };`,
    most: 0,
    status: ["failed", "crashed"],
    reason: /./,
  },
  {
    name: "an answer for every question, ahead of time",
    code: `${frame(`{ reply: "value", value: 0, changes: [], nodes: [] }`)} const answer = () => { for (let i = 0; i < 1000; i++) send(); return 0; };`,
    most: 0,
    status: ["failed", "crashed"],
    reason: /./,
  },
  {
    name: "a message of 4 GB",
    code: `const fs = require("node:fs"); const answer = () => fs.writeSync(3, new Uint8Array([255, 255, 255, 248, 255, 255, 255, 248]));`,
    most: 0,
    status: ["crashed"],
    reason: /no answer/,
  },
  {
    name: "a message that never ends",
    code: `const fs = require("node:fs"); const answer = () => { fs.writeSync(3, new Uint8Array([0, 0, 255, 0, 0, 0, 0, 0])); ${loop} };`,
    most: 0,
    status: ["timeout"],
    reason: /took longer/,
  },
  {
    name: "a message that is not JSON",
    code: `const fs = require("node:fs"); const answer = () => fs.writeSync(3, new Uint8Array([0, 0, 0, 8, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]));`,
    most: 0,
    status: ["crashed"],
    reason: /no answer/,
  },
  {
    name: "JSON nested a million deep",
    code: `const fs = require("node:fs"); const answer = () => { const text = "[".repeat(1e6) + "]".repeat(1e6); const data = Buffer.alloc(8 + 2e6); data.writeUInt32BE(2e6, 0); data.write(text, 8); let at = 0; while (at < data.length) at += fs.writeSync(3, data, at); };`,
    most: 0,
    status: ["crashed"],
    reason: /no answer/,
  },
  {
    name: "an array beyond its memory",
    code: `${frame(`{ reply: "value", value: ["r", 3], changes: [], nodes: [["N", "float32", [1000, 1000], [1000, 1], 0, 1]] }`)} const answer = () => { send(); ${loop} };`,
    most: 0,
    status: ["crashed"],
    reason: /no answer/,
  },
  {
    name: "a gradient of no tensor",
    code: `${frame(`{ reply: "value", value: ["r", 4], changes: [], nodes: [["D", ["r", 1], 5, [777], false]] }`)} const answer = () => { send(); ${loop} };`,
    most: 0,
    status: ["crashed"],
    reason: /no answer/,
  },
  {
    name: "changes of what was never lent",
    code: `${frame(`{ reply: "value", value: 0, changes: [[99, ["o", ["a", 1]]]], nodes: [] }`)} const answer = () => { send(); ${loop} };`,
    most: 0,
    status: ["crashed"],
    reason: /no answer/,
  },
  {
    name: "a field named __proto__",
    code: `const answer = () => JSON.parse('{"__proto__": {"polluted": true, "points": 99}}');`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "calls of the grader's own functions",
    code: `${frame(`{ ask: "call", id: 0, self: ["u"], args: [], nodes: [] }`)} const answer = () => { send(); ${loop} };`,
    most: 0,
    status: ["crashed"],
    reason: /no answer/,
  },
  {
    name: "the maker of functions by way of a callback",
    exercise: "topologicalOrder",
    code: `const answer = (root, inputsOf) => { const make = inputsOf("constructor"); const run = make.constructor("return process.exit(7)"); run(); return make("return 1")(); };`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "the prototype by way of a callback",
    exercise: "topologicalOrder",
    code: `const answer = (root, inputsOf) => { const proto = inputsOf("__proto__"); proto.n8 = []; proto.polluted = 1; return [root]; };`,
    most: 1,
    status: partial,
    reason: /./,
  },
];

/** Sends one frame of its own on the descriptor of the answers. */
function frame(head: string): string {
  return `const send = () => { const text = Buffer.from(JSON.stringify(${head})); const json = Buffer.alloc(Math.ceil(text.length / 8) * 8, " "); text.copy(json); const prefix = Buffer.alloc(8); prefix.writeUInt32BE(json.length, 0); require("node:fs").writeSync(3, Buffer.concat([prefix, json])); };`;
}

/** It bends the rules of the language, or of the library. */
const patched = (what: string, name: string, more: Partial<HostileCase> = {}): HostileCase => ({
  name,
  code: `${what}\nconst answer = (x) => wrong(x);`,
  most: 0,
  status: ["failed", "crashed", "timeout", "missing"],
  reason: /./,
  ...more,
});
const patching: HostileCase[] = [
  patched(
    `Array.prototype.every = () => true; Array.prototype.find = () => undefined; Array.prototype.map = () => [];`,
    "patches Array.prototype",
  ),
  patched(`Math.abs = () => 0; Math.max = () => 0; Math.fround = () => 0;`, "patches Math"),
  patched(
    `JSON.stringify = () => '{"reply":"value","value":true,"changes":[],"nodes":[]}'; JSON.parse = () => ({});`,
    "patches JSON",
  ),
  patched(`Object.is = () => true; Object.keys = () => []; Object.entries = () => [];`, "patches Object"),
  patched(
    `globalThis.Array = globalThis.Object = globalThis.Map = function () { return true; };`,
    "patches globalThis",
  ),
  patched(
    `Function.prototype.call = Function.prototype.apply = function () { return true; };`,
    "patches Function.prototype",
  ),
  patched(`Map.prototype.get = () => undefined; Set.prototype.has = () => true;`, "patches Map and Set"),
  patched(
    `Object.defineProperty(Object.prototype, "reply", { get: () => "value", set() {} }); Object.prototype.passed = true;`,
    "pollutes Object.prototype",
  ),
  patched(
    `const { Tensor, NDArray } = require("gradschool"); for (const name of ["sub", "mean", "eq", "flat", "toArray"]) Tensor.prototype[name] = NDArray.prototype[name] = function () { return this; };`,
    "patches the library's classes",
  ),
  patched(
    `const { Tensor, NDArray } = require("gradschool"); for (const one of [Tensor, NDArray]) Object.defineProperty(one, Symbol.hasInstance, { value: () => true });`,
    "everything is a Tensor",
  ),
  patched(
    `const gs = require("gradschool"); for (const name of ["compareValues", "runChecks", "check"]) try { gs[name] = () => null; } catch {}`,
    "patches the checks",
  ),
  patched(
    `for (const one of [Object, Array, Map, Function, Error]) Object.freeze(one.prototype);`,
    "freezes what everything is made of",
  ),
  patched(`Error.prepareStackTrace = () => { throw 1; }; Error.stackTraceLimit = 0;`, "patches stack traces"),
  patched(
    `process.stdout.write = process.exit = process.hrtime = () => 0; Date.now = performance.now = () => 0;`,
    "stops the clock",
  ),
  patched(
    `require("node:fs").readSync = () => 0; require("node:fs").writeSync = () => 0; Buffer.concat = () => Buffer.alloc(0);`,
    "patches fs",
  ),
  {
    name: "honest code that patches Array.prototype",
    code: `Array.prototype.last = function () { return this[this.length - 1]; }; const answer = (x) => ([1, 2].last() === 2 ? right(x) : x);`,
    most: ALL,
    least: ALL,
    status: ["passed"],
    reason: null,
  },
];

/** What comes back is not what it seems. */
const results: HostileCase[] = [
  {
    name: "a Proxy around the right tensor",
    code: `const answer = (x) => new Proxy(right(x), {});`,
    most: ALL,
    status: ["passed", "failed"],
    reason: /./,
  },
  {
    name: "a getter that answers otherwise every time",
    code: `let n = 0; const answer = () => ({ get data() { return n++; }, get shape() { return [n++]; }, dtype: "float32" });`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "a thenable",
    code: `const answer = (x) => ({ then(done) { done(right(x)); } });`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "a promise of the right tensor",
    code: `const answer = async (x) => right(x);`,
    most: 0,
    status: fails,
    reason: /async/,
  },
  {
    name: "filled with NaN",
    code: `const answer = (x) => x.mul(NaN);`,
    most: 0,
    status: fails,
    reason: /NaN/,
  },
  {
    name: "filled with Infinity",
    code: `const answer = (x) => x.mul(Infinity);`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "the wrong shape",
    code: `const answer = (x) => right(x).flatten();`,
    most: 1,
    status: partial,
    reason: /shape/,
  },
  {
    name: "an array that overlaps itself",
    code: `const answer = (x) => x.mean().mul(0).expand([...x.shape]);`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "a tensor class of its own",
    code: `class Tensor { constructor(shape) { this.shape = shape; this.dtype = "float32"; } get data() { return this; } flat() { return { every: () => true, length: 0 }; } item() { return 0; } } const answer = (x) => new Tensor(x.shape);`,
    most: 0,
    status: fails,
    reason: /Tensor/,
  },
  {
    name: "a subclass that lies about itself",
    code: `const gs = require("gradschool"); class Liar extends gs.Tensor { get shape() { return [5, 7]; } equals() { return true; } } const answer = (x) => new Liar(x.data);`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "a number that is anything",
    code: `const answer = () => ({ valueOf: () => Math.random(), toString: () => "right", [Symbol.toPrimitive]: () => 0 });`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "a symbol, a bigint, a function",
    code: `let n = 0; const answer = () => [Symbol("right"), 10n ** 1000n, () => true][n++ % 3];`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "its arguments, changed in place",
    code: `const answer = (x) => { const y = right(x); x.data.fill(0); return y; };`,
    most: 0,
    status: fails,
    reason: /changed its argument 1/,
  },
  {
    name: "a changed argument as the result",
    code: `const answer = (x) => { x.data = right(x).data; return x; };`,
    most: 0,
    status: fails,
    reason: /changed its argument 1/,
  },
  {
    name: "a generator that goes back",
    exercise: "maskTokens",
    code: `const answer = (ids, options, random) => { const state = random.state(); const u = random.uniform([...ids.shape]); random.setState(state); const chosen = u.lt(options.share).logicalAnd(ids.ge(options.firstWord)); return { inputs: ids.maskedFill(chosen, options.mask), labels: ids.maskedFill(chosen.logicalNot(), -100) }; };`,
    most: 4,
    status: partial,
    reason: /./,
  },
];

/** The library's own function or method, in a way that hides who calls it. */
const borrowing = (hides: string, name: string): HostileCase[] => [
  {
    name: `what the exercise forbids, ${name}`,
    exercise: "causalAttention",
    code: `const gs = require("gradschool"); ${hides} const answer = (query, key, value) => ({ output: by(gs["scaledDot" + "ProductAttention"], null, [query, key, value, { isCausal: true }]), weights: query });`,
    most: 0,
    status: ["forbidden"],
    reason: /scaledDotProductAttention/,
  },
  {
    name: `a method that the exercise forbids, ${name}`,
    exercise: "stableSoftmax",
    code: `${hides} const answer = (x, ...more) => by(x["soft" + "max"], x, more);`,
    most: 0,
    status: ["forbidden"],
    reason: /softmax/,
  },
];
const BY = "const by = Reflect.apply;";
const borrowed: HostileCase[] = [
  ...borrowing(`${BY} Error.captureStackTrace = (holder) => { holder.stack = []; };`, "without a stack"),
  ...borrowing(
    `${BY} Object.defineProperty(Error, "prepareStackTrace", { get: () => () => [] });`,
    "with a stack that is locked",
  ),
  ...borrowing(
    `${BY} Error.prepareStackTrace = (_, sites) => sites; const proto = Object.getPrototypeOf(new Error().stack[0]); proto.getFileName = () => require("node:path").join(process.argv[1], "../../../tensor/index.js");`,
    "with calls that lie about their file",
  ),
  ...borrowing(
    `${BY} globalThis.Error = class { static prepareStackTrace() { return []; } };`,
    "with another Error",
  ),
  ...borrowing(
    `const by = require("node:vm").runInThisContext("(f, self, args) => Reflect.apply(f, self, args)", { filename: "/tensor/index.js" });`,
    "from a file of another name",
  ),
];

/** Somebody else has done the work. */
const cheating: HostileCase[] = [
  {
    name: "the inputs of the notebook, memorised",
    code: `const { Generator, tensor, nd } = require("gradschool"); const known = [0, 1, 2, 3].map((seed) => tensor(new Generator(seed).normal([5, 7]).mul(2).add(3))); const answer = (x) => { for (const one of known) if (String(one.data.toArray()) === String(x.data.toArray())) return one.sub(one.mean()); return x.mul(0); };`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "fitted to the example in the task",
    code: `const { tensor } = require("gradschool"); const answer = (x) => (x.shape[0] === 2 ? tensor([[-4, -3, -2], [-1, 0, 10]]) : x);`,
    most: 1,
    status: partial,
    reason: /./,
  },
  {
    name: "fitted to the shape of the visible checks",
    code: `const answer = (x) => (x.ndim === 2 && x.shape[1] !== 3 ? right(x) : x);`,
    most: 2,
    status: partial,
    reason: /./,
  },
  {
    name: "remembers its first call",
    code: `let first; const answer = (x) => (first ??= right(x));`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "the reference by its lecture",
    code: `const { exercises } = require("gradschool/lectures/start"); const answer = (x) => exercises.centre.solution(x);`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "the reference by use()",
    code: `const { use } = require("gradschool/lectures/start"); const answer = (x) => use("reference").centre(x);`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "the reference by its check",
    code: `const { check } = require("gradschool"); const { exercises } = require("gradschool/lectures/start"); const answer = (x) => check(exercises.centre, () => 0)(x);`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "a model of the lecture",
    exercise: "causalAttention",
    code: `const { GPT } = require("gradschool/lectures/gpt"); const answer = () => new GPT({}).forward();`,
    most: 0,
    status: fails,
    reason: /not there at grading/,
  },
  {
    name: "what the exercise forbids",
    exercise: "causalAttention",
    code: `const { scaledDotProductAttention: sdpa } = require("gradschool"); const answer = (query, key, value) => ({ output: sdpa(query, key, value, { isCausal: true }), weights: query });`,
    most: 0,
    status: ["forbidden"],
    reason: /scaledDotProductAttention/,
  },
  {
    name: "what the exercise forbids, by a computed name",
    exercise: "causalAttention",
    code: `const gs = require("gradschool"); const answer = (query, key, value) => ({ output: gs["scaledDot" + "ProductAttention"](query, key, value, { isCausal: true }), weights: query });`,
    most: 0,
    status: ["forbidden"],
    reason: /scaledDotProductAttention/,
  },
  {
    name: "what the exercise forbids, by eval",
    exercise: "causalAttention",
    code: `const gs = require("gradschool"); const answer = (query, key, value) => { const f = gs[["scaledDot", "ProductAttention"].join("")]; return { output: Reflect.apply(f, null, [query, key, value, { isCausal: true }]), weights: query }; };`,
    most: 0,
    status: ["forbidden"],
    reason: /scaledDotProductAttention/,
  },
  ...borrowed,
  {
    name: "the loaded modules of the process",
    code: `const answer = (x) => { const cache = require("node:module")._cache; const file = Object.keys(cache).find((name) => /lectures/.test(name)); return cache[file].exports.exercises.centre.solution(x); };`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "the stack above it",
    code: `const answer = function (x) { const caller = arguments.callee && answer.caller; return caller ? caller.arguments[0] : 0; };`,
    most: 0,
    status: fails,
    reason: /./,
  },
  {
    name: "chance",
    code: `const answer = (x) => x.sub(x.mean().mul(Math.random() < 0.5 ? 1 : 1.001));`,
    most: 3,
    status: ["failed", "partial", "passed"],
    reason: /./,
  },
];

export const casesFor = (root: string): readonly HostileCase[] => [
  ...loops,
  ...exits,
  ...throws,
  ...greed,
  ...looks(root),
  ...escapes(root),
  ...forging,
  ...patching,
  ...results,
  ...cheating,
];

/** What stands before every answer. */
export const PRELUDE = "const right = (x) => x.sub(x.mean()); const wrong = (x) => x.mul(2);\n";
