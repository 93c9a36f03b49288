import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { closeJudges, findIsolation, type Isolation, markAnswer, works } from "../../../src/grading/wall";
import { commandFor } from "../../../src/grading/wall/isolation";
import { LIMITS } from "../../../src/grading/wall/limits";
import { CLOSES_NETWORK } from "../../../src/grading/wall/search";

const folder = mkdtempSync(path.join(tmpdir(), "wall-"));
afterAll(() => {
  closeJudges();
  rmSync(folder, { recursive: true, force: true });
});

const strongest = findIsolation();
const user = process.getuid?.() === 0 ? 65534 : null;
const plain: Isolation = { name: "process", program: null, user, notes: [], missing: {} };
/** What the answer reports. */
async function report(code: string, isolation: Isolation): Promise<string> {
  const task = { lecture: "start", id: "centre", name: "answer", own: {}, seed: 1 };
  const mark = await markAnswer({ ...task, code }, { isolation, limits: { seconds: 2 } });
  return mark.reason ?? "";
}

const apart: [string, Isolation][] = [
  ["process", works(plain) === null ? plain : { ...plain, user: null }],
  ...(strongest.name === "process" ? [] : ([[strongest.name, strongest]] as [string, Isolation][])),
];

describe.each(apart)("%s", (name, isolation) => {
  it("starts", () => expect(works(isolation)).toBeNull());

  it("has no files, no children, no threads, no lectures, and knows nothing of our environment", async () => {
    const tries = {
      files: `fs.readFileSync("/etc/hostname", "utf8")`,
      folders: `fs.readdirSync("/")`,
      writing: `fs.writeFileSync("/tmp/wall-was-here", "x")`,
      children: `require("node:child_process").execSync("id")`,
      threads: `new (require("node:worker_threads").Worker)("1", { eval: true })`,
      linked: `fs.readFileSync(${JSON.stringify(path.resolve("node_modules/gradschool/dist/lectures/start/exercises/centre.js"))})`,
      lectures: `fs.readFileSync(${JSON.stringify(path.resolve("dist/lectures/start/exercises/centre.js"))})`,
      required: `require(${JSON.stringify(path.resolve("dist/lectures/start/exercises/centre.js"))})`,
    };
    process.env.WALL_SECRET = "secret";
    const attempts = Object.entries(tries).map(([key, what]) => `attempt("${key}", () => ${what});`);
    const told = await report(
      `const fs = require("node:fs");
const told = {};
const attempt = (key, run) => { try { run(); told[key] = "DONE"; } catch (error) { told[key] = String(error.code ?? error.message).slice(0, 40); } };
const answer = () => { ${attempts.join("\n")}
throw new Error(Object.entries(told).flat().join(" ") + " " + Object.keys(process.env).join(" ")); };`,
      isolation,
    );
    for (const key of Object.keys(tries))
      expect(told).toMatch(
        new RegExp(`${key} (ERR_ACCESS_DENIED|EACCES|ENOENT|MODULE_NOT_FOUND|require: /)`),
      );
    expect(told).toContain("GRADSCHOOL_THREADS");
    expect(told).not.toMatch(/secret/i);
    expect(existsSync("/tmp/wall-was-here")).toBe(false);
  });

  // Node's permission model leaves the network open before version 25; a plain process is not for other people's code.
  it.runIf(name !== "process" || CLOSES_NETWORK)("has no network", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    let calls = 0;
    server.on("connection", () => calls++);
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await report(
      `const net = require("node:net"); const answer = (x) => { for (let i = 0; i < 3; i++) net.connect(${port}, "127.0.0.1").on("error", () => {}); const end = Date.now() + 300; while (Date.now() < end); return 0; };`,
      isolation,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(calls).toBe(0);
    server.close();
  });

  it.runIf(process.platform === "linux")("leaves no process behind", async () => {
    const agents = () =>
      readdirSync("/proc").filter((pid) => {
        try {
          return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("wall/agent.js");
        } catch {
          return false;
        }
      });
    await Promise.all([1, 2].map(() => report("const answer = () => { for (;;); };", isolation)));
    // Other test files have agents, too: those end by themselves, an endless loop does not.
    let left = agents();
    for (const end = Date.now() + 40_000; left.length > 0 && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const now = new Set(agents());
      left = left.filter((pid) => now.has(pid));
    }
    expect(left).toEqual([]);
  });
});

