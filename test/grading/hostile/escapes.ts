import type { HostileCase } from "./cases";

/** All points of `centre`: two visible checks that count, two hidden ones. */
export const ALL = 4;

/** A right answer, which tries something besides that must not work; if it does, it says so and loses its marks. */
export const reading = (what: string, name: string): HostileCase => ({
  name,
  code: `const fs = require("node:fs"); const answer = (x) => { let seen = ""; try { ${what} } catch {} if (seen) throw new Error("SEEN " + String(seen).slice(0, 80)); return right(x); };`,
  most: ALL,
  least: ALL,
  status: ["passed"],
  reason: null,
});

/** Ways out that Node brings, beside the plain ones. @param root the project's folder */
export const escapes = (root: string): HostileCase[] => [
  reading(
    `process._kill(process.ppid, 0); seen = "signalled";`,
    "sends signals by the function below process.kill",
  ),
  reading(`require("node:os").setPriority(process.ppid, 19); seen = "slowed";`, "slows its parent down"),
  reading(`process._debugProcess(process.ppid); seen = "debugged";`, "wakes the debugger of its parent"),
  reading(
    `seen = process.getBuiltinModule("node:child_process").execFileSync("/usr/bin/id").toString();`,
    "runs a program by another way to the module",
  ),
  reading(
    `const { WASI } = require("node:wasi"); new WASI({ version: "preview1", preopens: { "/": "/" } }); seen = "opened";`,
    "opens the root folder by WASI",
  ),
  reading(
    `const { DatabaseSync } = require("node:sqlite"); const db = new DatabaseSync("/tmp/gradschool-escape.db"); db.exec("create table t (a)"); seen = "written";`,
    "writes a database",
  ),
  reading(
    `const { DatabaseSync } = require("node:sqlite"); const db = new DatabaseSync(":memory:", { allowExtension: true }); db.loadExtension("/usr/lib/x86_64-linux-gnu/libc.so.6"); seen = "loaded";`,
    "loads native code by a database",
  ),
  reading(
    `const { register } = require("node:module"); register("data:text/javascript,export const load = () => {}"); seen = "registered";`,
    "starts a thread by a module loader",
  ),
  reading(`require("node:cluster").fork(); seen = "forked";`, "starts a process by the cluster module"),
  reading(
    `require("node:v8").writeHeapSnapshot("/tmp/gradschool-escape.heap"); seen = fs.statSync("/tmp/gradschool-escape.heap").size;`,
    "writes a picture of its memory",
  ),
  reading(
    `process.report.writeReport("/tmp/gradschool-escape.json"); seen = fs.existsSync("/tmp/gradschool-escape.json") ? "written" : "";`,
    "writes a report of itself",
  ),
  reading(
    `seen = require("node:module").createRequire("${root}/dist/lectures/index.js")("./start/exercises/centre.js");`,
    "requires as if it were the course",
  ),
  reading(`process.setuid(0); seen = "root";`, "becomes root"),
  reading(
    `for (const part of ["self/root", "1/root", "self/cwd", "thread-self/root"]) seen += fs.readdirSync("/proc/" + part).join();`,
    "climbs by links of /proc",
  ),
  reading(
    `seen = fs.readFileSync(Buffer.from("${root}/dist/lectures/start/exercises/centre.js")).length;`,
    "reads by a path of bytes",
  ),
  reading(
    `seen = fs.readFileSync("${root}/dist/tensor/../lectures/start/exercises/centre.js", "utf8");`,
    "climbs out of the library by dots",
  ),
  reading(
    `seen = fs.readFileSync(new URL("file://${root}/dist/tensor/%2e%2e/lectures/start/exercises/centre.js"), "utf8");`,
    "climbs out of the library by an escaped address",
  ),
  {
    name: "a module that is asked for by import()",
    code: `let seen = ""; import("node:child_process").then((m) => { seen = m.execSync("id").toString(); }, () => {}); const answer = (x) => { if (seen) throw new Error("SEEN"); return right(x); };`,
    most: ALL,
    least: ALL,
    status: ["passed"],
    reason: null,
  },
  {
    name: "takes the wall's own classes apart",
    code: `const cache = require("node:module")._cache; for (const one of Object.values(cache)) for (const part of Object.values(one.exports ?? {})) if (typeof part === "function" && part.prototype) for (const name of ["answer", "perform", "ask", "value"]) if (name in part.prototype) part.prototype[name] = () => ({ verdict: "passed", earned: 99 }); const answer = (x) => wrong(x);`,
    most: 0,
    status: ["failed", "crashed", "timeout"],
    reason: /./,
  },
  {
    name: "ends well without having answered",
    code: `const answer = () => { const fs = require("node:fs"); fs.closeSync(3); process.reallyExit(0); };`,
    most: 0,
    status: ["crashed"],
    reason: /its process ended/,
  },
  {
    name: "answers with a function of the checks",
    exercise: "topologicalOrder",
    code: `const answer = (root, inputsOf) => inputsOf;`,
    most: 0,
    status: ["failed"],
    reason: /./,
  },
  {
    name: "a list with a length that grows while it is read",
    code: `const answer = () => new Proxy([], { get: (target, key) => (key === "length" ? (target.n = (target.n ?? 0) + 1e6) : 0) });`,
    most: 0,
    status: ["failed", "memory", "timeout", "crashed"],
    reason: /./,
  },
  {
    name: "stops itself",
    code: `const answer = (x) => { process.emit("SIGSTOP"); process.emit("exit", 0); process.emit("disconnect"); return wrong(x); };`,
    most: 0,
    status: ["failed", "crashed", "timeout"],
    reason: /./,
  },
  {
    name: "answers again after the answer",
    code: `const answer = (x) => { const y = wrong(x); setImmediate(() => require("node:fs").writeSync(3, "again")); Promise.resolve().then(() => { y.data.fill(0); }); return y; };`,
    most: 0,
    status: ["failed", "crashed"],
    reason: /./,
  },
  {
    name: "right only where nobody looks closely",
    code: `let n = 0; const answer = (x) => (n++ % 2 === 0 ? right(x) : right(x).add(1e-3));`,
    most: 3,
    status: ["failed", "partial"],
    reason: /./,
  },
  {
    name: "knows when it is graded",
    code: `const answer = (x) => (process.env.GRADSCHOOL_PROGRESS === "0" ? wrong(x) : right(x));`,
    most: 0,
    status: ["failed", "partial"],
    reason: /./,
  },
];