describe("a container engine", () => {
  it("is told all that keeps the code apart, and speaks over its own input and output", async () => {
    // No engine runs here: this one starts the program of the image as the engine would, without any walls.
    const engine = path.join(folder, "docker");
    const seen = path.join(folder, "arguments");
    writeFileSync(
      engine,
      `#!/bin/sh
printf '%s\n' "$@" > '${seen}'
while [ "$1" != "--entrypoint" ]; do shift; done
shift 3
exec '${process.execPath}' "$@"
`,
    );
    chmodSync(engine, 0o755);
    const container: Isolation = {
      ...plain,
      name: "container",
      program: engine,
      user: null,
      image: "node:test",
    };
    expect(works(container)).toBeNull();
    const task = { lecture: "start", id: "centre", name: "answer", own: {}, seed: 1 };
    const right = await markAnswer(
      { ...task, code: 'const answer = (x) => { console.log("hello"); return x.sub(x.mean()); };' },
      { isolation: container },
    );
    expect(right).toMatchObject({ status: "passed", earned: right.points });
    const told = readFileSync(seen, "utf8");
    for (const flag of [
      "--network\nnone",
      "--read-only",
      "--cap-drop\nALL",
      "no-new-privileges",
      "--user\n65534:65534",
      "--pids-limit",
      "--memory\n768m",
    ])
      expect(told).toContain(flag);
    expect(told).not.toContain("lectures");
  });
});

describe("the command of bubblewrap", () => {
  it("shows the library and the system, read-only, and nothing else", () => {
    const { args } = commandFor({ ...plain, name: "bubblewrap", program: "bwrap" }, LIMITS);
    expect(args.filter((arg) => /allow-fs-read.*gradschool\/\*$/.test(arg))).toEqual([]);
    const shown = args.flatMap((arg, i) => (arg === "--ro-bind" ? [args[i + 1]] : []));
    expect(args).not.toContain("--bind");
    expect(args).toEqual(
      expect.arrayContaining(["--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]),
    );
    for (const one of shown) expect(one).not.toMatch(/lectures|\/src\b|\/home|\/root|hidden/);
    expect(shown).toContain(path.resolve("dist/tensor"));
  });
});

/** Those that a process has started, and what these have started. */
function below(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").split(" ").filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...below(child)]);
}

it.skipIf(!existsSync("/proc/self/task"))(
  "an answer that sleeps ends with the grader, also when that is killed with all of its group",
  async () => {
    const code = `const answer = () => { require("node:fs").writeSync(2, "asleep"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); };`;
    const task = { lecture: "start", id: "centre", name: "answer", own: {}, seed: 1, code };
    const options = { isolation: apart[0][1], limits: { seconds: 60 } };
    const wall = JSON.stringify(path.resolve("dist/grading/wall/index.js"));
    const program = `require(${wall}).markAnswer(${JSON.stringify(task)}, ${JSON.stringify(options)})`;
    const grader = spawn(process.execPath, ["-e", program], { detached: true, stdio: "ignore" });
    const agents = () =>
      below(grader.pid as number).filter((pid) => {
        const [file, ...args] = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
        return file === process.execPath && args.some((arg) => arg.endsWith("agent.js"));
      });
    const until = async (test: () => boolean) => {
      for (let i = 0; i < 600 && !test(); i++) await new Promise((done) => setTimeout(done, 50));
      return test();
    };
    const sleeps = (pid: number) =>
      /\bS\b/.test(readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, "").slice(0, 3)) &&
      readFileSync(`/proc/${pid}/wchan`, "latin1").includes("futex");
    // One that nobody has waited for yet keeps its number, but not its words.
    const isGone = (pid: number) =>
      !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/cmdline`, "latin1") === "";
    let agent = 0;
    try {
      expect(await until(() => agents().some(sleeps))).toBe(true);
      agent = agents()[0];
      process.kill(-(grader.pid as number), "SIGKILL");
      expect(await until(() => isGone(agent))).toBe(true);
    } finally {
      grader.kill("SIGKILL");
      if (agent && !isGone(agent)) process.kill(agent, "SIGKILL");
    }
  },
  60_000,
);
